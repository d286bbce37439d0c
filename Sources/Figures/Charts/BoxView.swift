import Foundation

/// A box in space as it is seen from a fixed place far away, 60 degrees to the left of its front and 30 degrees above: its
/// three far walls with a grid, and its axes.
struct BoxView {
  /// Where something is seen, in pixels of the drawing, and how near it is: more is nearer.
  typealias Place = (x: Double, y: Double, depth: Double)
  /// A point of the box, each number from -1 to 1 within it.
  private typealias Corner = (x: Double, y: Double, z: Double)

  private let x: AxisScale
  private let y: AxisScale
  private let z: AxisScale
  private let middle: (x: Double, y: Double)
  private let scale: Double

  private static let azimuth = -Double.pi / 3
  private static let elevation = Double.pi / 6
  private static let tickSize = 12.0
  private static let tickLength = 5.0
  /// Room for ticks and titles left and right of the box, and below it.
  private static let margin = (side: 46.0, below: 34.0)

  /// A box around the data that the axes cover, as large as fits between the edges.
  init(
    x: AxisScale, y: AxisScale, z: AxisScale, left: Double, right: Double, top: Double, bottom: Double
  ) {
    (self.x, self.y, self.z) = (x, y, z)
    // A cube of 2 as seen from there.
    let (sine, cosine) = (abs(sin(Self.azimuth)), abs(cos(Self.azimuth)))
    let halfWidth = sine + cosine
    let halfHeight = sin(Self.elevation) * (sine + cosine) + cos(Self.elevation)
    let (width, height) = (right - left - 2 * Self.margin.side, bottom - top - Self.margin.below)
    scale = max(20, min(width / (2 * halfWidth), height / (2 * halfHeight)))
    middle = ((left + right) / 2 + 6, top + height / 2)
  }

  private func seen(_ p: Corner) -> Place {
    let (sinA, cosA, sinE, cosE) = (
      sin(Self.azimuth), cos(Self.azimuth), sin(Self.elevation), cos(Self.elevation)
    )
    let towards = p.x * cosA + p.y * sinA
    return (
      middle.x + scale * (p.y * cosA - p.x * sinA), middle.y - scale * (p.z * cosE - towards * sinE),
      towards * cosE + p.z * sinE
    )
  }

  /// Where a point is seen; nil if it has no place on these axes.
  func place(_ point: (x: Double, y: Double, z: Double)) -> Place? {
    guard let a = x.fraction(point.x), let b = y.fraction(point.y), let c = z.fraction(point.z) else { return nil }
    return seen((2 * a - 1, 2 * b - 1, 2 * c - 1))
  }

  /// The far walls with their grids, the edges of the box but the three nearest, and the axes.
  func draw(into svg: inout SVG) {
    for (axis, tick) in ticks {
      // Each tick has a line on each of the two far walls that its axis runs along.
      switch axis {
      case .x: lines([(tick, -1, -1), (tick, 1, -1), (tick, 1, 1)], Palette.grid, into: &svg)
      case .y: lines([(1, tick, -1), (-1, tick, -1), (-1, tick, 1)], Palette.grid, into: &svg)
      case .z: lines([(-1, -1, tick), (-1, 1, tick), (1, 1, tick)], Palette.grid, into: &svg)
      }
    }
    // The floor, the two walls, and the edges between them.
    lines(
      [(-1, -1, -1), (1, -1, -1), (1, 1, -1), (1, 1, 1), (-1, 1, 1), (-1, -1, 1), (-1, -1, -1)], Palette.axis,
      into: &svg)
    for corner: Corner in [(-1, -1, -1), (1, 1, -1), (-1, 1, 1)] {
      lines([(-1, 1, -1), corner], Palette.axis, into: &svg)
    }
    for direction in Direction.allCases { axis(direction, into: &svg) }
  }

  // MARK: Axes

  private enum Direction: CaseIterable { case x, y, z }

  private func scale(_ direction: Direction) -> AxisScale {
    switch direction {
    case .x: x
    case .y: y
    case .z: z
    }
  }

  /// A place along the edge of the box that carries an axis, from -1 to 1.
  private func edge(_ direction: Direction, _ place: Double) -> Corner {
    switch direction {
    case .x: (place, -1, -1)
    case .y: (1, place, -1)
    case .z: (-1, -1, place)
    }
  }

  /// The ticks of all axes, each from -1 to 1.
  private var ticks: [(Direction, Double)] {
    Direction.allCases.flatMap { direction in marks(direction).map { (direction, $0.place) } }
  }

  private func marks(_ direction: Direction) -> [(place: Double, label: String)] {
    let scale = scale(direction)
    return scale.ticks(count: 4).compactMap { tick in
      scale.fraction(tick.value).flatMap { (0...1).contains($0) ? (2 * $0 - 1, tick.label) : nil }
    }
  }

  private func axis(_ direction: Direction, into svg: inout SVG) {
    let (start, end) = (seen(edge(direction, -1)), seen(edge(direction, 1)))
    let length = hypot(end.x - start.x, end.y - start.y)
    // At a right angle to the edge, away from the middle of the box.
    var out = (x: (end.y - start.y) / length, y: -(end.x - start.x) / length)
    let half = (x: (start.x + end.x) / 2, y: (start.y + end.y) / 2)
    if out.x * (half.x - middle.x) + out.y * (half.y - middle.y) < 0 { out = (-out.x, -out.y) }
    let anchor: SVG.Anchor = out.x < 0 ? .end : .start
    for (place, label) in marks(direction) {
      let at = seen(edge(direction, place))
      svg.line(
        from: (at.x, at.y), to: (at.x + out.x * Self.tickLength, at.y + out.y * Self.tickLength), color: Palette.axis)
      let reach = Self.tickLength + 4
      svg.text(
        label, x: at.x + out.x * reach, y: at.y + out.y * reach + 4 + 3 * out.y, anchor: anchor, size: Self.tickSize,
        color: Palette.faintText)
    }
    let widest = marks(direction).map { TextWidth.estimate($0.label, size: Self.tickSize) }.max() ?? 0
    let reach = Self.tickLength + 10 + abs(out.x) * widest + abs(out.y) * Self.tickSize
    let angle = direction == .z ? -90 : atan2(end.y - start.y, end.x - start.x) * 180 / .pi
    svg.text(
      scale(direction).axis.title, x: half.x + out.x * reach, y: half.y + out.y * reach + (direction == .z ? 0 : 6),
      anchor: .middle, size: 13, rotation: angle)
  }

  private func lines(_ corners: [Corner], _ color: String, into svg: inout SVG) {
    var path = Path()
    path.polyline(corners.map(seen).map { (x: $0.x, y: $0.y) })
    svg.element("path", ["d": path.commands, "fill": "none", "stroke": color])
  }
}
