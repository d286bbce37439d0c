/// Draws of several coordinates: the density of each on the diagonal, and of each pair below it.
///
/// Densities are by kernels. Lines enclose half and nine tenths of the mass; a second set of draws is drawn as lines
/// alone, so that the two can be compared.
public struct CornerPlot: Chart {
  /// Draws by coordinate.
  public struct Draws: Sendable {
    /// The name in the legend; empty for none.
    public var name: String
    /// The numbers of each coordinate, finite and equally many.
    public var columns: [[Double]]

    /// Draws and their name.
    public init(_ name: String, _ columns: [[Double]]) { (self.name, self.columns) = (name, columns) }
  }

  /// The title above the chart, or nil.
  public var title: String?
  /// The names of the coordinates.
  public var names: [String]
  /// What is shown.
  public var draws: Draws
  /// What it is compared with, or nil.
  public var reference: Draws?
  /// The side of a panel, in pixels.
  public var side: Double

  private static let (gap, left, bottom, edge) = (9.0, 62.0, 46.0, 12.0)
  private static let (nodes, lineNodes) = (72, 160)
  private static let shares = [0.5, 0.9]
  private static let (color, otherColor) = ("#2171B5", "#D6604D")

  /// A plot of draws.
  ///
  /// - Parameters:
  ///   - title: above the chart, or nil.
  ///   - names: of the coordinates, at least one.
  ///   - draws: what is shown.
  ///   - reference: what it is compared with.
  ///   - side: of a panel, in pixels.
  public init(
    title: String? = nil, names: [String], draws: Draws, reference: Draws? = nil, side: Double = 150
  ) {
    for set in [draws, reference].compactMap(\.self) {
      precondition(
        !names.isEmpty && set.columns.count == names.count
          && set.columns.allSatisfy { $0.count == set.columns[0].count && $0.allSatisfy(\.isFinite) },
        "CornerPlot: expected finite columns of equal length for \(names), got \(set.columns.map(\.count))")
    }
    (self.title, self.names, self.draws, self.reference, self.side) = (title, names, draws, reference, side)
  }

  /// The chart as one self-contained `<svg>` element.
  public func svg() -> String {
    let ranges = names.indices.map { KernelDensity.range(of: draws.columns[$0] + (reference?.columns[$0] ?? [])) }
    let legend = Legend(entries, width: 10_000)
    let top = Self.edge + (title == nil ? 0 : 26) + (legend.rows.isEmpty ? 0 : legend.height + 6)
    let whole = Double(names.count) * (side + Self.gap)
    let (width, height) = (max(200, Self.left + whole + Self.edge), top + whole + Self.bottom)
    var svg = SVG()
    svg.element(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "width": width, "height": height,
        "viewBox": "0 0 \(width.svg) \(height.svg)", "role": "img",
        "aria-label": title ?? names.joined(separator: ", "),
        "font-family": "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif",
      ]
    ) { svg in
      svg.element("rect", ["width": "100%", "height": "100%", "fill": Palette.paper])
      if let title { svg.text(title, x: Self.edge, y: Self.edge + 13, size: 15, color: Palette.ink, bold: true) }
      legend.draw(into: &svg, x: Self.edge, y: Self.edge + (title == nil ? 0 : 26) - 2)
      for row in names.indices {
        for column in 0...row {
          let origin = (
            x: Self.left + Double(column) * (side + Self.gap), y: top + Double(row) * (side + Self.gap)
          )
          panel(row, column, ranges, at: origin, into: &svg)
        }
      }
    }
    return svg.markup
  }

  private var entries: [Legend.Entry] {
    [
      Legend.Entry(name: draws.name, color: Self.color, mark: .line(dashes: "")),
      Legend.Entry(name: reference?.name ?? "", color: Self.otherColor, mark: .line(dashes: "")),
    ].filter { !$0.name.isEmpty }
  }

  /// One panel with its frame, and the ticks that it has at the rim of the whole.
  private func panel(
    _ row: Int, _ column: Int, _ ranges: [ClosedRange<Double>], at origin: (x: Double, y: Double), into svg: inout SVG
  ) {
    // Nested drawings cut off at their edges.
    svg.element(
      "svg", ["x": origin.x, "y": origin.y, "width": side, "height": side, "overflow": "hidden"]
    ) { svg in
      row == column ? curve(row, ranges[row], into: &svg) : plane(row, column, ranges, into: &svg)
    }
    let (right, low) = (origin.x + side, origin.y + side)
    svg.line(from: (origin.x, low), to: (right, low), color: Palette.axis)
    if row != column {
      svg.element(
        "rect",
        [
          "x": origin.x, "y": origin.y, "width": side, "height": side, "fill": "none", "stroke": Palette.axis,
          "stroke-width": 1,
        ])
    }
    if row == names.count - 1 {
      ticks(ranges[column]) { fraction, label in
        let x = origin.x + fraction * side
        svg.line(from: (x, low), to: (x, low + 4), color: Palette.axis)
        svg.text(label, x: x, y: low + 16, anchor: .middle, size: 11, color: Palette.faintText)
      }
      svg.text(names[column], x: origin.x + side / 2, y: low + 36, anchor: .middle, size: 13)
    }
    if column == 0, row > 0 {
      ticks(ranges[row]) { fraction, label in
        let y = low - fraction * side
        svg.line(from: (origin.x - 4, y), to: (origin.x, y), color: Palette.axis)
        svg.text(label, x: origin.x - 7, y: y + 4, anchor: .end, size: 11, color: Palette.faintText)
      }
      svg.text(names[row], x: Self.edge + 6, y: origin.y + side / 2, anchor: .middle, size: 13, rotation: -90)
    }
  }

  /// A few round numbers, away from the corners.
  private func ticks(_ range: ClosedRange<Double>, _ draw: (Double, String) -> Void) {
    for tick in Ticks.linear(range, count: 3) {
      let fraction = (tick.value - range.lowerBound) / (range.upperBound - range.lowerBound)
      if (0.05...0.95).contains(fraction) { draw(fraction, tick.label) }
    }
  }

  private func curve(_ index: Int, _ range: ClosedRange<Double>, into svg: inout SVG) {
    let sets = [draws, reference].compactMap(\.self)
    let heights = sets.map { KernelDensity.line($0.columns[index], over: range, nodes: Self.lineNodes) }
    let most = heights.joined().max() ?? 1
    for (number, density) in heights.enumerated() {
      let points = density.enumerated().map { place, value in
        let height = value.isFinite ? 0.92 * value / max(most, 1e-300) : 0
        return (x: Double(place) / Double(Self.lineNodes - 1) * side, y: side * (1 - height))
      }
      var line = Path()
      line.polyline(points)
      if number == 0 {
        var area = Path()
        area.polyline([(x: 0, y: side)] + points + [(x: side, y: side)])
        area.close()
        svg.element("path", ["d": area.commands, "fill": "#C6DBEF"])
      }
      svg.element(
        "path",
        ["d": line.commands, "fill": "none", "stroke": number == 0 ? Self.color : Self.otherColor, "stroke-width": 1.5])
    }
  }

  private func plane(_ row: Int, _ column: Int, _ ranges: [ClosedRange<Double>], into svg: inout SVG) {
    func field(_ set: Draws) -> ScalarField {
      KernelDensity.plane(
        x: set.columns[column], y: set.columns[row], over: ranges[column], ranges[row], nodes: Self.nodes)
    }
    let shown = field(draws)
    let most = shown.extremes?.upperBound ?? 1
    let pixels = 3 * Self.nodes / 2
    let shades = (0...255).map { Colormap.blues.color(at: 0.85 * Double($0) / 255) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(3 * pixels * pixels)
    for y in 0..<pixels {
      for x in 0..<pixels {
        let value = shown.value(
          across: (Double(x) + 0.5) / Double(pixels), up: 1 - (Double(y) + 0.5) / Double(pixels))
        let share = value / max(most, 1e-300)
        bytes += shades[share.isFinite ? Int(255 * min(1, max(0, share))) : 0]
      }
    }
    let image = PixelImage(width: pixels, height: pixels, channels: 3, pixels: bytes)
    svg.element(
      "image",
      ["x": 0.0, "y": 0.0, "width": side, "height": side, "preserveAspectRatio": "none", "href": image.dataURI])
    outlines(shown, Self.color, into: &svg)
    if let reference { outlines(field(reference), Self.otherColor, into: &svg) }
  }

  private func outlines(_ field: ScalarField, _ color: String, into svg: inout SVG) {
    for share in Self.shares {
      var path = Path()
      for line in Isoline.lines(of: field, level: field.level(enclosing: share)) {
        path.polyline(line.map { (x: $0.x * side, y: (1 - $0.y) * side) })
      }
      guard !path.isEmpty else { continue }
      svg.element(
        "path", ["d": path.commands, "fill": "none", "stroke": color, "stroke-width": 1.1, "stroke-linejoin": "round"])
    }
  }
}
