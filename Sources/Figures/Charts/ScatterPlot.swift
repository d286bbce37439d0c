/// Points of two coordinates, coloured by class: codes of a latent space of two dimensions.
public struct ScatterPlot: Chart {
  /// The points of one class.
  public struct Group: Sendable {
    /// The name in the legend; empty for none.
    public var name: String
    /// The first coordinates, shape `[points]`.
    public var x: [Double]
    /// The second coordinates, shape `[points]`; a point with one that is not finite is left out.
    public var y: [Double]

    /// Points of one class.
    ///
    /// - Parameters:
    ///   - name: in the legend; empty for none.
    ///   - x: shape `[points]`.
    ///   - y: shape `[points]`.
    public init(_ name: String, x: [Double], y: [Double]) {
      precondition(
        x.count == y.count,
        "ScatterPlot.Group '\(name)': expected as many x and y, got \(x.count) and \(y.count)")
      self.name = name
      self.x = x
      self.y = y
    }
  }

  /// The title above the chart, or nil.
  public var title: String?
  /// The axis from left to right.
  public var x: Axis
  /// The axis from bottom to top.
  public var y: Axis
  /// The classes. Colours serve for ten, their squares for twenty; then they come round again.
  public var groups: [Group]
  /// The size of the drawing.
  public var size: ChartSize

  /// A plot of classes.
  ///
  /// - Parameters:
  ///   - title: above the chart, or nil.
  ///   - x: the axis from left to right.
  ///   - y: the axis from bottom to top.
  ///   - groups: the points, class by class.
  ///   - size: of the drawing.
  public init(
    title: String? = nil, x: Axis, y: Axis, groups: [Group], size: ChartSize = .square
  ) {
    self.title = title
    self.x = x
    self.y = y
    self.groups = groups
    self.size = size
  }

  /// A plot of points with a class each.
  ///
  /// - Parameters:
  ///   - title: above the chart, or nil.
  ///   - x: the axis from left to right.
  ///   - y: the axis from bottom to top.
  ///   - points: the coordinates, any number of them.
  ///   - labels: the class of each point, in `names`; as many as points.
  ///   - names: the name of each class.
  ///   - size: of the drawing.
  public init(
    title: String? = nil, x: Axis, y: Axis, points: [(x: Double, y: Double)], labels: [Int],
    names: [String], size: ChartSize = .square
  ) {
    precondition(
      points.count == labels.count,
      "ScatterPlot: expected as many labels as points, got \(labels.count) and \(points.count)")
    var groups = names.map { Group($0, x: [], y: []) }
    for (point, label) in zip(points, labels) {
      precondition(
        groups.indices.contains(label),
        "ScatterPlot: expected labels below \(names.count), got \(label)")
      groups[label].x.append(point.x)
      groups[label].y.append(point.y)
    }
    self.init(title: title, x: x, y: y, groups: groups, size: size)
  }

  /// The chart as one self-contained `<svg>` element.
  public func svg() -> String {
    let frame = Frame(
      size: size, title: title,
      legend: groups.enumerated().map { index, group in
        Legend.Entry(
          name: group.name, color: Palette.category(index), mark: isSquare(index) ? .square : .dot)
      },
      x: AxisScale(x, covering: groups.flatMap(\.x)),
      y: AxisScale(y, covering: groups.flatMap(\.y)))
    return frame.draw { svg in draw(in: frame, into: &svg) }
  }

  /// Draws all classes in turns, a part of each at a time, so that none covers the others.
  private func draw(in frame: Frame, into svg: inout SVG) {
    let total = groups.reduce(0) { $0 + $1.x.count }
    // Smaller dots for more of them: a hundred are 6 pixels wide, ten thousand 3.
    let diameter = min(7, max(2, 9 - 1.5 * Double(max(total, 1).description.count)))
    let turns = 6
    for turn in 0..<turns {
      for (index, group) in groups.enumerated() {
        var dots = Path()
        for member in stride(from: turn, to: group.x.count, by: turns) {
          if let place = frame.place(group.x[member], group.y[member]) { dots.dot(place) }
        }
        guard !dots.isEmpty else { continue }
        svg.element(
          "path",
          [
            "d": dots.commands, "fill": "none", "stroke": Palette.category(index),
            "stroke-width": diameter, "stroke-linecap": isSquare(index) ? "square" : "round",
            "stroke-opacity": 0.8,
          ])
      }
    }
  }

  private func isSquare(_ index: Int) -> Bool { index / Palette.classes.count % 2 == 1 }
}
