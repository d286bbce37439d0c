import Datasets
import Foundation
import Generative
import Probability
import TestSupport
import Testing
import Torch

@testable import Evaluation

@Suite("Bounds")
struct BoundsTests {
  private let x = LinearGaussian.examples(40)
  private func bounds(_ model: any ExplicitPosterior, seed: UInt64 = 7) -> Bounds {
    Bounds(model, using: RandomSource(seed: seed))
  }

  @Test(
    "at the exact posterior every importance weight is the evidence: ELBO and IWAE equal it without noise",
    arguments: [Bound.elbo(samples: 1), .elbo(samples: 3), .iwae(samples: 1), .iwae(samples: 50)])
  func exactPosterior(_ bound: Bound) {
    let model = LinearGaussian(knowsKL: false)
    expectClose(bounds(model)(bound, x), LinearGaussian.rows(x).map(model.evidence), absolute: 1e-9)
  }

  @Test("the ELBO falls short of the evidence by the KL to the true posterior", arguments: [true, false])
  func gap(_ knowsKL: Bool) {
    let model = LinearGaussian(shift: 0.6, spread: 1.3, knowsKL: knowsKL)
    let one = x.narrowed(0, 0..<1)
    let draws = RandomSource(seed: 11)
    let estimates = (0..<400).map { _ in
      Bounds(model, using: draws)(.elbo(samples: 10), one).item()
    }
    // False alarms: 5 standard errors, one in 1.7 million.
    expectAverage(estimates, model.evidence(LinearGaussian.rows(x)[0]) - model.gap)
  }

  @Test("IWAE rises from the ELBO to the evidence with more draws")
  func rises() {
    let model = LinearGaussian(shift: 0.8, spread: 1.3, knowsKL: false)
    let many = LinearGaussian.examples(2000, seed: 3)
    let evidence = LinearGaussian.rows(many).map(model.evidence)
    let gaps = [1, 4, 16, 64, 1024].map { samples in
      zip(evidence, bounds(model)(.iwae(samples: samples), many).array(Double.self)).map { $0 - $1 }
        .reduce(0, +) / 2000
    }
    // The mean gap at one draw is the KL; its standard error here is below 0.02.
    expectClose(gaps[0], model.gap, absolute: 0.1)
    #expect(gaps[0] > gaps[1] && gaps[1] > gaps[2], "\(gaps)")
    #expect(abs(gaps[4]) < 0.01, "\(gaps)")
  }

  @Test("where q is too narrow its draws miss most of the evidence; those of the prior and of a mixture do not")
  func proposals() {
    let many = LinearGaussian.examples(200, seed: 3)
    let model = LinearGaussian(spread: 0.05, knowsKL: false)
    let evidence = LinearGaussian.rows(many).map(model.evidence).reduce(0, +) / 200
    func mean(_ bound: Bound) -> Double { bounds(model)(bound, many).mean().item() }
    // Draws reach 4 deviations of q, which are 0.2 of those of the posterior: 16 % of its mass, log 0.16 = -1.8.
    #expect(mean(.iwae(samples: 4000)) < evidence - 1)
    // An example's standard error is below .05, that of the mean below .004, and the bias of the log below .0015.
    expectClose(mean(.iwae(samples: 4000, from: .prior)), evidence, absolute: 0.02)
    expectClose(mean(.iwae(samples: 4000, from: .mixture)), evidence, absolute: 0.02)
  }

  @Test(
    "a mixture weighs each draw by the density of both proposals: a weight is at most that of either over its share")
  func mixture() {
    // At the exact posterior p(x, z) = p(x) q(z|x), so that w = p(x) / (share + (1 - share) p(z) / q(z|x)).
    let model = LinearGaussian(knowsKL: false)
    let rng = RandomSource(seed: 5)
    let q = model.posterior(x) as! DiagonalGaussian
    let z = Tensor.concatenated([q.sample([2], using: rng), model.prior.sample([1, 40], using: rng)])
    let ratio = (model.prior.logProb(z) - q.logProb(z)).exp()
    let weights = ((ratio * (1.0 / 3)) + 2.0 / 3).pow(-1)  // [3, 40], times p(x)
    let expected = zip(LinearGaussian.rows(x).map(model.evidence), weights.mean(0).log().array(Double.self)).map {
      $0 + $1
    }
    let found = Bounds(model, using: RandomSource(seed: 5)).values(.iwae(samples: 3, from: .mixture), x)
    expectClose(found.bound, expected, absolute: 1e-9)
    let worth = weights.sum(0).square() / weights.square().sum(0)
    expectClose(try! #require(found.effectiveSamples), worth, absolute: 1e-9)
  }

  @Test("draws of the prior are weighed by p(x|z), and what they are worth is (sum w)^2 / sum w^2")
  func prior() throws {
    let model = LinearGaussian(spread: 0.3, knowsKL: false)
    let z = model.prior.sample([50, 40], using: RandomSource(seed: 5))
    let rows = model.likelihood(z).logProb(x).exp().array(Double.self)
    let columns = (0..<40).map { column in (0..<50).map { rows[$0 * 40 + column] } }
    let found = Bounds(model, using: RandomSource(seed: 5)).values(.iwae(samples: 50, from: .prior), x)
    expectClose(found.bound, columns.map { log($0.reduce(0, +) / 50) }, absolute: 1e-9)
    let worth = columns.map { pow($0.reduce(0, +), 2) / $0.reduce(0) { $0 + $1 * $1 } }
    expectClose(try #require(found.effectiveSamples), worth, absolute: 1e-9)
    #expect(bounds(model).values(.elbo(samples: 3), x).effectiveSamples == nil)
    // One draw is worth itself, however unlikely it is.
    expectClose(
      try #require(bounds(model).values(.iwae(samples: 1), x * 1e4).effectiveSamples),
      [Double](repeating: 1, count: 40),
      absolute: 0)
  }

  @Test("kl and reconstruction at the same draws add up to the ELBO", arguments: [true, false])
  func parts(_ knowsKL: Bool) {
    let model = LinearGaussian(shift: 0.3, spread: 1.1, knowsKL: knowsKL)
    let sum = bounds(model)(.kl, x) + bounds(model)(.reconstruction, x)
    expectClose(bounds(model)(.elbo(samples: 1), x), -sum, absolute: 1e-9)
  }

  @Test("an estimated KL agrees with its closed form over many draws")
  func klEstimate() {
    let one = x.narrowed(0, 0..<1)
    let estimated = LinearGaussian(shift: 0.3, spread: 1.1, knowsKL: false)
    let exact = bounds(LinearGaussian(shift: 0.3, spread: 1.1, knowsKL: true))(.kl, one).item()
    let draws = RandomSource(seed: 12)
    expectAverage((0..<4000).map { _ in Bounds(estimated, using: draws)(.kl, one).item() }, exact)
  }

  @Test("bits per dimension are minus the importance-weighted bound over log 2 and the dimensions")
  func bitsPerDimension() {
    let model = LinearGaussian(shift: 0.3, knowsKL: false)
    let nats = bounds(model)(.iwae(samples: 20), x).array(Double.self)
    expectClose(bounds(model)(.bitsPerDimension(samples: 20), x), nats.map { -$0 / (3 * log(2)) }, absolute: 1e-9)
  }

  @Test("draws that go through the decoder in blocks give what one block gives")
  func blocks() {
    let tape = Tape(samples: 5000, batch: 3)
    let x = Tensor.zeros([3, 1], dtype: .float64)
    let bounds = Bounds(tape, using: RandomSource(seed: 0))
    // What a draw costs in memory has been found out by one.
    tape.rewind()
    let bound = bounds(.iwae(samples: 5000), x)
    #expect(tape.encoderCalls == 1)
    #expect(tape.blocks.reduce(0, +) == 5000)
    #expect(tape.blocks.count > 1 && tape.blocks.allSatisfy { $0 * 3 <= 4000 }, "\(tape.blocks)")
    // log w = log p(x|z) + log p(z) - log q(z), with unit scales: -(z^2)/2 each for x|z and z, and q flat at 0.
    let expected = (0..<3).map { column in
      let weights = (0..<5000).map { row in exp(-pow(tape.value(row, column), 2) - log(2 * .pi)) }
      return log(weights.reduce(0, +) / 5000)
    }
    expectClose(bound, expected, absolute: 1e-9)
  }

  @Test("a batch larger than a block still gets every draw")
  func largeBatch() {
    let model = LinearGaussian(knowsKL: false)
    let many = LinearGaussian.examples(4500)
    expectClose(
      bounds(model)(.iwae(samples: 3), many), LinearGaussian.rows(many).map(model.evidence), absolute: 1e-9)
  }
}

@Suite("Evaluation over a set")
struct EvaluationTests {
  private func set(_ count: Int) throws -> (DeviceExamples, [[Double]]) {
    let x = LinearGaussian.examples(count, seed: 5).to(.float32)
    let examples = try Examples(name: "x", storage: .floats(x.array(Float.self)), shape: [3])
    return (
      DeviceExamples(examples, binarization: .none), LinearGaussian.rows(x.to(.float64))
    )
  }

  @Test("every example counts once, whatever the batches", arguments: [1, 19, 500, 1003])
  func everyExample(_ count: Int) throws {
    let (examples, rows) = try set(count)
    let model = LinearGaussian(knowsKL: false)
    let expected = Estimate(rows.map(model.evidence))
    var progress: [Int] = []
    let estimates = try evaluate(
      [.iwae(samples: 30), .elbo(samples: 1)], of: model, on: examples, seed: 1
    ) { progress.append($0) }
    #expect(estimates.count == 2)
    for estimate in estimates.map(\.bound) {
      expectClose(estimate.mean, expected.mean, absolute: 1e-5)
      #expect(estimate.count == count)
      expectClose(Tensor(estimate.values), expected.values, absolute: 1e-5)
      guard count > 1 else {
        #expect(estimate.standardError == nil)
        continue
      }
      expectClose(try #require(estimate.standardError), try #require(expected.standardError), absolute: 1e-5)
    }
    // At the exact posterior all weights are equal, and every draw counts; the ELBO has no weights.
    #expect(estimates[1].effectiveSamples == nil)
    let worth = try #require(estimates[0].effectiveSamples)
    #expect(worth.count == count)
    expectClose(worth.mean, 30, absolute: 1e-3)
    #expect(progress.last == count)
    #expect(progress == progress.sorted())
  }

  @Test("bounds measured one by one see the same binarized examples, however many draws each wants")
  func sharedPixels() throws {
    let examples = DeviceExamples(
      try Examples(name: "x", storage: .floats([Float](repeating: 0.5, count: 3 * 700)), shape: [3]),
      binarization: .dynamic)
    // Its posterior is exact, so that every bound is the evidence of what it saw.
    let model = LinearGaussian(knowsKL: false)
    func mean(_ bound: Bound, seed: UInt64) throws -> Double {
      try evaluate([bound], of: model, on: examples, seed: seed)[0].bound.mean
    }
    expectClose(try mean(.elbo(samples: 1), seed: 1), try mean(.iwae(samples: 90), seed: 1), absolute: 1e-5)
    #expect(abs(try mean(.elbo(samples: 1), seed: 1) - mean(.elbo(samples: 1), seed: 2)) > 1e-3)
  }

  @Test("the same seed gives the same numbers, another one others")
  func seeds() throws {
    let (examples, _) = try set(50)
    let model = LinearGaussian(shift: 0.5, knowsKL: false)
    let run = { (seed: UInt64) in
      try evaluate([.elbo(samples: 2), .iwae(samples: 5)], of: model, on: examples, seed: seed)
    }
    #expect(try run(1) == run(1))
    #expect(try run(1) != run(2))
  }

  @Test("an evaluation leaves no tensor behind")
  func leaks() throws {
    let (examples, _) = try set(60)
    try requireNoLeaks {
      _ = try evaluate(
        [.elbo(samples: 1), .iwae(samples: 300), .kl, .reconstruction, .bitsPerDimension(samples: 2)],
        of: LinearGaussian(shift: 0.1, knowsKL: false), on: examples, seed: 1)
    }
  }
}

/// A model whose codes are read off a tape, so that an estimate can be worked out again from the same draws.
private final class Tape: ExplicitPosterior {
  let prior: any CodePrior = StandardNormal(1, dtype: .float64)
  let exampleShape = [1]
  private(set) var encoderCalls = 0
  fileprivate(set) var blocks: [Int] = []
  fileprivate let draws: Tensor  // [samples, batch, 1]
  fileprivate var position = 0
  private let values: [Double]
  private let batch: Int

  init(samples: Int, batch: Int) {
    draws = RandomSource(seed: 9).normal([samples, batch, 1], dtype: .float64)
    values = draws.array(Double.self)
    self.batch = batch
  }

  func rewind() { (encoderCalls, blocks, position) = (0, [], 0) }

  func value(_ row: Int, _ column: Int) -> Double { values[row * batch + column] }

  func likelihood(_ z: Tensor) -> any Distribution {
    DiagonalGaussian(mean: z, logScale: Tensor(0, dtype: .float64))
  }

  func posterior(_ x: Tensor) -> any ScoredSampler {
    encoderCalls += 1
    return Reader(tape: self)
  }

  func closedFormKL(_ x: Tensor) -> Tensor? { nil }
  func encode(_ x: Tensor, using rng: RandomSource) -> Tensor { x }

  /// The next draws of the tape, under a density of 1.
  private struct Reader: ScoredSampler, Density {
    let tape: Tape

    func rsample(_ count: [Int], using rng: RandomSource) -> Tensor {
      let start = tape.position
      tape.position += count[0]
      tape.blocks.append(count[0])
      return tape.draws.narrowed(0, start..<tape.position)
    }

    func logProb(_ value: Tensor) -> Tensor { value.sum(-1) * 0 }
  }
}
