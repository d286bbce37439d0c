import Foundation

extension DiagramLayout {
  private static let header = 40.0

  /// Those without room in the drawing, then the styles.
  private var rows: [Diagram.Arrow] { listed + diagram.legend }

  /// The rectangle around nodes, labels and arrows.
  private var bounds: Box {
    let bends = curves.map { curve in
      let points = (0...20).map { curve.at(Double($0) / 20) }
      let (x, y) = (points.map(\.x), points.map(\.y))
      return Box(left: x.min()!, top: y.min()!, right: x.max()!, bottom: y.max()!).grown(4)
    }
    let boxes = diagram.nodes.map(Self.box) + labels.map(\.box) + bends
    return Box(
      left: boxes.map(\.left).min() ?? 0, top: boxes.map(\.top).min() ?? 0, right: boxes.map(\.right).max() ?? 0,
      bottom: boxes.map(\.bottom).max() ?? 0)
  }

  /// The size of the page, and how far the drawing is moved on it.
  var page: (size: (width: Double, height: Double), shift: Diagram.Point) {
    let bounds = bounds
    let rowWidth = rows.map { 50 + Formula($0.label).width(size: Self.legendSize) }.max() ?? 0
    let titleWidth = TextWidth.estimate(diagram.title, size: 15)
    let width = max(bounds.right - bounds.left, rowWidth, titleWidth, 180) + 2 * Self.edge
    let height = Self.header + (bounds.bottom - bounds.top) + 18 + Double(rows.count) * Self.row + Self.edge
    return ((width, height), .init(width / 2 - (bounds.left + bounds.right) / 2, Self.header - bounds.top))
  }

  /// The whole drawing, the nodes over the arrows, and the legend under them.
  func svg() -> String {
    let ((width, height), shift) = page
    let legendTop = height - Self.edge - Double(rows.count) * Self.row
    var svg = SVG()
    svg.element(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "width": width, "height": height,
        "viewBox": "0 0 \(width.svg) \(height.svg)", "role": "img", "aria-label": diagram.title,
        "font-family": "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif",
      ]
    ) { svg in
      svg.element("rect", ["width": "100%", "height": "100%", "fill": Palette.paper])
      svg.text(diagram.title, x: Self.edge, y: 24, size: 15, color: Palette.ink, bold: true)
      svg.element("g", ["transform": "translate(\(shift.x.svg) \(shift.y.svg))"]) { svg in
        for (curve, arrow) in zip(curves, diagram.arrows) { draw(curve, arrow, into: &svg) }
        for node in diagram.nodes { draw(node, into: &svg) }
        let size = Self.labelSize(diagram)
        for label in labels {
          let box = label.box
          Formula(label.text).draw(
            into: &svg, x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 + size * 0.32, size: size,
            color: label.color)
        }
      }
      for (index, arrow) in rows.enumerated() {
        let y = legendTop + (Double(index) + 0.5) * Self.row
        let sample = Curve(from: .init(Self.edge, y), to: .init(Self.edge + 36, y), bend: 0)
        draw(sample, arrow, into: &svg)
        Formula(arrow.label).draw(
          into: &svg, x: Self.edge + 46, y: y + 4, anchor: .start, size: Self.legendSize,
          color: index < listed.count ? Self.color(arrow) : Palette.text)
      }
    }
    return svg.markup
  }

  private func draw(_ node: Diagram.Node, into svg: inout SVG) {
    let box = Self.box(node)
    if node.isBox {
      svg.element(
        "rect",
        [
          "x": box.left, "y": box.top, "width": box.right - box.left, "height": box.bottom - box.top, "rx": 6.0,
          "fill": "#F4F6F9", "stroke": Palette.axis, "stroke-width": 1.2,
        ])
    } else {
      svg.element(
        "circle",
        [
          "cx": node.place.x, "cy": node.place.y, "r": Self.radius, "fill": Palette.paper, "stroke": Palette.ink,
          "stroke-width": 1.5,
        ])
    }
    Formula(node.name).draw(into: &svg, x: node.place.x, y: node.place.y + Self.fontSize * 0.33, size: Self.fontSize)
  }

  private func draw(_ curve: Curve, _ arrow: Diagram.Arrow, into svg: inout SVG) {
    let color = Self.color(arrow)
    let tip = curve.end
    let direction = curve.direction(1)
    let base = Diagram.Point(tip.x - direction.x * Self.headLength, tip.y - direction.y * Self.headLength)
    let half = Self.headLength * 0.46
    // The line ends at the base of the head, so that an outlined head is empty.
    let line =
      arrow.hasHead
      ? curve.ending { point in
        (point.x - tip.x) * direction.x + (point.y - tip.y) * direction.y > -Self.headLength
          && abs((point.x - tip.x) * direction.y - (point.y - tip.y) * direction.x) < Self.headLength
      } : curve
    svg.element(
      "path",
      [
        "d": line.commands, "fill": "none", "stroke": color, "stroke-width": 1.6,
        "stroke-dasharray": arrow.isDashed ? "6 4" : "",
      ])
    guard arrow.hasHead else { return }
    var head = Path()
    head.polyline([
      (tip.x, tip.y), (base.x - direction.y * half, base.y + direction.x * half),
      (base.x + direction.y * half, base.y - direction.x * half),
    ])
    head.close()
    svg.element(
      "path",
      [
        "d": head.commands, "fill": arrow.isHollow ? Palette.paper : color, "stroke": color, "stroke-width": 1.4,
        "stroke-linejoin": "round",
      ])
  }
}
