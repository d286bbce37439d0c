/// The squared distance of every pixel to the nearest stroke, from which an image is shaded.
///
/// Distances make the edge smooth for any width of the pen, and strokes that cross do not add up.
struct StrokeCanvas {
  /// Half the width of the grey edge of a stroke, in pixels.
  static let softness: Float = 0.9

  private let size: Int
  private var squared: [Float]

  init(size: Int) {
    self.size = size
    squared = Array(repeating: .infinity, count: size * size)
  }

  /// Takes everything off the canvas.
  mutating func clear() {
    squared.withUnsafeMutableBufferPointer { $0.update(repeating: .infinity) }
  }

  /// Draws a chain of cubic curves.
  ///
  /// - Parameter reach: how far from the curve a pixel can be touched, in pixels.
  mutating func draw(_ stroke: [PlanePoint], reach: Float) {
    let pieces = 8  // straight pieces a curve; its bow then is under a tenth of a pixel
    for start in stride(from: 0, to: stroke.count - 3, by: 3) {
      var last = stroke[start]
      for piece in 1...pieces {
        let t = Float(piece) / Float(pieces)
        let next = Self.point(stroke, start, at: t)
        line(last, next, reach)
        last = next
      }
    }
  }

  /// Shades the image: full inside the pen's width, none outside, smooth between.
  func write(to pixels: UnsafeMutablePointer<UInt8>, thickness: Float) {
    let outer = thickness / 2 + Self.softness
    let farthest = outer * outer
    squared.withUnsafeBufferPointer { squared in
      for index in squared.indices {
        let distance = squared[index]
        if distance >= farthest {
          (pixels + index).initialize(to: 0)
        } else {
          let depth = min((outer - distance.squareRoot()) / (2 * Self.softness), 1)
          let shade = depth * depth * (3 - 2 * depth)
          (pixels + index).initialize(to: UInt8(shade * 255 + 0.5))
        }
      }
    }
  }

  /// A point of a cubic curve (Bernstein form).
  private static func point(_ p: [PlanePoint], _ start: Int, at t: Float) -> PlanePoint {
    let u = 1 - t
    let (a, b, c, d) = (u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t)
    return PlanePoint(
      x: a * p[start].x + b * p[start + 1].x + c * p[start + 2].x + d * p[start + 3].x,
      y: a * p[start].y + b * p[start + 1].y + c * p[start + 2].y + d * p[start + 3].y)
  }

  private mutating func line(_ from: PlanePoint, _ to: PlanePoint, _ reach: Float) {
    let left = max(0, Int(min(from.x, to.x) - reach))
    let right = min(size - 1, Int(max(from.x, to.x) + reach + 1))
    let top = max(0, Int(min(from.y, to.y) - reach))
    let bottom = min(size - 1, Int(max(from.y, to.y) + reach + 1))
    if left > right || top > bottom { return }
    let (dx, dy) = (to.x - from.x, to.y - from.y)
    let perLength = 1 / max(dx * dx + dy * dy, .leastNormalMagnitude)
    squared.withUnsafeMutableBufferPointer { squared in
      for y in top...bottom {
        let fromY = Float(y) - from.y
        for x in left...right {
          let fromX = Float(x) - from.x
          let along = min(max((fromX * dx + fromY * dy) * perLength, 0), 1)
          let (restX, restY) = (fromX - along * dx, fromY - along * dy)
          let index = y * size + x
          squared[index] = min(squared[index], restX * restX + restY * restY)
        }
      }
    }
  }
}
