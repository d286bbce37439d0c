/// Curves over a common axis: losses over steps, bounds over annealing lengths.
///
///     LineChart(
///       title: "Evidence lower bound", x: Axis("step"), y: Axis("ELBO", unit: "nats"),
///       series: [.init("train", x: steps, y: elbo, deviation: spread)])
public struct LineChart: Chart {
  /// One curve.
  public struct Series: Sendable {
    /// The name in the legend; empty for none.
    public var name: String
    /// Where the points stand, shape `[points]`.
    public var x: [Double]
    /// How high they are, shape `[points]`; NaN and infinity are gaps.
    public var y: [Double]
    /// Half the height of the band about the curve at each point, shape `[points]`; nil for no
    /// band.
    public var deviation: [Double]?
    /// Whether the curve is dashed, as a reference beside a measurement is.
    public var isDashed: Bool
    /// Whether each point is marked, as fits a curve of few.
    public var marksPoints: Bool

    /// A curve.
    ///
    /// - Parameters:
    ///   - name: in the legend; empty for none.
    ///   - x: shape `[points]`.
    ///   - y: shape `[points]`; NaN and infinity are gaps.
    ///   - deviation: the standard deviation at each point, shape `[points]`; nil for no band.
    ///   - isDashed: whether the curve is dashed.
    ///   - marksPoints: whether each point is marked.
    public init(
      _ name: String, x: [Double], y: [Double], deviation: [Double]? = nil, isDashed: Bool = false,
      marksPoints: Bool = false
    ) {
      precondition(
        x.count == y.count && (deviation?.count ?? y.count) == y.count,
        "LineChart.Series '\(name)': expected as many x, y and deviations, "
          + "got \(x.count), \(y.count) and \(deviation?.count ?? y.count)")
      self.name = name
      self.x = x
      self.y = y
      self.deviation = deviation
      self.isDashed = isDashed
      self.marksPoints = marksPoints
    }
  }

  /// The title above the chart, or nil.
  public var title: String?
  /// The axis from left to right.
  public var x: Axis
  /// The axis from bottom to top.
  public var y: Axis
  /// The curves, the first drawn first.
  public var series: [Series]
  /// The size of the drawing.
  public var size: ChartSize

  /// A chart of curves.
  ///
  /// - Parameters:
  ///   - title: above the chart, or nil.
  ///   - x: the axis from left to right.
  ///   - y: the axis from bottom to top.
  ///   - series: the curves, any number of them, of any length.
  ///   - size: of the drawing.
  public init(
    title: String? = nil, x: Axis, y: Axis, series: [Series], size: ChartSize = .standard
  ) {
    self.title = title
    self.x = x
    self.y = y
    self.series = series
    self.size = size
  }

  /// The chart as one self-contained `<svg>` element.
  public func svg() -> String {
    let heights = series.flatMap { curve in
      curve.y.indices.flatMap { index -> [Double] in
        let half = curve.deviation?[index] ?? 0
        return half.isFinite
          ? [curve.y[index] - half, curve.y[index], curve.y[index] + half] : [curve.y[index]]
      }
    }
    let frame = Frame(
      size: size, title: title,
      legend: series.enumerated().map { index, curve in
        Legend.Entry(
          name: curve.name, color: Palette.line(index), mark: .line(dashes: dashes(index)))
      },
      x: AxisScale(x, covering: series.flatMap(\.x), air: 0.015),
      y: AxisScale(y, covering: heights))
    return frame.draw { svg in
      for (index, curve) in series.enumerated() {
        draw(curve, color: Palette.line(index), dashes: dashes(index), in: frame, into: &svg)
      }
    }
  }

  /// The dash pattern of a curve: given, or the second way to tell curves apart when colours come
  /// round.
  private func dashes(_ index: Int) -> String {
    series[index].isDashed ? "6 4" : index >= Palette.lines.count ? "2 3" : ""
  }

  private func draw(
    _ curve: Series, color: String, dashes: String, in frame: Frame, into svg: inout SVG
  ) {
    // Four points a pixel column: its first, lowest, highest and last.
    let indices = Downsampling.indices(
      count: curve.y.count, limit: 4 * Int(frame.plot.width)
    ) { frame.place(curve.x[$0], curve.y[$0]) == nil ? nil : curve.y[$0] }
    var (line, dots, band) = (Path(), Path(), Path())
    for run in indices.split(separator: nil).map({ $0.compactMap(\.self) }) {
      let points = run.compactMap { frame.place(curve.x[$0], curve.y[$0]) }
      // A point between two gaps has no line to be seen by.
      if points.count == 1 || curve.marksPoints {
        for point in points { dots.dot(point) }
      }
      if points.count > 1 { line.polyline(points) }
      if let deviation = curve.deviation {
        append(run, of: curve, deviation, in: frame, to: &band)
      }
    }
    if !band.isEmpty {
      svg.element("path", ["d": band.commands, "fill": color, "fill-opacity": 0.16])
    }
    if !line.isEmpty {
      svg.element(
        "path",
        [
          "d": line.commands, "fill": "none", "stroke": color, "stroke-width": 1.8,
          "stroke-linejoin": "round", "stroke-linecap": dashes.isEmpty ? "round" : "butt",
          "stroke-dasharray": dashes,
        ])
    }
    if !dots.isEmpty {
      svg.element(
        "path",
        [
          "d": dots.commands, "fill": "none", "stroke": color, "stroke-width": 6,
          "stroke-linecap": "round",
        ])
    }
  }

  /// The outline of the band along one unbroken run: its upper edge, and its lower edge backwards.
  private func append(
    _ run: [Int], of curve: Series, _ deviation: [Double], in frame: Frame, to band: inout Path
  ) {
    let inside = run.filter { deviation[$0].isFinite }
    guard inside.count > 1 else { return }
    func edge(_ index: Int, _ sign: Double) -> (x: Double, y: Double)? {
      let height = curve.y[index] + sign * deviation[index]
      // On a logarithmic scale a band may reach below 0: it then ends at the bottom of the plot.
      return frame.place(curve.x[index], height)
        ?? frame.place(curve.x[index], frame.y.range.lowerBound)
    }
    let upper = inside.compactMap { edge($0, 1) }
    let lower = inside.reversed().compactMap { edge($0, -1) }
    band.polyline(upper + lower)
    band.close()
  }
}
