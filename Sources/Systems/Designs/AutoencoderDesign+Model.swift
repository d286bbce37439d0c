import Generative
import Networks
import Probability
import Torch

extension AutoencoderDesign {
  public func make(_ facts: Facts, using rng: RandomSource) -> any SystemModel {
    settled(facts.shape).made(facts.shape, using: rng)
  }

  /// The model of networks that examples of a shape can have.
  private func made(_ shape: [Int], using rng: RandomSource) -> any SystemModel {
    let dimension = latent.dimensions
    switch encoder.noise.noise {
    case .none:
      let qz = GaussianNetwork(
        encoder.make(of: shape, using: rng), dimension: dimension, initialScale: latent.initialScale, using: rng)
      return explicit(qz, shape, using: rng)
    case .input: return implicit(encoder.makeNoisyInput(of: shape, dimension: dimension, using: rng), shape, using: rng)
    case .layers:
      let network = encoder.makeLayers(of: shape, hidden: encoder.hidden, using: rng)
      let qz = NoisyLayers(network, noise: encoder.noise.noiseSize ?? dimension, dimension: dimension, using: rng)
      return implicit(qz, shape, using: rng)
    case .basis:
      let qz = NoiseBasis(
        encoder.make(of: shape, using: rng), basisCount: encoder.noise.basisCount,
        noise: encoder.noise.noiseSize ?? dimension, dimension: dimension, using: rng)
      return implicit(qz, shape, using: rng)
    }
  }

  /// The autoencoder of an encoder under a regularizer.
  private func model<Q: Conditional & Summarized, R: LatentRegularizer>(
    _ qz: Q, _ px: any Likelihood, _ chosen: R
  ) -> any SystemModel where Q.Input == Tensor, Q.Output == R.Posterior, R.Prior == StandardNormal {
    Autoencoder(
      qz: qz, px: px, pz: StandardNormal(latent.dimensions), regularizer: chosen,
      weight: regularizer.factor.schedule(dimensions: px.shape.reduce(1, *)), samples: samples,
      sampleBound: bound.sampleBound, moves: moves,
      pretrainSteps: regularizer.isAdversarial ? adversary.critic.pretrainSteps : 0)
  }

  /// An autoencoder with a Gaussian posterior.
  private func explicit(_ qz: GaussianNetwork, _ shape: [Int], using rng: RandomSource) -> any SystemModel {
    let px = makeLikelihood(shape, using: rng)
    func critic() -> CriticRegularizer<DiagonalGaussian, StandardNormal> {
      adversary.regularizer(dimension: latent.dimensions, shape: shape, using: rng)
    }
    func info<Marginal: LatentRegularizer>(_ marginal: Marginal) -> any SystemModel
    where Marginal.Posterior == DiagonalGaussian, Marginal.Prior == StandardNormal {
      model(qz, px, InformationRegularizer(alpha: regularizer.alpha, lambda: regularizer.lambda, marginal: marginal))
    }
    func scored<Q: Conditional & Summarized>(_ qz: Q) -> any SystemModel
    where Q.Input == Tensor, Q.Output: ScoredSampler {
      model(qz, px, MonteCarloKL<Q.Output, StandardNormal>())
    }
    return switch (regularizer.divergence, regularizer.marginal) {
    case (.kl, _): model(qz, px, ClosedFormKL())
    case (.monteCarloKL, _):
      switch posterior.family {
      case .gaussian: scored(qz)
      case .planar: scored(posterior.planar(qz, using: rng))
      case .iaf: scored(posterior.inverseAutoregressive(qz, using: rng))
      }
    case (.info, .mmd): info(mmd())
    case (.info, .stein): info(stein())
    case (.info, .adversarial): info(critic())
    default: ofDraws(qz, px, shape, using: rng)
    }
  }

  /// An autoencoder whose posterior is a sampler without a density.
  private func implicit<Q: Conditional & Summarized>(_ qz: Q, _ shape: [Int], using rng: RandomSource)
    -> any SystemModel
  where Q.Input == Tensor, Q.Output: PathwiseSampler {
    ofDraws(qz, makeLikelihood(shape, using: rng), shape, using: rng)
  }

  /// An autoencoder under a regularizer that needs no more than draws of the posterior.
  private func ofDraws<Q: Conditional & Summarized>(
    _ qz: Q, _ px: any Likelihood, _ shape: [Int], using rng: RandomSource
  ) -> any SystemModel where Q.Input == Tensor, Q.Output: PathwiseSampler {
    let dimension = latent.dimensions
    switch regularizer.divergence {
    case .none: return model(qz, px, NoRegularizer<Q.Output, StandardNormal>())
    case .mmd: return model(qz, px, mmd() as MMDRegularizer<Q.Output, StandardNormal>)
    case .stein: return model(qz, px, stein() as SteinRegularizer<Q.Output>)
    case .ksd: return model(qz, px, KSDRegularizer<Q.Output>(beta: regularizer.beta, estimator: regularizer.estimator))
    case .adversarial:
      let critic: CriticRegularizer<Q.Output, StandardNormal> = adversary.regularizer(
        dimension: dimension, shape: shape, using: rng)
      return model(qz, px, critic)
    case .criticKL:
      let kind = regularizer.contrast == .prior ? Contrast.prior : .adaptive(samples: contrast.samples)
      let critic: ContrastRegularizer<Q.Output, StandardNormal> = adversary.contrast(
        kind, dimension: dimension, shape: shape, using: rng)
      return model(qz, px, critic)
    case .kl, .monteCarloKL, .info:
      preconditionFailure("AutoencoderDesign: \(regularizer.divergence.rawValue) needs a density of q(z|x)")
    }
  }

  private func mmd<Posterior: PathwiseSampler>() -> MMDRegularizer<Posterior, StandardNormal> {
    MMDRegularizer(
      kernel: regularizer.radialKernel(dimension: latent.dimensions), estimator: regularizer.estimator,
      priorSamples: regularizer.priorSamples)
  }

  private func stein<Posterior: PathwiseSampler>() -> SteinRegularizer<Posterior> {
    SteinRegularizer(bandwidth: regularizer.bandwidth.map { .fixed($0) } ?? .median)
  }

  /// p(x|z) with fresh parameters.
  private func makeLikelihood(_ shape: [Int], using rng: RandomSource) -> any Likelihood {
    likelihood.make(decoder, code: latent.dimensions, shape: shape, using: rng)
  }
}
