import Foundation

/// Variables or systems and the arrows between them, with a legend under them.
///
///     let drawing = Diagram(
///       title: "vae", nodes: .circle(["x", "z"]),
///       arrows: [.init("z", "x", label: "p_theta(x|z)"), .init("x", "z", label: "q_eta(z|x)", isDashed: true)])
///
/// Arrows between the same two nodes are bent away from each other. A label stands beside its arrow where there is room
/// and in a list under the drawing where there is none, so that nothing covers anything.
public struct Diagram: Chart {
  /// Something with a name and a place.
  public struct Node: Sendable, Equatable {
    /// Its name, a formula; see `Formula`.
    public let name: String
    /// Its centre, in pixels.
    public let place: Point
    /// Whether it is a box about its name, and not a circle.
    public let isBox: Bool

    /// A node at a place.
    public init(_ name: String, at place: Point, isBox: Bool = false) {
      self.name = name
      self.place = place
      self.isBox = isBox
    }
  }

  /// A place in the drawing, in pixels from its top left corner.
  public struct Point: Sendable, Equatable {
    /// To the right and downwards, pixels.
    public let x, y: Double

    /// A place at these pixels.
    public init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
  }

  /// From one node to another.
  public struct Arrow: Sendable, Equatable {
    /// The names of its ends.
    public let from, to: String
    /// What it says, a formula.
    public let label: String
    /// Whether it is dashed.
    public let isDashed: Bool
    /// Whether its head is an outline.
    public let isHollow: Bool
    /// Whether it is blue.
    public let isBlue: Bool
    /// Whether it has a head.
    public let hasHead: Bool

    /// An arrow between nodes.
    public init(
      _ from: String, _ to: String, label: String = "", isDashed: Bool = false, isHollow: Bool = false,
      isBlue: Bool = false, hasHead: Bool = true
    ) {
      self.from = from
      self.to = to
      self.label = label
      self.isDashed = isDashed
      self.isHollow = isHollow
      self.isBlue = isBlue
      self.hasHead = hasHead
    }
  }

  /// The title above the drawing.
  public let title: String
  /// The nodes.
  public let nodes: [Node]
  /// The arrows.
  public let arrows: [Arrow]
  /// Styles and what they mean; an arrow's label is the meaning.
  public let legend: [Arrow]
  /// Whether arrows with the same label share one, as those of one distribution do.
  public let sharesLabels: Bool

  /// - Parameters:
  ///   - legend: arrows with their meaning as label; their ends do not matter.
  ///   - sharesLabels: whether arrows with the same label share one.
  public init(title: String, nodes: [Node], arrows: [Arrow], legend: [Arrow] = [], sharesLabels: Bool = true) {
    let names = Set(nodes.map(\.name))
    precondition(names.count == nodes.count, "Diagram: expected nodes of different names, got \(nodes.map(\.name))")
    for arrow in arrows {
      precondition(
        names.contains(arrow.from) && names.contains(arrow.to),
        "Diagram: expected arrows between nodes, got \(arrow.from) to \(arrow.to)")
    }
    self.title = title
    self.nodes = nodes
    self.arrows = arrows
    self.legend = legend
    self.sharesLabels = sharesLabels
  }

  /// The drawing as one self-contained `<svg>` element.
  public func svg() -> String { DiagramLayout(self).svg() }
}

extension [Diagram.Node] {
  /// Nodes on a circle, the first at the bottom, the others clockwise: no arrow between two of them meets a third.
  public static func circle(_ names: [String]) -> [Diagram.Node] {
    guard names.count > 1 else { return names.map { Diagram.Node($0, at: .init(0, 0)) } }
    let radius = Swift.max(100, 32 * Double(names.count))
    return names.enumerated().map { index, name in
      let angle = Double.pi / 2 + 2 * Double.pi * Double(index) / Double(names.count)
      return Diagram.Node(name, at: .init(radius * cos(angle), radius * sin(angle)))
    }
  }
}
