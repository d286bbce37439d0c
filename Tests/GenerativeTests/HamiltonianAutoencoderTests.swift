import Datasets
import Foundation
import Inference
import Networks
import Probability
import TestSupport
import Testing
import Torch

@testable import Generative

@Suite("Hamiltonian variational inference") struct HamiltonianAutoencoderTests {
  /// The true decoder of the linear-Gaussian model, an encoder that is off, and leapfrog steps; in float64.
  ///
  /// - Parameter isReverseExact: whether r(v|x, z) = N(0, I), else a network of x and z.
  private static func model(
    steps: Int, stepSize: Double = 0.1, shift: Double = 0, stretch: Double = 1, isReverseExact: Bool, samples: Int = 1,
    sampleBound: SampleBound = .mean, weight: Schedule = .constant(1)
  ) throws -> HamiltonianAutoencoder {
    let rng = RandomSource(seed: 3)
    let vae = try LinearGaussian.model(ClosedFormKL(), shift: shift, stretch: stretch)
    let (size, latent) = (LinearGaussian.dimension, LinearGaussian.latent)
    let reverse = JointGaussian(
      JointMLP([size, latent], hidden: [5], activation: .tanh, using: rng), dimension: latent, heads: .softplus,
      using: rng)
    let exact = JointGaussian(JointMLP([size, latent], hidden: [5], using: rng), dimension: latent, using: rng)
    withoutGradients {
      for (name, parameter) in exact.namedParameters where name.hasPrefix("heads") {
        parameter.value.multiplyInPlace(0)
      }
    }
    let model = HamiltonianAutoencoder(
      qz: vae.qz, leapfrog: steps == 0 ? nil : LearnedLeapfrog(latent, steps: steps, stepSize: stepSize),
      rv: isReverseExact ? exact : reverse, px: vae.px, pz: StandardNormal(latent), weight: weight, samples: samples,
      sampleBound: sampleBound)
    model.convert(to: .float64)
    return model
  }

  @Test(
    "without a step and with r(v|x, z) = q(v) it is the VAE: equal bounds, losses and gradients", arguments: [1, 3])
  func vae(samples: Int) throws {
    for sampleBound in samples == 1 ? [SampleBound.mean] : [.mean, .importanceWeighted] {
      let hamiltonian = try Self.model(
        steps: 0, shift: 0.5, stretch: 1.4, isReverseExact: true, samples: samples, sampleBound: sampleBound,
        weight: .constant(0.7))
      let vae = Autoencoder(
        qz: hamiltonian.qz, px: hamiltonian.px, pz: hamiltonian.pz,
        regularizer: MonteCarloKL<DiagonalGaussian, StandardNormal>(), weight: .constant(0.7), samples: samples,
        sampleBound: sampleBound)
      var found: [(loss: [Double], gradients: [Tensor])] = []
      for game in [hamiltonian, vae] as [any Game] {
        let shared = hamiltonian.qz.parameters + hamiltonian.px.parameters
        let table = Recorder([.main: Batch(x: LinearGaussian.x)], using: RandomSource(seed: 5)) { losses in
          let loss = losses[0].1
          found.append((loss.value.array(), gradients(of: loss.value.mean(), in: shared.map(\.value))))
        }
        try game.play(table)
      }
      expectClose(found[0].loss, found[1].loss, absolute: 1e-12)
      for (own, expected) in zip(found[0].gradients, found[1].gradients) { expectClose(own, expected, absolute: 1e-12) }
      let (own, expected) = (try #require(hamiltonian.score), try #require(vae.score))
      let batch = Batch(x: LinearGaussian.x)
      expectClose(
        own.value(batch, RandomSource(seed: 6)), expected.value(batch, RandomSource(seed: 6)), absolute: 1e-12)
    }
  }

  /// log w less the evidence, of many draws for each of the six examples.
  private static func excess(_ model: HamiltonianAutoencoder, draws: Int, seed: UInt64) -> [[Double]] {
    let weights = model.logWeights(LinearGaussian.x, samples: draws, using: RandomSource(seed: seed))
    return zip(weights.transposed.split(6, axis: 0), LinearGaussian.logEvidence).map { weights, evidence in
      weights.array(Double.self).map { $0 - evidence }
    }
  }

  @Test(
    "the bound stays below the evidence, and weights have it as their mean (false alarms: 1 in 10^5)",
    arguments: [(1, 0.3, false), (4, 0.2, false), (4, 0.2, true), (16, 0.1, true)])
  func evidence(steps: Int, stepSize: Double, isReverseExact: Bool) throws {
    let model = try Self.model(
      steps: steps, stepSize: stepSize, shift: 0.4, stretch: 1.3, isReverseExact: isReverseExact)
    for excess in Self.excess(model, draws: 8000, seed: 7) {
      let (average, error) = averageAndError(excess)
      #expect(average + 5 * error < 0)
      expectAverage(excess.map(exp), 1)
    }
  }

  @Test(
    "from the true posterior and with r(v|x, z) = q(v) every draw is short of the evidence by its energy error alone")
  func exact() throws {
    func error(_ steps: Int, _ stepSize: Double) throws -> Double {
      let all = try Self.excess(
        Self.model(steps: steps, stepSize: stepSize, isReverseExact: true), draws: 200, seed: 8
      ).flatMap(\.self)
      return (all.reduce(0) { $0 + $1 * $1 } / Double(all.count)).squareRoot()
    }
    let (coarse, fine) = (try error(8, 0.1), try error(16, 0.05))
    #expect(fine < 0.01)
    expectClose(coarse / fine, 4, absolute: 0.2)
  }

  @Test("trained, it comes nearer to the evidence than its Gaussian could alone")
  func training() throws {
    // An encoder that is too wide, and cannot learn: what is gained is gained by steps and reverse model.
    let model = try Self.model(steps: 4, stepSize: 0.1, stretch: 2, isReverseExact: false)
    let gap = LinearGaussian.gap(shift: 0, stretch: 2)
    let learned = model.namedParameters.filter { $0.name.hasPrefix("leapfrog") || $0.name.hasPrefix("rv") }.map(
      \.parameter)
    let optimizer = Adam(learned)
    let x = Tensor.concatenated([Tensor](repeating: LinearGaussian.x, count: 10))
    let table = Recorder([.main: Batch(x: x)], using: RandomSource(seed: 9)) { losses in
      optimizer.step(gradients(of: losses[0].1.value.mean(), in: learned.map(\.value)), rate: 0.02)
    }
    for _ in 0..<400 { try model.play(table) }
    let all = Self.excess(model, draws: 1000, seed: 10).flatMap(\.self)
    let mean = all.reduce(0, +) / Double(all.count)
    #expect(mean < 0 && mean > -0.5 * gap, "\(mean), where the Gaussian is short by \(gap)")
  }

  static let modules = [
    ModuleCase(
      "Hamiltonian autoencoder, two draws",
      parameters: (3 * 4 + 4 + 2 * (4 * 2 + 2)) + (2 + 2) + (3 * 5 + 5 + 2 * 5 + 2 * (5 * 2 + 2))
        + (2 * 4 + 4 + 4 * 3 + 3)
    ) { rng in
      HamiltonianAutoencoder(
        qz: GaussianNetwork(MLP([3], hidden: [4], activation: .tanh, using: rng), dimension: 2, using: rng),
        leapfrog: LearnedLeapfrog(2, steps: 2, stepSize: 0.2),
        rv: JointGaussian(JointMLP([3, 2], hidden: [5], activation: .tanh, using: rng), dimension: 2, using: rng),
        px: NetworkLikelihood(MLP([2], hidden: [4], activation: .elu, using: rng), .bernoulli, shape: [3], using: rng),
        pz: StandardNormal(2), samples: 2, sampleBound: .importanceWeighted)
    } inputs: {
      [$0.uniform([4, 3])]
    } apply: {
      $0.bound($1[0], weight: 1, using: RandomSource(seed: 9)).bound
    },
    ModuleCase(
      "Hamiltonian autoencoder of images, convolutional",
      parameters: (16 * 2 + 2 + 2 * 2 * 2 * 4 + 4 + 2 * (4 * 2 + 2)) + (1 + 2)
        + (4 * 5 + 5 + 2 * 5 + 2 * (5 * 2 + 2)) + (16 * 2 + 2 + 2 * 2 * 2 * 4 + 4)
        + (2 * 4 + 4 + 4 * 8 + 8 + 16 * 2 + 1)
    ) { rng in
      func encoder() -> any Network {
        ConvEncoder([1, 4, 4], channels: [2], hidden: [4], activation: .elu, using: rng)
      }
      return HamiltonianAutoencoder(
        qz: GaussianNetwork(encoder(), dimension: 2, using: rng), leapfrog: LearnedLeapfrog(2, steps: 1, stepSize: 0.2),
        rv: JointGaussian(JointMLP([4, 2], hidden: [5], activation: .tanh, using: rng), dimension: 2, using: rng),
        reader: encoder(),
        px: NetworkLikelihood(
          ConvDecoder(2, imageShape: [1, 4, 4], channels: [2], hidden: [4], activation: .elu, using: rng), .bernoulli,
          shape: [1, 4, 4], using: rng), pz: StandardNormal(2))
    } inputs: {
      [$0.uniform([3, 1, 4, 4])]
    } apply: {
      $0.bound($1[0], weight: 1, using: RandomSource(seed: 9)).bound
    },
  ]

  @Test("its bound is differentiable through the steps in every parameter and in x", arguments: modules)
  func conformance(_ module: ModuleCase) throws { try module.check() }

  @Test("validations, weights and codes are the same without a graph, for a batch of one too")
  func withoutGraph() throws {
    let model = try Self.model(steps: 3, shift: 0.4, isReverseExact: false)
    for x in [LinearGaussian.x, LinearGaussian.x.narrowed(0, 0..<1)] {
      let bound = model.bound(x, weight: 1, using: RandomSource(seed: 4)).bound
      let score = try #require(model.score).value(Batch(x: x), RandomSource(seed: 4))
      expectClose(score, bound.detached(), absolute: 1e-12)
      expectClose(
        withoutGradients { model.logWeights(x, samples: 1, using: RandomSource(seed: 4)) }.at(0), score, absolute: 1e-12
      )
      let codes = model.encode(x, using: RandomSource(seed: 4))
      #expect(codes.shape == [x.size(0), 2] && !codes.requiresGradient)
      requireNoLeaks { _ = model.logWeights(x, samples: 2, using: RandomSource(seed: 4)) }
    }
  }

  @Test("it says what it is made of")
  func card() throws {
    let card = try Self.model(steps: 16, isReverseExact: true).card
    #expect(
      card.conditionals.map { "\($0.symbol) = \($0.family)" } == [
        "p(z) = N(0, I), 2 dimensions", "p(x|z) = Gaussian (scale 0.6), MLP 2-4", "q(z0|x) = Gaussian, MLP 4-2",
        "q(v0) = N(0, I): a momentum of N(0, M) in units of its deviations, M diagonal and learned",
        "q(z, v|x, z0, v0) = 16 leapfrog steps on log p(x, z), their sizes learned",
        "r(v|x, z) = Gaussian, MLP (4 + 2)-5-2",
      ])
    #expect(
      card.players.map(\.loss) == [
        "-E_q(z0|x) q(v0) [log p(x|z) - (log q(z0|x) + log q(v0) - log p(z) - log r(v|x, z))]"
      ])
  }
}
