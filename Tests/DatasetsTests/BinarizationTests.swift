import Datasets
import TestSupport
import Testing
import Torch

@Suite("Binarization") struct BinarizationTests {
  /// One example that holds every pixel value once.
  private func everyValue() throws -> Examples {
    try Examples(name: "ramp", storage: .bytes((0...255).map { UInt8($0) }), shape: [1, 16, 16])
  }

  private func floats(_ values: [Float]) throws -> Examples {
    try Examples(name: "floats", storage: .floats(values), shape: [values.count])
  }

  @Test("dynamic: a pixel is 1 as often as pixel / 255 says, and 0 never (false alarms: 1 in 10^6)")
  func frequencies() throws {
    let examples = DeviceExamples(
      try everyValue(), binarization: .dynamic)
    let reads = 20_000
    let all = try examples.batch(
      Tensor.zeros([reads], dtype: .int64), using: RandomSource(seed: 2)
    ).x
    #expect(all.shape == [reads, 1, 16, 16])
    let values = Set(all.narrowed(0, 0..<100).array(Double.self))
    #expect(values == [0, 1])
    let ones = all.to(.float64).sum(0).array(Int.self)
    #expect(ones[0] == 0)
    for (pixel, count) in ones.enumerated() {
      // Probabilities are those of 16 random bits: 255 falls short of 1 by 2^-16.
      let p = Double(pixel) * 257 / 65536
      expectFrequency(count, of: reads, probability: p, falseAlarms: 1e-6 / 256)
    }
  }

  @Test("dynamic: neighbouring pixels are drawn independently (false alarms: 1 in 10^6)")
  func independence() throws {
    // Four pixels share a 64-bit word; all 16 patterns of four pixels of 128 must come up as often.
    let examples = DeviceExamples(
      try Examples(name: "grey", storage: .bytes([128, 128, 128, 128]), shape: [4]),
      binarization: .dynamic)
    let draws = try examples.batch(
      Tensor.zeros([20_000], dtype: .int64), using: RandomSource(seed: 3)
    ).x.array(Int.self)
    var counts = [Int](repeating: 0, count: 16)
    for start in stride(from: 0, to: draws.count, by: 4) {
      counts[draws[start..<start + 4].reduce(0) { 2 * $0 + $1 }] += 1
    }
    let p = 128 * 257 / 65536.0
    let probabilities = (0..<16).map { pattern in
      (0..<4).reduce(1.0) { $0 * (pattern >> $1 & 1 == 1 ? p : 1 - p) }
    }
    expectFrequencies(counts, probabilities: probabilities)
  }

  @Test(
    "dynamic: every read is a fresh draw, and equal streams give equal draws, by range and by index"
  )
  func freshness() throws {
    let examples = DeviceExamples(
      try everyValue(), binarization: .dynamic)
    let rng = RandomSource(seed: 4)
    let first = try examples.batch(0..<1, using: rng).x
    let second = try examples.batch(0..<1, using: rng).x
    let isFresh = !first.isEqual(to: second)
    #expect(isFresh)
    let again = try examples.batch(0..<1, using: RandomSource(seed: 4)).x
    let byIndex = try examples.batch(Tensor([0]), using: RandomSource(seed: 4)).x
    #expect(first.array(Float.self) == again.array())
    #expect(first.array(Float.self) == byIndex.array())
  }

  @Test("fixed: drawn once with the pixels' probabilities, then constant (false alarms: 1 in 10^6)")
  func fixed() throws {
    let examples = DeviceExamples(
      try everyValue(), binarization: .fixed)
    let first = try examples.batch(0..<1, using: RandomSource(seed: 6)).x
    for seed in 7..<10 {
      let isSame = try examples.batch(0..<1, using: RandomSource(seed: UInt64(seed))).x.isEqual(
        to: first)
      #expect(isSame)
    }
    // One example of many pixels: a draw is a function of what the example shows.
    let many = try Examples(name: "dark", storage: .bytes([UInt8](repeating: 51, count: 20_000)), shape: [20_000])
    let ones = try DeviceExamples(many, binarization: .fixed)
      .batch(0..<1, using: RandomSource(seed: 8)).x.sum().item()
    expectFrequency(Int(ones), of: 20_000, probability: 51 * 257 / 65536.0)
  }

  @Test("threshold: 1 from one half up, for bytes and for floats")
  func threshold() throws {
    let rng = RandomSource(seed: 1)
    let bytes = DeviceExamples(try everyValue(), binarization: .threshold)
    #expect(
      try bytes.batch(0..<1, using: rng).x.array() == (0...255).map { Float($0 < 128 ? 0 : 1) })
    let floats = DeviceExamples(
      try floats([0, 0.499, 0.5, 0.501, 1]), binarization: .threshold)
    #expect(try floats.batch(0..<1, using: rng).x.array() == [Float(0), 0, 1, 1, 1])
  }

  @Test("floats in [0, 1] are probabilities, too, dynamic and fixed (false alarms: 1 in 10^6)")
  func probabilities() throws {
    let examples = try floats([0, 0.3, 1])
    let dynamic = try DeviceExamples(examples, binarization: .dynamic)
      .batch(Tensor.zeros([5000], dtype: .int64), using: RandomSource(seed: 2))
      .x.sum(0).array(Int.self)
    #expect(dynamic[0] == 0)
    #expect(dynamic[2] == 5000)
    expectFrequency(dynamic[1], of: 5000, probability: 0.3)
    let fixed = DeviceExamples(
      try floats([Float](repeating: 0.3, count: 5000)), binarization: .fixed)
    let first = try fixed.batch(0..<1, using: RandomSource(seed: 4)).x
    expectFrequency(Int(first.sum().item()), of: 5000, probability: 0.3)
    let isSame = try fixed.batch(0..<1, using: RandomSource(seed: 5)).x.isEqual(to: first)
    #expect(isSame)
  }
}
