import Foundation
import TestSupport
import Testing
import Torch

@Suite("Random sources") struct RandomSourceTests {
  @Test("the same seed gives the same bits and another seed others")
  func seeds() {
    func draw(_ seed: UInt64) -> [Float] { RandomSource(seed: seed).normal([10]).array() }
    #expect(draw(1) == draw(1))
    #expect(draw(1) != draw(2))
  }

  @Test("all 64 bits of a seed count", arguments: [32, 40, 63])
  func highBits(_ bit: UInt64) {
    func draw(_ seed: UInt64) -> [Int64] { RandomSource(seed: seed).bits(4).array() }
    #expect(draw(1) != draw(1 | 1 << bit))
  }

  @Test("derived streams are functions of seed and path, and differ from each other")
  func derived() {
    func draw(_ source: RandomSource) -> [Int64] { source.bits(2).array() }
    #expect(draw(.derived(seed: 1, 2, 3)) == draw(.derived(seed: 1, 2, 3)))
    let sources: [RandomSource] = [
      .derived(seed: 1), .derived(seed: 2), .derived(seed: 1, 0), .derived(seed: 1, 1),
      .derived(seed: 1, 0, 0), .derived(seed: 1, 2, 3), .derived(seed: 1, 3, 2),
      .derived(seed: 2, 1, 3), RandomSource(seed: 1),
    ]
    #expect(Set(sources.map(draw)).count == sources.count)
  }

  @Test(
    "a restored state continues with the same draws, in the middle of any kind",
    arguments: [1, 7, 16])
  func state(_ count: Int) {
    let source = RandomSource(seed: 1 << 40)
    _ = source.normal([count])
    let state = source.state
    #expect(state.dtype == .uint8)
    func draws(_ source: RandomSource) -> [[Double]] {
      [
        source.normal([3]).array(), source.uniform([5]).array(), source.bits(2).array(),
        source.permutation(9).array(), source.normal([20]).array(),
        source.bernoulli(Tensor.full([9], 0.5)).array(),
      ]
    }
    let expected = draws(source)
    let other = RandomSource(seed: 9)
    other.state = state
    #expect(draws(other) == expected)
  }

  /// Fixed seeds: these tests do not fail by chance. Over all seeds, each bound of 5 standard errors
  /// would be broken once in 1.7 million.
  private let count = 100_000

  private func expectMoment(
    _ x: Tensor, _ expected: Double, deviation: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    expectClose(
      x.to(.float64).mean().item(), expected, absolute: 5 * deviation / Double(count).squareRoot(),
      relative: 0, sourceLocation: sourceLocation)
  }

  @Test("normal draws have moments 0, 1, 0, 3", arguments: [UInt64(1), 1 << 33])
  func normal(_ seed: UInt64) {
    let x = RandomSource(seed: seed).normal([count], dtype: .float64)
    expectMoment(x, 0, deviation: 1)
    expectMoment(x.square(), 1, deviation: 2.0.squareRoot())
    expectMoment(x.pow(3), 0, deviation: 15.0.squareRoot())
    expectMoment(x.pow(4), 3, deviation: 96.0.squareRoot())
  }

  @Test(
    "uniform draws lie in [0, 1) and have mean 1/2 and second moment 1/3",
    arguments: [UInt64(1), 1 << 33])
  func uniform(_ seed: UInt64) {
    let x = RandomSource(seed: seed).uniform([count], dtype: .float64)
    #expect(x.min().item() >= 0 && x.max().item() < 1)
    expectMoment(x, 0.5, deviation: (1.0 / 12).squareRoot())
    expectMoment(x.square(), 1.0 / 3, deviation: (4.0 / 45).squareRoot())
  }

  @Test("each of the 64 bits is set half of the time")
  func bits() {
    let words = RandomSource(seed: 1).bits(10_000).array(Int64.self)
    for bit in 0..<64 {
      let ones = words.count { $0 >> Int64(bit) & 1 == 1 }
      // Five standard deviations of 50; 64 bounds together fail once in 27 000 seeds.
      #expect(abs(ones - 5000) <= 250, "bit \(bit): \(ones)")
    }
  }

  @Test("Bernoulli draws are 0 or 1 with their probability, in its type")
  func bernoulli() {
    let source = RandomSource(seed: 1)
    #expect(source.bernoulli(Tensor([0.0, 1])).array() == [0.0, 1])
    let x = source.bernoulli(Tensor.full([count], 0.3, dtype: .float64))
    #expect(x.dtype == .float64)
    expectMoment(x, 0.3, deviation: 0.21.squareRoot())
  }

  @Test("categorical draws have the row's probabilities, normalized or not")
  func categorical() {
    let p = Tensor([1.0, 3, 0, 0, 0, 2], shape: [2, 3])
    let drawn = RandomSource(seed: 1).categorical(p, count: count)
    #expect(drawn.shape == [2, count])
    expectMoment(drawn.at(0), 0.75, deviation: (3.0 / 16).squareRoot())
    #expect(drawn.at(1).min().item() == 2)
  }

  @Test("a permutation is one, and every place is as likely for the first number")
  func permutation() {
    let source = RandomSource(seed: 1)
    #expect(source.permutation(100).array(Int.self).sorted() == Array(0..<100))
    var counts = [0, 0, 0, 0]
    for _ in 0..<4000 { counts[source.permutation(4).array(Int.self)[0]] += 1 }
    // Chi-squared with 3 degrees of freedom exceeds 30 once in 700 000 seeds.
    #expect(counts.reduce(0.0) { $0 + pow(Double($1 - 1000), 2) / 1000 } < 30, "\(counts)")
  }
}
