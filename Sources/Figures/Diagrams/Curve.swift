import Foundation

/// A bent line between two nodes: a parabola whose middle is moved aside.
struct Curve {
  let start, control, end: Diagram.Point

  /// - Parameter bend: how far its middle is to the right of the straight line from `start`, in pixels.
  init(from start: Diagram.Point, to end: Diagram.Point, bend: Double) {
    self.start = start
    self.end = end
    let (dx, dy) = (end.x - start.x, end.y - start.y)
    let length = max(1, (dx * dx + dy * dy).squareRoot())
    control = .init(
      (start.x + end.x) / 2 - 2 * bend * dy / length, (start.y + end.y) / 2 + 2 * bend * dx / length)
  }

  private init(_ start: Diagram.Point, _ control: Diagram.Point, _ end: Diagram.Point) {
    (self.start, self.control, self.end) = (start, control, end)
  }

  /// The point at a share of the way.
  func at(_ t: Double) -> Diagram.Point {
    let (a, b, c) = ((1 - t) * (1 - t), 2 * t * (1 - t), t * t)
    return .init(a * start.x + b * control.x + c * end.x, a * start.y + b * control.y + c * end.y)
  }

  /// The direction at a share of the way, of length 1.
  func direction(_ t: Double) -> (x: Double, y: Double) {
    let dx = 2 * (1 - t) * (control.x - start.x) + 2 * t * (end.x - control.x)
    let dy = 2 * (1 - t) * (control.y - start.y) + 2 * t * (end.y - control.y)
    let length = max(1e-9, (dx * dx + dy * dy).squareRoot())
    return (dx / length, dy / length)
  }

  /// The part outside of both ends' shapes; `margin` is kept at the end.
  func clipped(_ isInside: (Diagram.Point) -> Bool, _ isAtEnd: (Diagram.Point) -> Bool) -> Curve {
    let steps = 400
    let times = (0...steps).map { Double($0) / Double(steps) }
    let first = times.first { !isInside(at($0)) } ?? 0
    let last = times.last { !isAtEnd(at($0)) } ?? 1
    return first < last ? part(first, last) : self
  }

  /// The part before its end's surroundings.
  func ending(where isAtEnd: (Diagram.Point) -> Bool) -> Curve { clipped({ _ in false }, isAtEnd) }

  /// The part between two shares of the way, by de Casteljau's construction.
  private func part(_ first: Double, _ last: Double) -> Curve {
    let (a, b) = (at(first), at(last))
    let u = (1 - first) * (1 - last)
    let v = first * (1 - last) + last * (1 - first)
    let w = first * last
    return Curve(
      a, .init(u * start.x + v * control.x + w * end.x, u * start.y + v * control.y + w * end.y), b)
  }

  /// The `d` attribute of a path.
  var commands: String { "M\(start.x.svg) \(start.y.svg)Q\(control.x.svg) \(control.y.svg) \(end.x.svg) \(end.y.svg)" }
}
