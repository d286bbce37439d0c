import Datasets
import Foundation
import Networks
import Probability
import TestSupport
import Testing
import Torch

@testable import Generative

@Suite("Autoencoder") struct AutoencoderTests {
  /// An autoencoder of 3 numbers over 2 latent ones with 4 hidden units on either side.
  private static func model<R: LatentRegularizer>(
    _ regularizer: R, _ observation: LikelihoodFamily = .bernoulli, weight: Schedule = .constant(1),
    samples: Int = 1, sampleBound: SampleBound = .mean,
    using rng: RandomSource = RandomSource(seed: 1)
  ) -> Autoencoder<GaussianNetwork, R> where R.Posterior == DiagonalGaussian, R.Prior == StandardNormal {
    Autoencoder(
      qz: GaussianNetwork(
        MLP([3], hidden: [4], activation: .tanh, using: rng), dimension: 2, using: rng),
      px: NetworkLikelihood(
        MLP([2], hidden: [4], activation: .tanh, using: rng), observation, shape: [3], using: rng),
      pz: StandardNormal(2), regularizer: regularizer, weight: weight, samples: samples,
      sampleBound: sampleBound)
  }

  private static var batch: Batch { Batch(x: RandomSource(seed: 2).uniform([5, 3])) }

  /// Encoder: 3 x 4 + 4 and two heads of 4 x 2 + 2; decoder: 2 x 4 + 4 and 4 x 3 + 3.
  private static let parameterCount = 16 + 20 + 12 + 15

  private static func line<R: LatentRegularizer & SendableMetatype>(
    _ name: String, extra: Int = 0,
    _ make: @escaping @Sendable (RandomSource) -> Autoencoder<GaussianNetwork, R>
  ) -> ModuleCase {
    ModuleCase(name, parameters: parameterCount + extra, make: make) {
      [$0.uniform([4, 3])]
    } apply: { model, inputs in
      // Fresh streams of one seed: the same noise in every call.
      model.bound(inputs[0], using: RandomSource(seed: 3))
    }
  }

  static let modules: [ModuleCase] = [
    line("VAE") { model(ClosedFormKL(), using: $0) },
    line("VAE by Monte Carlo") { model(MonteCarloKL<DiagonalGaussian, StandardNormal>(), using: $0) },
    line("VAE with three codes") { model(ClosedFormKL(), samples: 3, using: $0) },
    line("IWAE") {
      model(
        MonteCarloKL<DiagonalGaussian, StandardNormal>(), samples: 3, sampleBound: .importanceWeighted, using: $0)
    },
    line("VAE of numbers, learned scale", extra: 1) {
      model(ClosedFormKL(), .gaussian(.shared), using: $0)
    },
    line("VAE of pixels, predicted scale", extra: 15) {
      model(ClosedFormKL(), .discretizedLogistic(.predicted, levels: 256), using: $0)
    },
  ]

  @Test("the bound is differentiated rightly in everything, at fixed noise", arguments: modules)
  func conformance(_ module: ModuleCase) throws { try module.check() }

  /// The loss of a round.
  private static func loss<R>(
    _ model: Autoencoder<GaussianNetwork, R>, step: Int = 0, seed: UInt64
  ) throws -> Loss {
    let table = Recorder([.main: batch], clock: Clock(step: step), using: RandomSource(seed: seed))
    try model.play(table)
    return table.loss(of: "autoencoder")
  }

  @Test("a round is one move of one player, who owns every parameter")
  func round() throws {
    let model = Self.model(ClosedFormKL())
    #expect(model.batchesPerRound == 1)
    #expect(model.players.map(\.name) == ["autoencoder"])
    #expect(model.players[0].parameters.elementsEqual(model.parameters) { $0 === $1 })
    let table = Recorder([.main: Self.batch], using: RandomSource(seed: 1))
    try model.play(table)
    #expect(table.moves.map(\.count) == [1] && table.feedsRead == [.main])
  }

  @Test(
    "the loss is reconstruction plus weighted regularizer, and minus the bound where the weight is 1"
  )
  func terms() throws {
    func check<R>(_ model: Autoencoder<GaussianNetwork, R>, weight: Double, step: Int = 0) throws {
      let loss = try Self.loss(model, step: step, seed: 4)
      #expect(loss.terms.map(\.key) == ["reconstruction_nats", "regularizer_nats"])
      let parts = loss.terms.map { $0.value.mean().item() }
      expectClose(loss.value.mean().item(), parts[0] + weight * parts[1], absolute: 1e-5)
      // The watched bound has the regularizer in full, whatever its weight in training.
      let bound = model.bound(Self.batch.x, using: RandomSource(seed: 4))
      #expect(bound.shape == [5])
      expectClose(bound.mean().item(), -parts[0] - parts[1], absolute: 1e-5)
    }
    try check(Self.model(ClosedFormKL()), weight: 1)
    try check(Self.model(MonteCarloKL<DiagonalGaussian, StandardNormal>()), weight: 1)
    try check(Self.model(ClosedFormKL(), samples: 3), weight: 1)
    try check(Self.model(MonteCarloKL<DiagonalGaussian, StandardNormal>(), samples: 3), weight: 1)
    try check(Self.model(ClosedFormKL(), weight: .constant(4)), weight: 4)
    try check(
      Self.model(MonteCarloKL<DiagonalGaussian, StandardNormal>(), weight: .constant(0), samples: 3), weight: 0)
    let warmUp = Schedule.linear(start: 0, end: 1, until: .steps(10))
    for (step, weight) in [(0, 0), (5, 0.5), (10, 1), (1000, 1.0)] {
      try check(Self.model(ClosedFormKL(), weight: warmUp), weight: weight, step: step)
    }
  }

  @Test(
    "the importance-weighted bound of one code is its ELBO, of three the log of the mean weight")
  func importanceWeighted() {
    let one = Self.model(MonteCarloKL<DiagonalGaussian, StandardNormal>(), sampleBound: .importanceWeighted)
    let elbo = Self.model(MonteCarloKL<DiagonalGaussian, StandardNormal>())
    let isSame = one.bound(Self.batch.x, using: RandomSource(seed: 5))
      .isEqual(to: elbo.bound(Self.batch.x, using: RandomSource(seed: 5)))
    #expect(isSame)
    let three = Self.model(
      MonteCarloKL<DiagonalGaussian, StandardNormal>(), samples: 3, sampleBound: .importanceWeighted)
    let (bound, logLikelihood, penalty) = three.bound(
      Self.batch.x, weight: 1, using: RandomSource(seed: 5))
    #expect(logLikelihood.shape == [3, 5])
    #expect(penalty.shape == [3, 5])
    let weights = (logLikelihood - penalty).array(Double.self)
    let expected = (0..<5).map { row in
      log((0..<3).map { exp(weights[5 * $0 + row]) }.reduce(0, +) / 3)
    }
    expectClose(bound, expected, absolute: 1e-5)
  }

  @Test("the closed-form bound of one code is log p(x|z) at that code less the KL")
  func closedForm() throws {
    let model = Self.model(ClosedFormKL())
    let q = model.qz(Self.batch.x)
    let z = q.sample([], using: RandomSource(seed: 6))
    let expected = model.likelihood(z).logProb(Self.batch.x) - kl(q, model.pz)
    expectClose(model.bound(Self.batch.x, using: RandomSource(seed: 6)), expected, absolute: 1e-6)
    let isSame = try #require(model.closedFormKL(Self.batch.x)).isEqual(to: kl(q, model.pz))
    #expect(isSame)
  }

  @Test("a code is the posterior's mean, and the posterior and the example's shape are the parts'")
  func capabilities() throws {
    let model = Self.model(ClosedFormKL())
    let q = model.qz(Self.batch.x)
    let isMean = model.encode(Self.batch.x, using: RandomSource(seed: 7)).isEqual(to: q.mean)
    #expect(isMean)
    let posterior = try #require(model.posterior(Self.batch.x) as? DiagonalGaussian)
    #expect(posterior.logScale.isEqual(to: q.logScale) as Bool)
    #expect(model.exampleShape == [3])
  }

  @Test("a step of training leaves no tensor behind")
  func leaks() {
    let model = Self.model(MonteCarloKL<DiagonalGaussian, StandardNormal>(), samples: 3)
    let rng = RandomSource(seed: 8)
    requireNoLeaks {
      let bound = model.bound(Self.batch.x, weight: 1, using: rng).bound
      _ = gradients(of: bound.mean(), in: model.parameters.map(\.value))
    }
  }

  @Test("the card has the conditionals, the player's loss and the number of parameters")
  func card() {
    let card = Self.model(ClosedFormKL()).card
    #expect(
      card
        == ModelCard(
          conditionals: [
            .init("p", ["z"], "N(0, I), 2 dimensions"), .init("p", ["x"], given: ["z"], "Bernoulli, MLP 2-4-3"),
            .init("q", ["z"], given: ["x"], "Gaussian, MLP 3-4-2"),
          ],
          players: [.init("autoencoder", "-E_q(z|x) [log p(x|z) - KL(q(z|x), p(z))]")],
          parameterCount: Self.parameterCount))
    func loss(_ card: ModelCard) -> String { card.players[0].loss }
    #expect(
      loss(Self.model(ClosedFormKL(), weight: .constant(4)).card)
        == "-E_q(z|x) [log p(x|z) - beta KL(q(z|x), p(z))]")
    #expect(
      loss(Self.model(MonteCarloKL<DiagonalGaussian, StandardNormal>(), samples: 5).card)
        == "-E_q(z|x) [log p(x|z) - (log q(z|x) - log p(z))],  5 draws of z")
    #expect(
      loss(
        Self.model(
          MonteCarloKL<DiagonalGaussian, StandardNormal>(), samples: 5, sampleBound: .importanceWeighted
        ).card)
        == "-E log 1/5 sum_k exp(log p(x|z) - (log q(z|x) - log p(z))),  z_k ~ q(z|x)")
  }

  @Test("importance weights without a regularizer per sample end the process with their message")
  func refusesWeights() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Self.model(ClosedFormKL(), samples: 2, sampleBound: .importanceWeighted) }
    let output = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(
      output.contains(
        "Autoencoder: importance weights need a regularizer per sample, got KL(q(z|x), p(z))"))
  }

  @Test("no codes at all end the process with their message")
  func refusesNone() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Self.model(ClosedFormKL(), samples: 0) }
    let output = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(output.contains("Autoencoder: expected at least 1 sample, got 0"))
  }
}
