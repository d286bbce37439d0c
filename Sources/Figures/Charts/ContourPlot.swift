import Foundation

/// A function of two coordinates as colours and lines of equal value: a density, an energy, an
/// error.
public struct ContourPlot: Chart {
  /// How the field is shown.
  public struct Layers: OptionSet, Hashable, Sendable {
    /// The bits of the layers.
    public let rawValue: Int
    /// Layers by their bits.
    public init(rawValue: Int) { self.rawValue = rawValue }
    /// A colour at each point.
    public static let colors = Layers(rawValue: 1)
    /// Lines of equal value.
    public static let lines = Layers(rawValue: 2)
  }

  /// The title above the chart, or nil.
  public var title: String?
  /// The axis from left to right; shows the field's rectangle unless it has a range.
  public var x: Axis
  /// The axis from bottom to top; shows the field's rectangle unless it has a range.
  public var y: Axis
  /// What is shown.
  public var field: ScalarField
  /// What the colours mean, beside the colour bar; its range is the range of colours.
  public var value: Axis
  /// The colours.
  public var colormap: Colormap
  /// Colours, lines, or both.
  public var layers: Layers
  /// Points on top, in coordinates of the axes: samples beside their density.
  public var points: [(x: Double, y: Double)]
  /// The size of the drawing.
  public var size: ChartSize

  /// A plot of a field.
  ///
  /// - Parameters:
  ///   - title: above the chart, or nil.
  ///   - x: the axis from left to right, linear.
  ///   - y: the axis from bottom to top, linear.
  ///   - field: what is shown.
  ///   - value: what the colours mean; linear.
  ///   - colormap: the colours.
  ///   - layers: colours, lines, or both.
  ///   - points: points on top, in coordinates of the axes.
  ///   - size: of the drawing.
  public init(
    title: String? = nil, x: Axis, y: Axis, field: ScalarField, value: Axis,
    colormap: Colormap = .viridis, layers: Layers = [.colors, .lines],
    points: [(x: Double, y: Double)] = [], size: ChartSize = .square
  ) {
    precondition(
      x.scale == .linear && y.scale == .linear && value.scale == .linear,
      "ContourPlot: expected linear axes, got a logarithmic one")
    self.title = title
    self.x = x
    self.y = y
    self.field = field
    self.value = value
    self.colormap = colormap
    self.layers = layers
    self.points = points
    self.size = size
  }

  /// The chart as one self-contained `<svg>` element.
  public func svg() -> String {
    let colors = AxisScale(
      value, covering: field.extremes.map { [$0.lowerBound, $0.upperBound] } ?? [], air: 0)
    let bar = ColorBar(scale: colors, colormap: colormap)
    let frame = Frame(
      size: size, title: title,
      x: AxisScale(x, covering: [field.x.lowerBound, field.x.upperBound], air: 0),
      y: AxisScale(y, covering: [field.y.lowerBound, field.y.upperBound], air: 0),
      rightMargin: bar.width)
    return frame.draw(
      hasGrid: !layers.contains(.colors),
      outside: { svg in
        bar.draw(
          into: &svg, x: frame.origin.x + frame.plot.width, y: frame.origin.y,
          height: frame.plot.height)
      },
      content: { svg in
        if layers.contains(.colors) { drawColors(colors, in: frame, into: &svg) }
        if layers.contains(.lines) { drawLines(colors, in: frame, into: &svg) }
        drawPoints(in: frame, into: &svg)
      })
  }

  private func drawColors(_ colors: AxisScale, in frame: Frame, into svg: inout SVG) {
    // Two pixels between nodes, and the viewer's own smoothing, look even at any size.
    let (width, height) = (min(2 * field.columns, 512), min(2 * field.rows, 512))
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * 3)
    for row in 0..<height {
      for column in 0..<width {
        let value = field.value(
          across: (Double(column) + 0.5) / Double(width),
          up: 1 - (Double(row) + 0.5) / Double(height))
        pixels += colormap.color(at: colors.fraction(value) ?? value.fractionBeyond)
      }
    }
    let image = PixelImage(width: width, height: height, channels: 3, pixels: pixels)
    let corner = place((0, 1), in: frame)
    let opposite = place((1, 0), in: frame)
    svg.element(
      "image",
      [
        "x": corner.x, "y": corner.y, "width": opposite.x - corner.x,
        "height": opposite.y - corner.y, "preserveAspectRatio": "none", "href": image.dataURI,
      ])
  }

  private func drawLines(_ colors: AxisScale, in frame: Frame, into svg: inout SVG) {
    for tick in colors.ticks(count: 12) {
      var path = Path()
      for line in Isoline.lines(of: field, level: tick.value) {
        path.polyline(line.map { place($0, in: frame) })
      }
      guard !path.isEmpty else { continue }
      // On colours a line must show on light and dark ground; on paper it carries the colour
      // itself.
      let fraction = colors.fraction(tick.value) ?? 0
      let ground = colormap.color(at: fraction)
      let isDark =
        Double(ground[0]) * 0.3 + Double(ground[1]) * 0.59 + Double(ground[2]) * 0.11 < 110
      svg.element(
        "path",
        [
          "d": path.commands, "fill": "none", "stroke-width": layers.contains(.colors) ? 1 : 1.6,
          "stroke": layers.contains(.colors)
            ? (isDark ? "#FFFFFF" : "#000000")
            : "rgb(\(ground.map(String.init).joined(separator: ",")))",
          "stroke-opacity": layers.contains(.colors) ? 0.5 : 1, "stroke-linejoin": "round",
        ])
    }
  }

  private func drawPoints(in frame: Frame, into svg: inout SVG) {
    var dots = Path()
    for point in points {
      if let place = frame.place(point.x, point.y) { dots.dot(place) }
    }
    guard !dots.isEmpty else { return }
    // A white rim keeps a dark dot visible on dark ground.
    for (color, width) in [("#FFFFFF", 5.0), ("#1F2328", 3.0)] {
      svg.element(
        "path",
        [
          "d": dots.commands, "fill": "none", "stroke": color, "stroke-width": width,
          "stroke-linecap": "round",
        ])
    }
  }

  /// A place in the plot, of fractions of the field's rectangle.
  private func place(_ part: (x: Double, y: Double), in frame: Frame) -> (x: Double, y: Double) {
    func number(_ fraction: Double, _ range: ClosedRange<Double>) -> Double {
      range.lowerBound * (1 - fraction) + range.upperBound * fraction
    }
    return frame.place(number(part.x, field.x), number(part.y, field.y)) ?? (0, 0)
  }
}

extension Double {
  /// Where infinities lie in a range of colours: at its ends. NaN has no place and stays NaN.
  fileprivate var fractionBeyond: Double { isNaN ? .nan : self > 0 ? 1 : 0 }
}
