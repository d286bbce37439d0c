/// The key to the colours of a field: a bar with ticks at the right of the plot.
struct ColorBar {
  /// The numbers the colours stand for.
  let scale: AxisScale
  /// The colours.
  let colormap: Colormap

  private static let gap = 16.0
  private static let barWidth = 14.0
  private static let tickSize = 12.0
  private let ticks: [Tick]

  init(scale: AxisScale, colormap: Colormap) {
    self.scale = scale
    self.colormap = colormap
    ticks = scale.ticks(count: 7)
  }

  /// The room it takes at the right of the plot, in pixels.
  var width: Double {
    let labels = ticks.map { TextWidth.estimate($0.label, size: ColorBar.tickSize) }.max() ?? 0
    return ColorBar.gap + ColorBar.barWidth + 9 + labels + (scale.axis.title.isEmpty ? 0 : 22)
  }

  /// Draws the bar; `x` is the right edge of the plot, `y` its top.
  func draw(into svg: inout SVG, x: Double, y: Double, height: Double) {
    let left = x + ColorBar.gap
    let right = left + ColorBar.barWidth
    let steps = 256
    let image = PixelImage(
      width: 1, height: steps, channels: 3,
      pixels: (0..<steps).flatMap { colormap.color(at: 1 - (Double($0) + 0.5) / Double(steps)) })
    svg.element(
      "image",
      [
        "x": left, "y": y, "width": ColorBar.barWidth, "height": height,
        "preserveAspectRatio": "none", "href": image.dataURI,
      ])
    svg.element(
      "rect",
      [
        "x": left, "y": y, "width": ColorBar.barWidth, "height": height, "fill": "none",
        "stroke": Palette.axis,
      ])
    for tick in ticks {
      guard let fraction = scale.fraction(tick.value) else { continue }
      let place = y + (1 - fraction) * height
      svg.line(from: (right, place), to: (right + 4, place), color: Palette.axis)
      svg.text(
        tick.label, x: right + 8, y: place + 4, size: ColorBar.tickSize, color: Palette.faintText)
    }
    svg.text(
      scale.axis.title, x: x + width - 4, y: y + height / 2, anchor: .middle, size: 13,
      rotation: -90)
  }
}
