import Foundation

/// The small generator behind splits and generated sets: the same seed gives the same integers everywhere.
///
/// - Source: Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators".
struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// An independent stream of the same seed, so that example `stream` never depends on the others.
  init(seed: UInt64, stream: UInt64) {
    state = Self.mix(seed &+ Self.mix(stream &+ Self.increment))
  }

  private static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func next() -> UInt64 {
    state &+= Self.increment
    return Self.mix(state)
  }

  /// A whole number in `0..<bound`, without modulo bias (Lemire 2019).
  ///
  /// Written out because the standard library does not promise its own algorithm for ever.
  mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "below(_:): expected a positive bound, got \(bound)")
    let range = UInt64(bound)
    var product = next().multipliedFullWidth(by: range)
    if product.low < range {
      let threshold = (0 &- range) % range
      while product.low < threshold { product = next().multipliedFullWidth(by: range) }
    }
    return Int(product.high)
  }

  /// A number in [0, 1) with 53 random bits.
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number drawn evenly from a range.
  mutating func uniform(in range: ClosedRange<Float>) -> Float {
    let drawn = range.lowerBound + (range.upperBound - range.lowerBound) * Float(uniform())
    return min(drawn, range.upperBound)
  }

  /// A standard normal number (Box & Muller 1958); 1 - u keeps the logarithm finite.
  mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }

  /// The numbers `0..<count` in random order (Fisher & Yates).
  mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, below(last + 1)) }
    return order
  }
}
