import Datasets
import TestSupport
import Testing
import Torch

@Suite("Draws that belong to an example")
struct FixedDrawsTests {
  private func grey(_ count: Int) throws -> Examples {
    try Examples(name: "grey", storage: .bytes((0..<count * 16).map { UInt8($0 * 37 % 256) }), shape: [1, 4, 4])
  }

  @Test("an example's draw is a function of its values, wherever it stands and whatever is read beside it")
  func content() throws {
    let rng = RandomSource(seed: 1)
    for preparation in [Preparation(binarization: .fixed), Preparation(dequantization: .fixed)] {
      let set = try grey(20)
      let all = try DeviceExamples(set, preparation).batch(0..<20, using: rng).x
      let few = DeviceExamples(set.subset([7, 2, 7]), preparation)
      let expected = all.gathered(Tensor([7, 2, 7]))
      #expect(try few.batch(0..<3, using: rng).x.isEqual(to: expected))
      #expect(try few.batch(Tensor([1]), using: rng).x.isEqual(to: expected.narrowed(0, 1..<2)))
      #expect(!expected.at(0).isEqual(to: expected.at(1)))
    }
  }

  @Test("numbers in [0, 1] are 1 as often as they say (false alarms: 1 in 10^6)")
  func frequencies() throws {
    let values: [Float] = [0, 0.25, 0.9, 1]
    let count = 20_000
    let examples = try Examples(
      name: "p", storage: .floats((0..<count).flatMap { _ in values }), shape: [count, values.count, 1])
    let ones = try DeviceExamples(examples, binarization: .fixed)
      .batch(0..<1, using: RandomSource(seed: 1)).x.at(0).to(.float64).sum(0).array(Int.self)
    #expect(ones[0] == 0 && ones[3] == count)
    expectFrequency(ones[1], of: count, probability: 0.25, falseAlarms: 5e-7)
    expectFrequency(ones[2], of: count, probability: 0.9, falseAlarms: 5e-7)
  }

  @Test("noise of a level: fixed lies in [0, 1) about one half, middle is one half")
  func noise() throws {
    let count = 2000
    let rng = RandomSource(seed: 1)
    for pixel: UInt8 in [0, 128, 255] {
      let examples = try Examples(
        name: "one level", storage: .bytes([UInt8](repeating: pixel, count: count * 16)), shape: [count * 16])
      let fixed = try DeviceExamples(examples, Preparation(dequantization: .fixed)).batch(0..<1, using: rng).x * 256
      let u = fixed.array(Double.self).map { $0 - Double(pixel) }
      #expect(u.allSatisfy { (0..<1).contains($0) }, "\(pixel)")
      expectAverage(u, 0.5)
    }
    let examples = try Examples(name: "zeros", storage: .bytes([UInt8](repeating: 0, count: 16)), shape: [16])
    let middle = try DeviceExamples(examples, Preparation(dequantization: .middle)).batch(0..<1, using: rng).x * 256
    #expect(middle.array(Double.self).allSatisfy { $0 == 0.5 })
  }
}
