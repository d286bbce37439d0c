import Datasets
import Foundation
import Networks
import Probability
import TestSupport
import Testing
import Torch

@testable import Generative

/// A curved decoder over a latent plane, whose evidence and bounds are known by quadrature.
@Suite("Bounds of a model with a latent plane") struct QuadratureTests {
  private static let dimension = 6

  private func model<R: LatentRegularizer>(
    _ regularizer: R, samples: Int = 1, sampleBound: SampleBound = .mean
  ) -> Autoencoder<GaussianNetwork, R> where R.Posterior == DiagonalGaussian, R.Prior == StandardNormal {
    let rng = RandomSource(seed: 11)
    let model = Autoencoder(
      qz: GaussianNetwork(
        MLP([Self.dimension], hidden: [5], activation: .tanh, using: rng), dimension: 2, using: rng),
      px: NetworkLikelihood(
        MLP([2], hidden: [7], activation: .tanh, using: rng), .bernoulli, shape: [Self.dimension],
        using: rng),
      pz: StandardNormal(2), regularizer: regularizer, samples: samples,
      sampleBound: sampleBound)
    model.convert(to: .float64)
    // Weights as they start would make a decoder that hardly looks at z.
    withoutGradients {
      for parameter in model.px.parameters { parameter.value.multiplyInPlace(3) }
    }
    return model
  }

  private var x: Tensor {
    Tensor([1, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1.0], shape: [3, Self.dimension])
  }

  /// The evidence and the ELBO of each example, by quadrature. `model` is any of the above: they have equal weights.
  private func byQuadrature() -> (logEvidence: [Double], elbo: [Double]) {
    withoutGradients {
      let model = model(ClosedFormKL())
      let (z, logPrior, area) = Grid.latents(half: 9, count: 240)
      let logLikelihood = model.likelihood(z).logProb(x)  // [cells, examples]
      let logEvidence = (logLikelihood + logPrior).logSumExp(0) + log(area)
      let q = model.qz(x)
      let logQ = q.logProb(z)
      let elbo = (logQ.exp() * (logLikelihood + logPrior - logQ)).sum(0) * area
      // The grid holds all of the posterior.
      expectClose((logQ.exp() * area).sum(0), [1, 1, 1], absolute: 1e-9)
      return (logEvidence.array(Double.self), elbo.array(Double.self))
    }
  }

  private func bounds<R>(
    _ model: Autoencoder<GaussianNetwork, R>, count: Int
  ) -> [[Double]] {
    withoutGradients {
      let repeated = Tensor.concatenated([Tensor](repeating: x, count: count))
      let bounds = model.bound(repeated, using: RandomSource(seed: 12))
        .reshaped([count, 3])
      return (0..<3).map { bounds.at($0, axis: 1).array(Double.self) }
    }
  }

  @Test("the decoder looks at z, and the encoder is not the posterior")
  func interesting() {
    let (logEvidence, elbo) = byQuadrature()
    for (logEvidence, elbo) in zip(logEvidence, elbo) { #expect(logEvidence - elbo > 0.05) }
    let spread = model(ClosedFormKL()).likelihood(
      RandomSource(seed: 1).normal([100, 2], dtype: .float64)
    )
    .mean.variance(0).max().item()
    #expect(spread > 0.01)
  }

  @Test(
    "closed-form and Monte Carlo KL average to the ELBO of the quadrature (false alarms: 1 in 10^5)"
  )
  func elbo() {
    let (_, elbo) = byQuadrature()
    let both = [
      bounds(model(ClosedFormKL()), count: 10_000),
      bounds(model(MonteCarloKL<DiagonalGaussian, StandardNormal>()), count: 10_000),
      bounds(model(ClosedFormKL(), samples: 5), count: 2000),
      bounds(model(MonteCarloKL<DiagonalGaussian, StandardNormal>(), samples: 5), count: 2000),
    ]
    for bounds in both {
      for (bounds, elbo) in zip(bounds, elbo) { expectAverage(bounds, elbo, bias: 1e-8) }
    }
  }

  /// The variance of a weight over its mean is below 2 here, so the bound of 5000 is off by less than 2 / 5000 on
  /// average and has a standard deviation of 0.02.
  @Test(
    "5000 importance weights give the evidence of the quadrature within 0.005 (false alarms: 1 in 10^5)"
  )
  func importanceWeighted() {
    let (logEvidence, _) = byQuadrature()
    let model = model(
      MonteCarloKL<DiagonalGaussian, StandardNormal>(), samples: 5000, sampleBound: .importanceWeighted)
    for (bounds, logEvidence) in zip(bounds(model, count: 100), logEvidence) {
      let (average, error) = averageAndError(bounds)
      #expect(error < 0.004)
      expectClose(average, logEvidence, absolute: 0.005 + 5 * error)
      #expect(average <= logEvidence + 5 * error)
    }
  }
}
