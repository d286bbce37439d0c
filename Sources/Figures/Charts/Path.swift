/// The `d` attribute of an SVG path as it is being written.
struct Path {
  /// The commands so far.
  private(set) var commands = ""

  /// Whether nothing has been drawn.
  var isEmpty: Bool { commands.isEmpty }

  /// A line through the points.
  mutating func polyline(_ points: some Sequence<(x: Double, y: Double)>) {
    var isFirst = true
    for point in points {
      commands += "\(isFirst ? "M" : "L")\(point.x.svg) \(point.y.svg)"
      isFirst = false
    }
  }

  /// A line of no length, which round caps make a dot: the shortest markup for a point there is.
  mutating func dot(_ point: (x: Double, y: Double)) {
    commands += "M\(point.x.svg) \(point.y.svg)h0"
  }

  /// Back to where the line began.
  mutating func close() { commands += "Z" }
}
