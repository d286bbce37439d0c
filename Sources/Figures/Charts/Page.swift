/// What a chart has about its content: white ground, and a title and the keys to the colours above.
struct Page {
  /// The whole drawing.
  let size: ChartSize
  /// The title, or nothing.
  let title: String?
  private let legend: Legend

  /// The room at all sides.
  static let edge = 10.0
  private static let titleHeight = 26.0

  /// A page without content.
  ///
  /// - Parameters:
  ///   - size: of the whole drawing.
  ///   - title: above everything, or nil.
  ///   - legend: the keys to the colours.
  init(size: ChartSize, title: String?, legend entries: [Legend.Entry] = []) {
    self.size = size
    self.title = title
    legend = Legend(entries, width: size.width - 2 * Page.edge)
  }

  /// Where the content begins, from above.
  var top: Double {
    Page.edge + (title == nil ? 0 : Page.titleHeight) + (legend.rows.isEmpty ? 6 : legend.height + 6)
  }

  /// The whole drawing.
  ///
  /// - Parameters:
  ///   - label: what it is to those who do not see it, where there is no title.
  ///   - content: draws the rest, in coordinates of the drawing.
  func draw(label: String, _ content: (inout SVG) -> Void) -> String {
    var svg = SVG()
    svg.element(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "width": size.width, "height": size.height,
        "viewBox": "0 0 \(size.width.svg) \(size.height.svg)", "role": "img", "aria-label": title ?? label,
        "font-family": "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif",
      ]
    ) { svg in
      svg.element("rect", ["width": "100%", "height": "100%", "fill": Palette.paper])
      if let title {
        svg.text(title, x: Page.edge, y: Page.edge + 13, size: 15, color: Palette.ink, bold: true)
      }
      legend.draw(into: &svg, x: Page.edge, y: Page.edge + (title == nil ? 0 : Page.titleHeight) - 2)
      content(&svg)
    }
    return svg.markup
  }
}
