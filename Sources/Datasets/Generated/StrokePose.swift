import Foundation

/// Where a glyph stands in its image: scaled, slanted, turned, then moved.
struct StrokePose {
  // The linear map [a b; c d] and the point the glyph's middle goes to.
  private let a, b, c, d, centreX, centreY: Float

  init(slant: Float, x: Float, y: Float, scale: Float, rotation: Float, size: Int) {
    let (cosine, sine) = (cos(rotation), sin(rotation))
    // y grows downwards: a positive slant moves the top, where y is negative, to the right.
    a = scale * cosine
    b = scale * (-slant * cosine - sine)
    c = scale * sine
    d = scale * (-slant * sine + cosine)
    let middle = Float(size - 1) / 2  // pixel centres are whole numbers
    centreX = middle + x
    centreY = middle + y
  }

  /// A point of the glyph's box in pixels of the image.
  func callAsFunction(_ point: PlanePoint) -> PlanePoint {
    PlanePoint(
      x: centreX + a * point.x + b * point.y, y: centreY + c * point.x + d * point.y)
  }
}

/// A smooth random displacement, so that no two digits of a kind are the same curve.
///
/// Two slow waves in each direction: neighbouring control points move together, and joints stay smooth.
struct StrokeBend {
  private static let waves = 2
  private static let amplitude: Float = 0.6  // pixels; more makes threes of eights
  private static let frequency: ClosedRange<Float> = -0.35...0.35  // radians per pixel

  private var numbers: [Float] = []

  init(using generator: inout SplitMix64) {
    for _ in 0..<2 * Self.waves {
      numbers.append(Self.amplitude * Float(generator.normal()))
      numbers.append(generator.uniform(in: Self.frequency))
      numbers.append(generator.uniform(in: Self.frequency))
      numbers.append(generator.uniform(in: 0...2 * Float.pi))
    }
  }

  func callAsFunction(_ point: PlanePoint) -> PlanePoint {
    var moved = point
    for wave in 0..<2 * Self.waves {
      let start = 4 * wave
      let phase = numbers[start + 1] * point.x + numbers[start + 2] * point.y + numbers[start + 3]
      let shift = numbers[start] * sin(phase)
      if wave < Self.waves { moved.x += shift } else { moved.y += shift }
    }
    return moved
  }
}
