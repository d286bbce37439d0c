/// The keys to the colours of a chart, in rows above its plot.
struct Legend {
  /// One key.
  struct Entry {
    let name: String
    let color: String
    let mark: Mark
  }

  /// How a series looks in its plot.
  enum Mark {
    /// A line, with a dash pattern of SVG or none.
    case line(dashes: String)
    /// A filled circle.
    case dot
    /// A filled square.
    case square
  }

  static let rowHeight = 20.0
  private static let fontSize = 12.0
  private static let gap = 18.0

  /// The rows, as entries with the place of their left edge.
  let rows: [[(entry: Entry, x: Double)]]

  /// Lays the entries out, left to right and top to bottom; those without a name are left out.
  init(_ entries: [Entry], width: Double) {
    var rows: [[(entry: Entry, x: Double)]] = []
    var x = 0.0
    for entry in entries where !entry.name.isEmpty {
      let length =
        Legend.markWidth(entry.mark) + 6 + TextWidth.estimate(entry.name, size: Legend.fontSize)
      if rows.isEmpty || (x + length > width && x > 0) {
        rows.append([])
        x = 0
      }
      rows[rows.count - 1].append((entry, x))
      x += length + Legend.gap
    }
    self.rows = rows
  }

  /// The height of all rows, in pixels.
  var height: Double { Double(rows.count) * Legend.rowHeight }

  /// Draws the rows, the top left corner at the given place.
  func draw(into svg: inout SVG, x left: Double, y top: Double) {
    for (index, row) in rows.enumerated() {
      let y = top + (Double(index) + 0.5) * Legend.rowHeight
      for (entry, x) in row {
        draw(entry, into: &svg, x: left + x, y: y)
      }
    }
  }

  private func draw(_ entry: Entry, into svg: inout SVG, x: Double, y: Double) {
    let width = Legend.markWidth(entry.mark)
    switch entry.mark {
    case .line(let dashes):
      svg.element(
        "line",
        [
          "x1": x, "y1": y, "x2": x + width, "y2": y, "stroke": entry.color, "stroke-width": 2.5,
          "stroke-dasharray": dashes,
        ])
    case .dot:
      svg.element("circle", ["cx": x + width / 2, "cy": y, "r": width / 2, "fill": entry.color])
    case .square:
      svg.element(
        "rect",
        ["x": x, "y": y - width / 2, "width": width, "height": width, "fill": entry.color])
    }
    svg.text(entry.name, x: x + width + 6, y: y + 4, size: Legend.fontSize)
  }

  private static func markWidth(_ mark: Mark) -> Double {
    switch mark {
    case .line: 22
    case .dot, .square: 9
    }
  }
}
