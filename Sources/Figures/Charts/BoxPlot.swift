/// Samples side by side as boxes: posteriors of parameters, one number over many seeds.
///
/// The boxes lie, one below the other, so that names of any length can be read.
public struct BoxPlot: Chart {
  /// One sample.
  public struct Group: Sendable {
    /// The name left of the box.
    public var name: String
    /// The sample, shape `[values]`; what is not finite is left out.
    public var values: [Double]

    /// A sample.
    ///
    /// - Parameters:
    ///   - name: left of the box.
    ///   - values: shape `[values]`.
    public init(_ name: String, values: [Double]) {
      self.name = name
      self.values = values
    }
  }

  /// The title above the chart, or nil.
  public var title: String?
  /// What the numbers are.
  public var axis: Axis
  /// The samples, from top to bottom.
  public var groups: [Group]
  /// A number to compare all samples to, as a dashed line; nil for none.
  public var reference: Double?
  /// The width of the drawing, in pixels; its height follows from the number of samples.
  public var width: Double

  /// A plot of samples: the box holds their middle half, the whiskers reach the furthest value
  /// within one and a half boxes, and dots are what lies beyond.
  ///
  /// - Parameters:
  ///   - title: above the chart, or nil.
  ///   - axis: what the numbers are.
  ///   - groups: the samples, from top to bottom.
  ///   - reference: a number to compare to, or nil.
  ///   - width: of the drawing, in pixels.
  public init(
    title: String? = nil, axis: Axis, groups: [Group], reference: Double? = nil, width: Double = 600
  ) {
    self.title = title
    self.axis = axis
    self.groups = groups
    self.reference = reference
    self.width = width
  }

  /// The chart as one self-contained `<svg>` element.
  public func svg() -> String {
    let rowHeight = 38.0
    let rows = Double(max(groups.count, 1))
    let furniture = title == nil ? 80.0 : 106.0
    let frame = Frame(
      size: ChartSize(width: width, height: max(150, rowHeight * rows + furniture)), title: title,
      x: AxisScale(axis, covering: groups.flatMap(\.values) + [reference].compactMap(\.self)),
      y: AxisScale(Axis("", range: 0...rows), covering: []),
      yTicks: groups.enumerated().map {
        Tick(value: rows - 0.5 - Double($0), label: $1.name)
      })
    return frame.draw { svg in
      if let reference, let place = frame.place(reference, 0) {
        svg.element(
          "line",
          [
            "x1": place.x, "y1": 0.0, "x2": place.x, "y2": frame.plot.height,
            "stroke": Palette.ink, "stroke-width": 1.4, "stroke-dasharray": "5 4",
          ])
      }
      for (index, group) in groups.enumerated() {
        guard let summary = BoxSummary(placeable(group.values)) else { continue }
        draw(summary, at: rows - 0.5 - Double(index), in: frame, into: &svg)
      }
    }
  }

  /// The values that have a place on the axis.
  private func placeable(_ values: [Double]) -> [Double] {
    axis.scale == .logarithmic ? values.filter { $0 > 0 } : values
  }

  private func draw(_ box: BoxSummary, at row: Double, in frame: Frame, into svg: inout SVG) {
    func x(_ value: Double) -> Double { frame.place(value, row)?.x ?? 0 }
    let y = frame.place(box.median, row)?.y ?? 0
    let half = 0.28 * frame.plot.height / Double(max(groups.count, 1))
    let color = Palette.line(0)
    for (start, end) in [
      (box.lowerWhisker, box.lowerQuartile), (box.upperQuartile, box.upperWhisker),
    ] {
      svg.line(from: (x(start), y), to: (x(end), y), color: color, width: 1.4)
    }
    for end in [box.lowerWhisker, box.upperWhisker] {
      svg.line(
        from: (x(end), y - half / 2), to: (x(end), y + half / 2), color: color, width: 1.4)
    }
    svg.element(
      "rect",
      [
        "x": x(box.lowerQuartile), "y": y - half,
        "width": x(box.upperQuartile) - x(box.lowerQuartile), "height": 2 * half,
        "fill": "#DCE6F1", "stroke": color, "stroke-width": 1.4,
      ])
    svg.line(
      from: (x(box.median), y - half), to: (x(box.median), y + half), color: color, width: 3)
    var dots = Path()
    for outlier in box.outliers { dots.dot((x(outlier), y)) }
    if !dots.isEmpty {
      svg.element(
        "path",
        [
          "d": dots.commands, "fill": "none", "stroke": color, "stroke-width": 4.5,
          "stroke-linecap": "round", "stroke-opacity": 0.55,
        ])
    }
  }
}
