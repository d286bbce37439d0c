import Foundation
import Probability
import TestSupport
import Testing
import Torch

/// What codes promise beyond distributions, which `DistributionTests` holds them to.
@Suite("Code priors") struct CodePriorTests {
  /// The parts of a mixture, of two numbers, three classes, one bit and two numbers.
  private let parts: [any CodePrior] = [
    StandardNormal(2, dtype: .float64), CategoricalPrior(3, dtype: .float64),
    BernoulliPrior(1, probability: 0.3, dtype: .float64), UniformPrior(2, low: 0, high: 0.5, dtype: .float64),
  ]

  @Test("a summary is one line, and a dimension is the length of a draw, whose type is dtype")
  func summaries() {
    let expected: [(any CodePrior, String, Int)] = [
      (StandardNormal(10), "N(0, I), 10 dimensions", 10),
      (UniformPrior(10), "U(-1, 1), 10 dimensions", 10),
      (UniformPrior(2, low: 0, high: 0.5), "U(0, 0.5), 2 dimensions", 2),
      (CategoricalPrior(4), "one of 4 classes, equally likely", 4),
      (CategoricalPrior(logits: Tensor([0.0, 1])), "one of 2 classes, given logits", 2),
      (CategoricalPrior(4, only: 3), "always class 3 of 4", 4),
      (BernoulliPrior(5), "Bernoulli(0.5), 5 dimensions", 5),
      (BernoulliPrior(logits: Tensor([0.0, 1])), "Bernoulli, 2 dimensions", 2),
      (
        MixedPrior([StandardNormal(10), CategoricalPrior(4)]),
        "N(0, I), 10 dimensions + one of 4 classes, equally likely", 14
      ),
    ]
    for (prior, summary, dimension) in expected {
      #expect(prior.summary == summary)
      #expect(prior.dimension == dimension, "\(summary)")
      let draws = prior.sample([3], using: RandomSource(seed: 1))
      #expect(draws.shape == [3, dimension], "\(summary)")
      #expect(draws.dtype == prior.dtype, "\(summary)")
      #expect(prior.mean.dtype == prior.dtype, "\(summary)")
      #expect(!prior.isShownByDraw, "\(summary)")
    }
  }

  @Test("draws of StandardNormal are those of the random source, bit for bit")
  func normal() {
    let isSame = StandardNormal(7).sample([5], using: RandomSource(seed: 3))
      .isEqual(to: RandomSource(seed: 3).normal([5, 7]))
    #expect(isSame)
  }

  @Test("the uniform density is that of the cube with its faces, and 0 outside, where one number suffices")
  func cube() {
    let prior = UniformPrior(2, low: -0.5, high: 1.5, dtype: .float64)
    let values = Tensor([0, 1, -0.5, 1.5, 1.6, 0, 0, -0.6, 9, -9], shape: [5, 2])
    let inside = -2 * log(2.0)
    expectClose(prior.logProb(values), [inside, inside, -.infinity, -.infinity, -.infinity], absolute: 1e-14)
    #expect(prior.logProb(Tensor([0, .nan])).item().isNaN)
    let leaf = values.clone().requiringGradient()
    expectClose(gradients(of: prior.logProb(leaf), in: [leaf])[0], Tensor.zeros([5, 2]), absolute: 0)
  }

  /// Numbers of the third pair are 7.6e-6 apart in single precision. The ends round to 100 and to the number after it,
  /// but one draw in six would round to the second after it.
  @Test("every uniform draw has a density, also where rounding would carry it past an end", arguments: DType.floats)
  func ends(_ dtype: DType) {
    for (low, high) in [(-1.0, 1.0), (0.1, 0.3), (99.999997, 100.0000107), (-3e-8, 7)] {
      let prior = UniformPrior(1, low: low, high: high, dtype: dtype)
      let isFinite = prior.logProb(prior.sample([100_000], using: RandomSource(seed: 2))).isFinite().all().item()
      #expect(isFinite == 1, "\(low) to \(high)")
    }
  }

  @Test("draws of classes are one-hot: zeros, and one 1")
  func oneHot() {
    for prior in [CategoricalPrior(6), CategoricalPrior(logits: Tensor([0.3, 1, -.infinity, 2]))] {
      let draws = prior.sample([1000], using: RandomSource(seed: 4))
      expectClose(draws.sum(-1), Tensor.ones([1000]), absolute: 0)
      expectClose(draws.max(-1), Tensor.ones([1000]), absolute: 0)
      expectClose(draws.square(), draws, absolute: 0)
      #expect(prior.logProb(draws).isFinite().all().item() == 1)
    }
  }

  @Test("a batch of logits is a batch of priors")
  func batch() {
    let prior = CategoricalPrior(logits: Tensor([40, 0, 0, 0, 0, 40.0], shape: [2, 3]))
    let draws = prior.sample([5], using: RandomSource(seed: 5))
    expectClose(draws, Tensor([1, 0, 0, 0, 0, 1], shape: [2, 3]).expanded([5, 2, 3]), absolute: 0)
    #expect(prior.logProb(draws).shape == [5, 2])
  }

  @Test("the only class is the only one drawn, with log probability 0; others have -infinity, and no gradient is NaN")
  func only() {
    let prior = CategoricalPrior(4, only: 2, dtype: .float64)
    expectClose(prior.mean, [0, 0, 1, 0], absolute: 0)
    let draws = prior.sample([50], using: RandomSource(seed: 6))
    expectClose(draws, prior.mean.expanded([50, 4]), absolute: 0)
    let rows = Tensor([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1.0], shape: [4, 4]).requiringGradient()
    let logProb = prior.logProb(rows)
    expectClose(logProb, [-.infinity, -.infinity, 0, -.infinity], absolute: 0)
    expectClose(gradients(of: logProb, in: [rows])[0], Tensor.zeros([4, 4]), absolute: 0)
    let logits = Tensor([-.infinity, 0.5, 0]).requiringGradient()
    let second = CategoricalPrior(logits: logits).logProb(Tensor([0, 1.0, 0]))
    let p = exp(0.5) / (1 + exp(0.5))
    expectClose(second.item(), log(p), absolute: 1e-14)
    expectClose(gradients(of: second, in: [logits])[0], [0, 1 - p, p - 1], absolute: 1e-14)
  }

  @Test("BernoulliPrior scores as Bernoulli does with its logits, grey values too, and keeps rare bits exact")
  func coins() {
    let values = Tensor([0, 1, 1, 0.25, 0.5, 1.0], shape: [2, 3])
    let logits = Tensor.full([3], log(0.2 / 0.8), dtype: .float64)
    expectClose(
      BernoulliPrior(3, probability: 0.2, dtype: .float64).logProb(values),
      Bernoulli(logits: logits).logProb(values), absolute: 1e-14)
    // The sum of d log-odds and d log(1 - p) would leave nothing of this in single precision.
    let common = BernoulliPrior(1000, probability: 1 - 1e-6).logProb(.ones([1000]))
    expectClose(common.item(), 1000 * log1p(-1e-6), absolute: 0, relative: 1e-6)
  }

  @Test("mixed draws are those of the parts in their order, and the log density is the sum over slices")
  func mixed() {
    let prior = MixedPrior(parts)
    #expect(prior.dimension == 8)
    #expect(prior.parts.map(\.dimension) == [2, 3, 1, 2])
    let draws = prior.sample([4, 5], using: RandomSource(seed: 7))
    let rng = RandomSource(seed: 7)
    let slices = parts.map { $0.sample([4, 5], using: rng) }
    let isSame = draws.isEqual(to: .concatenated(slices, axis: -1))
    #expect(isSame)
    let expected = zip(parts, slices).reduce(Tensor.zeros([4, 5], dtype: .float64)) { $0 + $1.0.logProb($1.1) }
    expectClose(prior.logProb(draws), expected, absolute: 1e-14)
    #expect(expected.isFinite().all().item() == 1)
    expectClose(prior.mean, [0, 0, 1 / 3.0, 1 / 3.0, 1 / 3.0, 0.3, 0.25, 0.25], absolute: 1e-14)
    // A part may be a mixture itself.
    let nested = MixedPrior([MixedPrior(Array(parts.prefix(2))), MixedPrior(Array(parts.suffix(2)))])
    #expect(nested.summary == prior.summary)
    expectClose(nested.logProb(draws), expected, absolute: 1e-14)
  }

  @Test("a mixture with a part that is shown by a draw is shown by a draw")
  func portraits() {
    let prior = MixedPrior([CategoricalPrior(3), Implicit()])
    #expect(prior.isShownByDraw)
    let portrait = prior.portrait(using: RandomSource(seed: 8))
    let isDraw = portrait.isEqual(to: prior.sample([], using: RandomSource(seed: 8)))
    #expect(isDraw)
  }

  /// A prior without an expectation.
  private struct Implicit: CodePrior {
    var dimension: Int { 1 }
    var summary: String { "implicit" }
    var dtype: DType { .float32 }
    var mean: Tensor { preconditionFailure("no expectation") }
    var isShownByDraw: Bool { true }
    func sample(_ count: [Int], using rng: RandomSource) -> Tensor { rng.normal(count + [1]) }
    func logProb(_ value: Tensor) -> Tensor { value.sum(-1) }
  }
}

extension DType {
  /// The types that densities are computed in.
  static let floats = allCases.filter(\.isFloatingPoint)
}

@Suite("Messages of code priors") struct CodePriorMessageTests {
  /// The standard error of a process that ended as it should.
  private func message(_ result: ExitTest.Result?) throws -> String {
    String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
  }

  @Test("UniformPrior: ends in the wrong order, or without a width")
  func uniform() async throws {
    let reversed = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = UniformPrior(2, low: 1, high: -1)
    }
    #expect(try message(reversed).contains("UniformPrior: expected finite low < high, got 1.0 and -1.0"))
    let infinite = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = UniformPrior(2, low: 0, high: .infinity)
    }
    #expect(try message(infinite).contains("UniformPrior: expected finite low < high, got 0.0 and inf"))
  }

  @Test("CategoricalPrior: a class out of range, and logits without an axis or of integers")
  func categorical() async throws {
    let beyond = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = CategoricalPrior(4, only: 4)
    }
    #expect(try message(beyond).contains("CategoricalPrior: expected a class in 0..<4, got 4"))
    let scalar = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = CategoricalPrior(logits: Tensor(0))
    }
    #expect(
      try message(scalar).contains(
        "CategoricalPrior: expected floating-point logits [..., classes], got float32 of shape []"))
    let integers = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = CategoricalPrior(logits: Tensor([1, 2]))
    }
    #expect(
      try message(integers).contains(
        "CategoricalPrior: expected floating-point logits [..., classes], got int64 of shape [2]"))
  }

  @Test("BernoulliPrior: a probability of 1")
  func bernoulli() async throws {
    let certain = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = BernoulliPrior(2, probability: 1)
    }
    #expect(try message(certain).contains("BernoulliPrior: expected a probability between 0 and 1, got 1.0"))
  }

  @Test("MixedPrior: no part, parts of two types, and codes of another length")
  func mixed() async throws {
    let empty = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = MixedPrior([]) }
    #expect(try message(empty).contains("MixedPrior: expected at least 1 part, got none"))
    let types = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = MixedPrior([StandardNormal(2), CategoricalPrior(3, dtype: .float64)])
    }
    #expect(try message(types).contains("MixedPrior: expected parts of one type, got float32, float64"))
    let length = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = MixedPrior([StandardNormal(2), CategoricalPrior(3)]).logProb(.zeros([7, 6]))
    }
    #expect(try message(length).contains("MixedPrior: expected codes of 2 + 3 numbers, got shape [7, 6]"))
  }
}
