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
    let width = 2 * Self.softness
    squared.withUnsafeBufferPointer { squared in
      let distances = squared.baseAddress!
      let count = squared.count
      var index = 0
      while index < count {
        let distance = distances[index]
        if distance >= farthest {
          pixels[index] = 0
        } else {
          var depth = (outer - distance.squareRoot()) / width
          if depth > 1 { depth = 1 }
          let shade = depth * depth * (3 - 2 * depth)
          pixels[index] = UInt8(shade * 255 + 0.5)
        }
        index &+= 1
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
    // Without ranges and generic calls, which cost many times the arithmetic where nothing is optimized.
    squared.withUnsafeMutableBufferPointer { squared in
      let pixels = squared.baseAddress!
      var y = top
      while y <= bottom {
        let fromY = Float(y) - from.y
        var x = left
        while x <= right {
          let fromX = Float(x) - from.x
          var along = (fromX * dx + fromY * dy) * perLength
          along = along < 0 ? 0 : along > 1 ? 1 : along
          let restX = fromX - along * dx
          let restY = fromY - along * dy
          let distance = restX * restX + restY * restY
          let index = y &* size &+ x
          if distance < pixels[index] { pixels[index] = distance }
          x &+= 1
        }
        y &+= 1
      }
    }
  }
}
