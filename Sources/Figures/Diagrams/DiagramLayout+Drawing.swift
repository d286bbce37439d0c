import Foundation

extension DiagramLayout {
  /// The whole drawing, the nodes over the arrows, and the legend under them.
  func svg() -> String {
    let boxes = diagram.nodes.map(Self.box) + labels.map(\.box)
      + curves.map { curve in
        let points = (0...20).map { curve.at(Double($0) / 20) }
        return Box(
          left: points.map(\.x).min()! - 4, top: points.map(\.y).min()! - 4, right: points.map(\.x).max()! + 4,
          bottom: points.map(\.y).max()! + 4)
      }
    let left = boxes.map(\.left).min() ?? 0
    let right = boxes.map(\.right).max() ?? 0
    let top = boxes.map(\.top).min() ?? 0
    let bottom = boxes.map(\.bottom).max() ?? 0
    let rows = listed + diagram.legend
    let rowWidth = rows.map { 50 + Formula($0.label).width(size: Self.legendSize) }.max() ?? 0
    let titleWidth = TextWidth.estimate(diagram.title, size: 15)
    let width = max(right - left, rowWidth, titleWidth, 180) + 2 * Self.edge
    let header = 40.0
    let legendTop = header + (bottom - top) + 18
    let height = legendTop + Double(rows.count) * Self.row + Self.edge
    let shift = Diagram.Point(width / 2 - (left + right) / 2, header - top)
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
          Formula(label.text).draw(
            into: &svg, x: (label.box.left + label.box.right) / 2, y: (label.box.top + label.box.bottom) / 2 + size * 0.32,
            size: size, color: label.color)
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
      ? curve.clipped({ _ in false }) { point in
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
