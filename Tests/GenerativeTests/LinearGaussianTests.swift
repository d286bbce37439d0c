import Datasets
import Foundation
import Networks
import Probability
import TestSupport
import Testing
import Torch

@testable import Generative

@Suite("Bounds of the linear-Gaussian model") struct LinearGaussianTests {
  /// `count` bounds of each example, `[count][examples]`, from one batch that repeats the examples.
  private func bounds<R>(
    _ model: Autoencoder<GaussianNetwork, R>, count: Int, seed: UInt64
  ) -> [[Double]] {
    withoutGradients {
      let x = Tensor.concatenated([Tensor](repeating: LinearGaussian.x, count: count))
      return model.bound(x, using: RandomSource(seed: seed))
        .reshaped([count, -1]).transposed.split(LinearGaussian.examples.count, axis: 0)
        .map { $0.array(Double.self) }
    }
  }

  @Test("the evidence is what the prior gives by quadrature")
  func evidence() throws {
    let model = try LinearGaussian.model(ClosedFormKL())
    let (z, logPrior, area) = Grid.latents(half: 8, count: 320)
    let logJoint = model.likelihood(z).logProb(LinearGaussian.x) + logPrior
    expectClose(
      logJoint.logSumExp(0) + log(area), LinearGaussian.logEvidence, absolute: 1e-8)
  }

  @Test("with the true posterior every single draw gives the evidence, with any number of codes")
  func exact() throws {
    for (samples, sampleBound) in [(1, SampleBound.mean), (3, .mean), (3, .importanceWeighted)] {
      let model = try LinearGaussian.model(
        MonteCarloKL<DiagonalGaussian, StandardNormal>(), samples: samples, sampleBound: sampleBound)
      for seed in 1...5 {
        let bound = model.bound(
          LinearGaussian.x, using: RandomSource(seed: UInt64(seed)))
        expectClose(bound, LinearGaussian.logEvidence, absolute: 1e-10)
      }
    }
  }

  @Test(
    "with the true posterior and the closed-form KL the ELBO is the evidence on average (false alarms: 1 in 10^5)"
  )
  func closedForm() throws {
    let draws = bounds(try LinearGaussian.model(ClosedFormKL()), count: 5000, seed: 2)
    for (bounds, logEvidence) in zip(draws, LinearGaussian.logEvidence) {
      expectAverage(bounds, logEvidence)
    }
  }

  /// Both estimates have the ELBO as their mean, and the ELBO falls short of the evidence by the KL to the posterior.
  @Test(
    "with a wrong encoder the ELBO falls short by KL(q, posterior), for both KLs (false alarms: 1 in 10^5)",
    arguments: [(0.7, 1.0), (0, 1.6), (-0.5, 0.5)])
  func gap(shift: Double, stretch: Double) throws {
    let gap = LinearGaussian.gap(shift: shift, stretch: stretch)
    #expect(gap > 0.4)
    let both = [
      bounds(
        try LinearGaussian.model(ClosedFormKL(), shift: shift, stretch: stretch), count: 5000,
        seed: 3),
      bounds(
        try LinearGaussian.model(
          MonteCarloKL<DiagonalGaussian, StandardNormal>(), shift: shift, stretch: stretch), count: 5000, seed: 4),
      bounds(
        try LinearGaussian.model(
          MonteCarloKL<DiagonalGaussian, StandardNormal>(), shift: shift, stretch: stretch, samples: 4),
        count: 2000, seed: 5),
    ]
    for draws in both {
      for (bounds, logEvidence) in zip(draws, LinearGaussian.logEvidence) {
        expectAverage(bounds, logEvidence - gap)
      }
    }
  }

  @Test("a single importance weight has the evidence as its mean (false alarms: 1 in 10^5)")
  func unbiased() throws {
    let model = try LinearGaussian.model(
      MonteCarloKL<DiagonalGaussian, StandardNormal>(), shift: 0.3, stretch: 1.4)
    for (bounds, logEvidence) in zip(
      bounds(model, count: 5000, seed: 6), LinearGaussian.logEvidence)
    { expectAverage(bounds.map { exp($0 - logEvidence) }, 1) }
  }

  /// What the bound lacks is the same for every example, so they are pooled. An encoder wider than the posterior has
  /// bounded weights, and for large k the bound lacks v / 2k, v being the variance of a weight over its mean.
  @Test(
    "the importance-weighted bound rises with k to the evidence and never above it (false alarms: 1 in 10^5)"
  )
  func importanceWeighted() throws {
    let (shift, stretch) = (1.0, 1.3)
    var last = (average: -Double.infinity, error: 0.0)
    for (k, count) in [(1, 100), (10, 300), (100, 500), (1000, 60)] {
      let model = try LinearGaussian.model(
        MonteCarloKL<DiagonalGaussian, StandardNormal>(), shift: shift, stretch: stretch, samples: k,
        sampleBound: .importanceWeighted)
      let excess = (0..<10).flatMap { part in
        zip(bounds(model, count: count, seed: UInt64(10 * k + part)), LinearGaussian.logEvidence)
          .flatMap { bounds, logEvidence in bounds.map { $0 - logEvidence } }
      }
      let now = averageAndError(excess)
      #expect(now.average <= 5 * now.error)
      let error = (last.error * last.error + now.error * now.error).squareRoot()
      #expect(now.average - last.average > 5 * error, "k = \(k)")
      last = now
    }
    // E w^2 is a Gaussian integral, the same for each latent dimension.
    let width = 2 * stretch * stretch - 1
    let second = stretch * stretch / width.squareRoot() * exp(shift * shift / width)
    let variance = pow(second, Double(LinearGaussian.latent)) - 1
    expectClose(last.average, -variance / 2000, absolute: 5 * last.error, relative: 0)
    #expect(last.error < 1e-3)
  }

  @Test("an encoder trained by the model's own moves finds the true posterior")
  func training() throws {
    let model = try LinearGaussian.model(
      MonteCarloKL<DiagonalGaussian, StandardNormal>(), shift: 2, stretch: 3, samples: 8)
    let rng = RandomSource(seed: 7)
    let trained = model.qz.parameters
    let optimizer = Adam(trained)
    var step = 0
    let table = Recorder([.main: Batch(x: LinearGaussian.x)], using: rng) { losses in
      optimizer.step(
        gradients(of: losses[0].1.value.mean(), in: trained.map(\.value)),
        rate: step < 600 ? 0.05 : step < 800 ? 0.005 : 0.0005)
      step += 1
    }
    for _ in 0..<1000 { try model.play(table) }
    let posterior = try LinearGaussian.model(ClosedFormKL()).qz(LinearGaussian.x)
    // It starts almost 10 nats away.
    expectClose(kl(model.qz(LinearGaussian.x), posterior), .zeros([6]), absolute: 0.01)
  }
}
