/// What all charts with two axes have about their plot beside a page: grid, ticks and axis titles.
///
/// The frame finds the room for all of these, and what is left is the plot.
struct Frame {
  private let page: Page
  /// The axis from left to right.
  let x: AxisScale
  /// The axis from bottom to top.
  let y: AxisScale
  /// The plot's top left corner in the drawing.
  let origin: (x: Double, y: Double)
  /// The plot's size.
  let plot: (width: Double, height: Double)

  private let xTicks: [Tick]
  private let yTicks: [Tick]

  private static let tickSize = 12.0
  private static let tickLength = 5.0

  /// A frame around the data that the axes cover.
  ///
  /// - Parameters:
  ///   - size: of the whole drawing.
  ///   - title: above everything, or nil.
  ///   - legend: the keys to the colours.
  ///   - x: the axis from left to right.
  ///   - y: the axis from bottom to top.
  ///   - yTicks: the marks on `y`, where they are not numbers; nil to choose round numbers.
  ///   - rightMargin: room right of the plot for something else.
  init(
    size: ChartSize, title: String?, legend entries: [Legend.Entry] = [], x: AxisScale,
    y: AxisScale, yTicks names: [Tick]? = nil, rightMargin: Double = 0
  ) {
    page = Page(size: size, title: title, legend: entries)
    self.x = x
    self.y = y
    let bottom = Page.edge + (x.axis.title.isEmpty ? 0 : 22) + Frame.tickSize + 10
    let height = max(40, size.height - page.top - bottom)

    yTicks = names ?? y.ticks(count: max(2, Int(height / 42)))
    let yLabels = yTicks.map { TextWidth.estimate($0.label, size: Frame.tickSize) }.max() ?? 0
    let yTitle = y.axis.title.isEmpty ? 0 : 22.0
    let left = Page.edge + yTitle + yLabels + Frame.tickLength + 4
    let roughWidth = size.width - left - Page.edge - rightMargin
    xTicks = Frame.ticks(x, along: roughWidth)
    // The last label is centred on its tick and may reach beyond the plot.
    let overhang =
      (xTicks.last.map { TextWidth.estimate($0.label, size: Frame.tickSize) } ?? 0) / 2
    let right = max(Page.edge + rightMargin, rightMargin > 0 ? 0 : overhang + 4)
    origin = (left, page.top)
    plot = (max(40, size.width - left - right), height)
  }

  /// As many ticks along a width as leave their labels apart.
  static func ticks(_ scale: AxisScale, along width: Double) -> [Tick] {
    var count = max(2, Int(width / 76))
    while true {
      let ticks = scale.ticks(count: count)
      let isApart = zip(ticks, ticks.dropFirst()).allSatisfy { left, right in
        let gap = ((scale.fraction(right.value) ?? 0) - (scale.fraction(left.value) ?? 0)) * width
        let halves = TextWidth.estimate(left.label + right.label, size: tickSize) / 2
        return gap > halves + 14
      }
      if isApart || count <= 2 { return ticks }
      count -= 1
    }
  }

  /// Where a pair of numbers lies in the plot; nil if it has no place on these axes.
  func place(_ xValue: Double, _ yValue: Double) -> (x: Double, y: Double)? {
    guard let across = x.fraction(xValue), let up = y.fraction(yValue) else { return nil }
    return (across * plot.width, (1 - up) * plot.height)
  }

  /// The whole drawing.
  ///
  /// - Parameters:
  ///   - hasGrid: whether lines go through the plot at the ticks.
  ///   - outside: draws beside the plot, in coordinates of the drawing.
  ///   - content: draws the plot, in its own coordinates, cut off at its edges.
  func draw(
    hasGrid: Bool = true, outside: (inout SVG) -> Void = { _ in }, content: (inout SVG) -> Void
  ) -> String {
    page.draw(label: [y.axis.title, x.axis.title].joined(separator: ", ")) { svg in
      if hasGrid { drawGrid(into: &svg) }
      // A nested drawing cuts off without an identifier, which another chart of the page could
      // share.
      svg.element(
        "svg",
        [
          "x": origin.x, "y": origin.y, "width": plot.width, "height": plot.height,
          "overflow": "hidden",
        ], content)
      drawAxes(into: &svg)
      outside(&svg)
    }
  }

  private func drawGrid(into svg: inout SVG) {
    for tick in xTicks {
      guard let fraction = x.fraction(tick.value) else { continue }
      let place = origin.x + fraction * plot.width
      svg.line(
        from: (place, origin.y), to: (place, origin.y + plot.height), color: Palette.grid)
    }
    for tick in yTicks {
      guard let fraction = y.fraction(tick.value) else { continue }
      let place = origin.y + (1 - fraction) * plot.height
      svg.line(from: (origin.x, place), to: (origin.x + plot.width, place), color: Palette.grid)
    }
  }

  private func drawAxes(into svg: inout SVG) {
    let bottom = origin.y + plot.height
    let right = origin.x + plot.width
    svg.line(from: (origin.x, bottom), to: (right, bottom), color: Palette.axis)
    svg.line(from: (origin.x, origin.y), to: (origin.x, bottom), color: Palette.axis)
    for tick in xTicks {
      guard let fraction = x.fraction(tick.value) else { continue }
      let place = origin.x + fraction * plot.width
      svg.line(from: (place, bottom), to: (place, bottom + Frame.tickLength), color: Palette.axis)
      svg.text(
        tick.label, x: place, y: bottom + Frame.tickLength + 13, anchor: .middle,
        size: Frame.tickSize, color: Palette.faintText)
    }
    for tick in yTicks {
      guard let fraction = y.fraction(tick.value) else { continue }
      let place = origin.y + (1 - fraction) * plot.height
      svg.line(
        from: (origin.x - Frame.tickLength, place), to: (origin.x, place), color: Palette.axis)
      svg.text(
        tick.label, x: origin.x - Frame.tickLength - 4, y: place + 4, anchor: .end,
        size: Frame.tickSize, color: Palette.faintText)
    }
    svg.text(
      x.axis.title, x: origin.x + plot.width / 2, y: page.size.height - Page.edge, anchor: .middle,
      size: 13)
    svg.text(
      y.axis.title, x: Page.edge + 10, y: origin.y + plot.height / 2, anchor: .middle, size: 13,
      rotation: -90)
  }
}
