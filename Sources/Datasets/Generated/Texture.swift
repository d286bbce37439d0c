import Foundation

/// A coloured surface that is drawn from a seed: clouds, stripes, a gradient, cells or checks, with a little grain.
///
/// Textures stand in for crops of photographs where digits are to be seen on a background. The same generator makes the
/// same texture everywhere.
struct Texture {
  /// The height and the width.
  static let size = 96
  /// Values 0...255, `[3, size, size]`.
  let pixels: [UInt8]

  /// The kinds of surface.
  enum Kind: CaseIterable {
    case clouds, stripes, gradient, cells, checks
  }

  /// A texture of a random kind, in random colours.
  init(using rng: inout SplitMix64) {
    self.init(Kind.allCases[rng.below(Kind.allCases.count)], using: &rng)
  }

  /// A texture of a kind, in random colours.
  init(_ kind: Kind, using rng: inout SplitMix64) {
    let colours = (0..<2).map { _ in Colour(using: &rng) }
    let shade = Self.shade(kind, using: &rng)
    let grain = 0.06 * rng.uniform()
    var pixels = [UInt8](repeating: 0, count: 3 * Self.size * Self.size)
    for row in 0..<Self.size {
      for column in 0..<Self.size {
        let t = min(1, max(0, shade(Double(column) / Double(Self.size), Double(row) / Double(Self.size))))
        let noise = grain * rng.normal()
        for channel in 0..<3 {
          let value = colours[0].channels[channel] * (1 - t) + colours[1].channels[channel] * t + noise
          pixels[(channel * Self.size + row) * Self.size + column] = UInt8(255 * min(1, max(0, value)))
        }
      }
    }
    self.pixels = pixels
  }

  /// Three numbers in [0, 1].
  private struct Colour {
    let channels: [Double]
    init(using rng: inout SplitMix64) { channels = (0..<3).map { _ in rng.uniform() } }
  }

  /// The share of the second colour at a place of [0, 1) x [0, 1).
  private static func shade(_ kind: Kind, using rng: inout SplitMix64) -> (_ x: Double, _ y: Double) -> Double {
    let clouds = Clouds(using: &rng)
    let angle = 2 * Double.pi * rng.uniform()
    let (dx, dy) = (cos(angle), sin(angle))
    switch kind {
    case .clouds: return { clouds($0, $1) }
    case .stripes:
      // 3 to 13 of them, bent by clouds.
      let (count, phase, bend) = (3 + 10 * rng.uniform(), rng.uniform(), rng.uniform())
      return { 0.5 + 0.5 * sin(2 * .pi * (count * (dx * $0 + dy * $1) + phase + bend * clouds($0, $1))) }
    case .gradient: return { 0.5 + 0.6 * (dx * ($0 - 0.5) + dy * ($1 - 0.5)) + 0.3 * (clouds($0, $1) - 0.5) }
    case .cells:
      let seeds = (0..<20 + rng.below(60)).map { _ in (x: rng.uniform(), y: rng.uniform(), shade: rng.uniform()) }
      return { x, y in
        func distance(_ seed: (x: Double, y: Double, shade: Double)) -> Double {
          (seed.x - x) * (seed.x - x) + (seed.y - y) * (seed.y - y)
        }
        return seeds.min { distance($0) < distance($1) }!.shade
      }
    case .checks:
      let count = 3 + 9 * rng.uniform()
      return { x, y in
        let (u, v) = (count * (dx * x + dy * y), count * (dx * y - dy * x))
        let isDark = (Int(u.rounded(.down)) + Int(v.rounded(.down))).isMultiple(of: 2)
        return (isDark ? 0.2 : 0.8) + 0.4 * (clouds(x, y) - 0.5)
      }
    }
  }

  /// A smooth random function with values in [0, 1]: waves of several lengths, the longer the larger.
  private struct Clouds {
    private let waves: [(x: Double, y: Double, phase: Double, height: Double)]

    init(using rng: inout SplitMix64) {
      waves = (0..<8).map { _ in
        let (length, angle) = (1 + 7 * rng.uniform(), 2 * Double.pi * rng.uniform())
        return (length * cos(angle), length * sin(angle), rng.uniform(), 1 / length)
      }
    }

    func callAsFunction(_ x: Double, _ y: Double) -> Double {
      var (sum, most) = (0.0, 0.0)
      for wave in waves {
        sum += wave.height * sin(2 * .pi * (wave.x * x + wave.y * y + wave.phase))
        most += wave.height
      }
      return min(1, max(0, 0.5 + sum / most))
    }
  }
}
