import Foundation

/// Points of three coordinates in a box, coloured by class or by a number: sets in space, seen along parallel lines from a
/// fixed place.
///
///     let plot = ScatterPlot3D(
///       title: "s-curve-3d", x: "x1", y: "x2", z: "x3", points: points, factor: angles, Axis("angle"))
///
/// Points that are nearer cover those that are farther. The three walls of the box that are farthest carry a grid.
public struct ScatterPlot3D: Chart {
  /// A point in space.
  public typealias Point = (x: Double, y: Double, z: Double)

  /// The points of one class.
  public struct Group: Sendable {
    /// The name in the legend; empty for none.
    public var name: String
    /// The points; one with a coordinate that is not finite is left out.
    public var points: [Point]

    /// Points of one class.
    public init(_ name: String, points: [Point]) {
      self.name = name
      self.points = points
    }
  }

  /// What gives a point its colour.
  private enum Color: Sendable {
    case category(Int)
    case value(Double)
  }

  /// The title above the chart, or nil.
  public var title: String?
  /// The axis that runs to the right and to the front.
  public var x: Axis
  /// The axis that runs to the right and to the back.
  public var y: Axis
  /// The axis from bottom to top.
  public var z: Axis
  /// The size of the drawing.
  public var size: ChartSize
  private let points: [(place: Point, color: Color)]
  private let names: [String]
  private let factor: AxisScale?

  /// A plot of classes.
  ///
  /// - Parameters:
  ///   - title: above the chart, or nil.
  ///   - groups: the points, class by class, each in a colour of its own; they come round again after ten.
  ///   - size: of the drawing.
  public init(
    title: String? = nil, x: Axis, y: Axis, z: Axis, groups: [Group], size: ChartSize = .square
  ) {
    (self.title, self.x, self.y, self.z, self.size) = (title, x, y, z, size)
    points = groups.enumerated().flatMap { index, group in group.points.map { ($0, .category(index)) } }
    names = groups.map(\.name)
    factor = nil
  }

  /// A plot of points with a number each, such as what they were made of.
  ///
  /// - Parameters:
  ///   - title: above the chart, or nil.
  ///   - points: any number of them.
  ///   - factor: as many numbers; a point whose number is not finite is grey.
  ///   - axis: what the numbers are, for the key to the colours.
  ///   - size: of the drawing.
  public init(
    title: String? = nil, x: Axis, y: Axis, z: Axis, points: [Point], factor: [Double], _ axis: Axis,
    size: ChartSize = .square
  ) {
    precondition(
      points.count == factor.count,
      "ScatterPlot3D: expected a number for each point, got \(factor.count) for \(points.count)")
    (self.title, self.x, self.y, self.z, self.size) = (title, x, y, z, size)
    self.points = zip(points, factor).map { ($0, .value($1)) }
    names = []
    self.factor = AxisScale(axis, covering: factor, air: 0)
  }

  /// The chart as one self-contained `<svg>` element.
  public func svg() -> String {
    let page = Page(
      size: size, title: title,
      legend: names.enumerated().map { Legend.Entry(name: $1, color: Palette.category($0), mark: .dot) })
    let bar = factor.map { ColorBar(scale: $0, colormap: .viridis) }
    let right = size.width - (bar.map { $0.width + 4 } ?? Page.edge)
    let box = BoxView(
      x: AxisScale(x, covering: points.map(\.place.x)), y: AxisScale(y, covering: points.map(\.place.y)),
      z: AxisScale(z, covering: points.map(\.place.z)), left: Page.edge, right: right, top: page.top,
      bottom: size.height - Page.edge)
    return page.draw(label: [x, y, z].map(\.title).joined(separator: ", ")) { svg in
      box.draw(into: &svg)
      draw(in: box, into: &svg)
      bar?.draw(into: &svg, x: right, y: page.top + 20, height: size.height - page.top - 60)
    }
  }

  /// Draws the points, the farthest first; those next to each other that have one colour are one path.
  private func draw(in box: BoxView, into svg: inout SVG) {
    let seen = points.compactMap { point in box.place(point.place).map { (at: $0, color: color(point.color)) } }
      .sorted { $0.at.depth < $1.at.depth }
    let diameter = min(7, max(2, 9 - 1.5 * Double(max(seen.count, 1).description.count)))
    svg.element(
      "g", ["fill": "none", "stroke-width": diameter, "stroke-linecap": "round", "stroke-opacity": 0.8]
    ) { svg in
      var start = 0
      while start < seen.count {
        let end = seen[start...].firstIndex { $0.color != seen[start].color } ?? seen.count
        var dots = Path()
        for point in seen[start..<end] { dots.dot((point.at.x, point.at.y)) }
        svg.element("path", ["d": dots.commands, "stroke": seen[start].color])
        start = end
      }
    }
  }

  /// Colours of numbers that are told apart: with fewer, more points share a path.
  private static let shades = 64.0

  private func color(_ color: Color) -> String {
    switch color {
    case .category(let index): return Palette.category(index)
    case .value(let value):
      let fraction = factor?.fraction(value).map { ($0 * Self.shades).rounded() / Self.shades } ?? .nan
      return "#" + Colormap.viridis.color(at: fraction).map { String(format: "%02X", $0) }.joined()
    }
  }
}
