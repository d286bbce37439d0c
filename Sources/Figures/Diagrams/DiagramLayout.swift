import Foundation

/// Where everything of a diagram stands: curves, labels, the list of those without room, and the legend.
struct DiagramLayout {
  /// A rectangle.
  struct Box {
    var left, top, right, bottom: Double

    func meets(_ other: Box) -> Bool {
      left < other.right && other.left < right && top < other.bottom && other.top < bottom
    }

    func contains(_ point: Diagram.Point) -> Bool {
      point.x > left && point.x < right && point.y > top && point.y < bottom
    }

    func grown(_ margin: Double) -> Box {
      Box(left: left - margin, top: top - margin, right: right + margin, bottom: bottom + margin)
    }

    /// Of its centre.
    func distance(to point: Diagram.Point) -> Double {
      let (dx, dy) = ((left + right) / 2 - point.x, (top + bottom) / 2 - point.y)
      return (dx * dx + dy * dy).squareRoot()
    }
  }

  static let fontSize = 14.0
  static let radius = 19.0
  static let headLength = 11.0
  private static let bend = 17.0
  private static let padding = (x: 9.0, y: 8.0)
  static let legendSize = 12.0
  static let row = 20.0
  static let edge = 14.0

  let diagram: Diagram
  /// A curve for each arrow, between the borders of its nodes.
  let curves: [Curve]
  /// Labels with a place, and the boxes that they fill.
  let labels: [(text: String, color: String, box: Box)]
  /// Arrows whose label has no place in the drawing; each label once.
  let listed: [Diagram.Arrow]

  init(_ diagram: Diagram) {
    self.diagram = diagram
    let places = Dictionary(uniqueKeysWithValues: diagram.nodes.map { ($0.name, $0) })
    let order = Dictionary(uniqueKeysWithValues: diagram.nodes.enumerated().map { ($1.name, $0) })
    var curves: [Curve] = []
    for (index, arrow) in diagram.arrows.enumerated() {
      let pair = Set([arrow.from, arrow.to])
      let same = diagram.arrows.indices.filter { Set([diagram.arrows[$0].from, diagram.arrows[$0].to]) == pair }
      let offset = Double(same.firstIndex(of: index)!) - Double(same.count - 1) / 2
      let isForward = order[arrow.from]! < order[arrow.to]!
      let (from, to) = (places[arrow.from]!, places[arrow.to]!)
      let whole = Curve(from: from.place, to: to.place, bend: 2 * Self.bend * offset * (isForward ? 1 : -1))
      curves.append(whole.clipped({ Self.covers(from, $0, 2) }, { Self.covers(to, $0, 3) }))
    }
    self.curves = curves
    (labels, listed) = Self.placed(diagram, curves)
  }

  /// Whether a node, and `margin` about it, cover a point.
  static func covers(_ node: Diagram.Node, _ point: Diagram.Point, _ margin: Double) -> Bool {
    guard node.isBox else {
      let (dx, dy) = (point.x - node.place.x, point.y - node.place.y)
      return dx * dx + dy * dy < (radius + margin) * (radius + margin)
    }
    return Self.box(node).grown(margin).contains(point)
  }

  /// The rectangle about a node.
  static func box(_ node: Diagram.Node) -> Box {
    let half =
      node.isBox
      ? (x: Formula(node.name).width(size: fontSize) / 2 + padding.x, y: fontSize / 2 + padding.y)
      : (x: radius, y: radius)
    return Box(
      left: node.place.x - half.x, top: node.place.y - half.y, right: node.place.x + half.x,
      bottom: node.place.y + half.y)
  }

  /// The size of labels: those of boxes are words, and smaller.
  static func labelSize(_ diagram: Diagram) -> Double {
    diagram.nodes.first?.isBox == true ? legendSize - 1 : fontSize
  }

  /// What a label keeps from arrows that are not its own.
  private static let margin = 5.0

  /// Each label beside one of its arrows where it covers nothing and no other arrow is as near; outside, if it can.
  private static func placed(
    _ diagram: Diagram, _ curves: [Curve]
  ) -> (labels: [(text: String, color: String, box: Box)], listed: [Diagram.Arrow]) {
    let points = curves.map { curve in (0...80).map { curve.at(Double($0) / 80) } }
    let nodes = diagram.nodes.map(Self.box)
    let count = Double(max(1, diagram.nodes.count))
    let centre = Diagram.Point(
      diagram.nodes.reduce(0) { $0 + $1.place.x } / count, diagram.nodes.reduce(0) { $0 + $1.place.y } / count)
    var labels: [(text: String, color: String, box: Box)] = []
    var listed: [Diagram.Arrow] = []
    var done: Set<String> = []
    for (index, arrow) in diagram.arrows.enumerated() where !arrow.label.isEmpty {
      if diagram.sharesLabels, !done.insert(arrow.label).inserted { continue }
      let mine =
        diagram.sharesLabels ? diagram.arrows.indices.filter { diagram.arrows[$0].label == arrow.label } : [index]
      let free = candidates(mine.map { curves[$0] }, arrow.label, labelSize(diagram), centre).first { box in
        let wide = box.grown(margin)
        return !nodes.contains { $0.meets(box) } && !labels.contains { $0.box.meets(box) }
          && !points.indices.contains { points[$0].contains(where: (mine.contains($0) ? box : wide).contains) }
      }
      if let free {
        labels.append((arrow.label, color(arrow), free))
      } else {
        listed.append(arrow)
      }
    }
    return (labels, listed)
  }

  /// Boxes beside curves: near their middles first, and on the side away from the centre.
  private static func candidates(
    _ curves: [Curve], _ label: String, _ size: Double, _ centre: Diagram.Point
  ) -> [Box] {
    let width = Formula(label).width(size: size)
    return [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82].flatMap { t in
      curves.flatMap { curve in
        [6.0, 12, 20].flatMap { gap in
          [1.0, -1].map { Self.label(beside: curve, t, gap, $0, width, size) }.sorted { a, b in
            a.distance(to: centre) > b.distance(to: centre)
          }
        }
      }
    }
  }

  /// The box of a label whose nearest point is `gap` beside a curve.
  private static func label(
    beside curve: Curve, _ t: Double, _ gap: Double, _ side: Double, _ width: Double, _ size: Double
  ) -> Box {
    let (point, direction) = (curve.at(t), curve.direction(t))
    let (nx, ny) = (-direction.y * side, direction.x * side)
    let (halfWidth, halfHeight) = (width / 2, size * 0.62)
    // The support of a rectangle in the normal's direction.
    let reach = abs(nx) * halfWidth + abs(ny) * halfHeight
    let (x, y) = (point.x + nx * (gap + reach), point.y + ny * (gap + reach))
    return Box(left: x - halfWidth, top: y - halfHeight, right: x + halfWidth, bottom: y + halfHeight)
  }

  static func color(_ arrow: Diagram.Arrow) -> String { arrow.isBlue ? "#2563C9" : Palette.ink }
}
