import Datasets
import Foundation
import Networks
import TestSupport
import Testing
import Torch

@testable import Generative

@Suite("Densities by mixtures") struct MixtureModelTests {
  /// Rounds on batches of `x`, in order; the losses that were noted.
  private static func fit(
    _ model: MixtureModel, _ x: Tensor, rounds: Int, batch: Int = 16, seed: UInt64 = 1
  ) throws -> [Double] {
    let starts = Array(stride(from: 0, to: x.size(0), by: batch))
    let table = Recorder(using: RandomSource(seed: seed)) { _, index in
      let start = starts[index % starts.count]
      return Batch(x: x.narrowed(0, start..<min(x.size(0), start + batch)))
    }
    for step in 0..<rounds {
      table.clock.step = step
      try model.play(table)
    }
    #expect(table.moves.isEmpty)
    // One pass more before the first iteration.
    #expect(table.feedsRead.count == (rounds + 1) * starts.count)
    return table.notes.map { $0.loss.value.item() }
  }

  private static func clusters(_ rng: RandomSource) -> Tensor {
    .concatenated([
      rng.normal([50, 2]) * 0.5, rng.normal([40, 2]) * Tensor([2, 0.2] as [Float]) + 6, rng.normal([37, 2]) - 7,
    ]) * 100
  }

  @Test("one component has the mean and the covariance of the examples, and their likelihood, after a round")
  func one() throws {
    let rng = RandomSource(seed: 1)
    let x = rng.normal([101, 3]).matmul(rng.normal([3, 3])) * 0.01 + 50
    let model = MixtureModel([3], components: 1, rows: 101)
    _ = try Self.fit(model, x, rounds: 1)
    let wide = x.to(.float64)
    let centred = wide - wide.mean(0)
    let covariance = centred.transposed.matmul(centred) / 101
    let logDeterminant = covariance.symmetricEigen().values.log().sum().item()
    let found = withoutGradients { model.logProb(x) }
    #expect(found.dtype == .float64)
    expectClose(found.mean().item(), -(3 * log(2 * .pi) + logDeterminant + 3) / 2, absolute: 1e-6)
    // Of a single point: the Gaussian of the sample's moments.
    let (values, vectors) = covariance.symmetricEigen()
    let u = centred.matmul(vectors).square() / values
    expectClose(found, u.sum(1) * -0.5 - (logDeterminant + 3 * log(2 * .pi)) / 2, absolute: 1e-8)
  }

  @Test("the loss never rises on fixed examples, and a few rounds find clusters of any unit")
  func clusters() throws {
    let x = Self.clusters(RandomSource(seed: 2))
    let model = MixtureModel([2], components: 3, rows: x.size(0))
    let losses = try Self.fit(model, x, rounds: 30)
    for (before, after) in zip(losses, losses.dropFirst()) { #expect(after <= before + 1e-12) }
    // The three Gaussians that the examples were drawn from, at their shares.
    let wide = x.to(.float64) / 100
    func logNormal(_ centre: Double, _ scales: [Double]) -> Tensor {
      ((wide - centre) / Tensor(scales)).square().sum(1) * -0.5 - log(2 * .pi * scales[0] * scales[1])
    }
    let parts = [
      logNormal(0, [0.5, 0.5]) + log(50.0 / 127), logNormal(6, [2, 0.2]) + log(40.0 / 127),
      logNormal(-7, [1, 1]) + log(37.0 / 127),
    ]
    let truth = -(Tensor.stacked(parts).logSumExp(0).mean().item() - 2 * log(100))
    // Fifteen numbers are fitted to 127 examples: about that many halves better.
    #expect(losses.last! < truth && losses.last! > truth - 0.2, "\(losses.last!) \(truth)")
    let score = try #require(model.score)
    #expect(score.key == "log_likelihood_nats" && score.rises)
    expectClose(-score.value(Batch(x: x), RandomSource(seed: 1)).mean().item(), losses.last!, absolute: 1e-4)
    let draws = model.examples(5000, as: .means, using: RandomSource(seed: 3))
    #expect(draws.shape == [5000, 2] && draws.dtype == .float32)
    expectAverage(draws.at(0, axis: 1).array(Double.self), x.at(0, axis: 1).to(.float64).mean().item())
  }

  @Test("examples that are drawn anew in every pass are read as they come")
  func fresh() throws {
    let rng = RandomSource(seed: 3)
    let model = MixtureModel([1], components: 2, rows: 2000)
    let table = Recorder(using: RandomSource(seed: 4)) { _, _ in
      let sign = rng.bernoulli(.full([500, 1], 0.5)) * 2 - 1
      return Batch(x: sign * 3 + rng.normal([500, 1]))
    }
    for step in 0..<15 {
      table.clock.step = step
      try model.play(table)
    }
    #expect(table.feedsRead.count == 16 * 4)
    // log p(3) of the half at 3.
    let found = withoutGradients { model.logProb(Tensor([3, -3] as [Float], shape: [2, 1])) }
    expectClose(found, [-log(2) - log(2 * .pi) / 2, -log(2) - log(2 * .pi) / 2], absolute: 0.15)
  }

  @Test("the same seed gives the same numbers, another one another start")
  func seeds() throws {
    let x = Self.clusters(RandomSource(seed: 5))
    func losses(_ seed: UInt64) throws -> [Double] {
      try Self.fit(MixtureModel([2], components: 5, rows: x.size(0)), x, rounds: 3, seed: seed)
    }
    #expect(try losses(1) == losses(1))
    #expect(try losses(1) != losses(2))
  }

  @Test("examples that leave no mixture are refused with the component and the iteration")
  func refusals() throws {
    func said(_ x: Tensor, _ components: Int) -> String {
      let error = #expect(throws: DensityError.self) {
        _ = try Self.fit(MixtureModel([2], components: components, rows: x.size(0)), x, rounds: 200)
      }
      return error?.description ?? ""
    }
    let x = RandomSource(seed: 6).normal([40, 2])
    #expect(
      said(.concatenated([x, Tensor.full([9, 2], 30)]), 2).wholeMatch(
        of:
          /iteration [0-9]+: component [12] of 2 has a singular covariance: the examples that belong to it, 9 in all, have no width in some direction; take fewer components, more examples or another seed/
      ) != nil)
    #expect(
      said(.concatenated([x.narrowed(0, 0..<2), x.narrowed(0, 0..<2)]), 3)
        == "expected at least 3 different examples, one for each component, got 2")
    #expect(said(x * 0 + 2, 1).hasPrefix("expected numbers that differ between examples"))
    #expect(
      DensityError.degenerate(.empty(2), of: 8, iteration: 12).description
        == "iteration 12: component 3 of 8 is empty: no example belongs to it; take fewer components, more examples or another seed"
    )
  }

  @Test("a card counts the numbers that are free, and saving keeps everything")
  func saving() throws {
    let model = MixtureModel([1, 2, 2], components: 3, rows: 60)
    #expect(model.card.conditionals.map(\.family) == ["3 Gaussians with full covariances"])
    #expect(model.card.parameterCount == 2 + 3 * 4 + 3 * 10)
    let x = RandomSource(seed: 7).normal([60, 1, 2, 2]) * 3
    _ = try Self.fit(model, x, rounds: 2)
    let other = MixtureModel([1, 2, 2], components: 3, rows: 60)
    try withTemporaryDirectory { directory in
      let path = directory + "/m.safetensors"
      try Safetensors(tensors: Dictionary(uniqueKeysWithValues: model.namedTensors.map { ($0.name, $0.tensor) }))
        .write(to: path)
      try other.load(Safetensors(contentsOf: path).tensors, from: path)
    }
    #expect(other.logProb(x).detached().isEqual(to: model.logProb(x).detached()))
  }
}
