import Probability
import Torch

/// What keeps the codes of an autoencoder near the prior.
///
/// To conform, name the capability you need of the posterior as `Posterior`: then no model can be built whose
/// encoder lacks it. The simplest conformer is `ClosedFormKL`.
public protocol LatentRegularizer {
  /// What the encoder must return.
  associatedtype Posterior: PathwiseSampler
  /// The penalty in the notation of the papers, such as `KL(q(z|x), p(z))`.
  var formula: String { get }
  /// Whether the penalty belongs to each drawn code, so that it may be weighted by importance.
  var isPerSample: Bool { get }
  /// What its value means where the validations of a run are compared.
  var value: PenaltyValue { get }
  /// The penalty, `[batch]` or, per sample, `[samples, batch]`, or a scalar where it belongs to all codes together.
  ///
  /// - Parameters:
  ///   - q: q(z|x) for a batch.
  ///   - z: codes drawn from it, `[batch, latent]` or `[samples, batch, latent]`.
  ///   - rng: for draws from the prior.
  func penalty(_ q: Posterior, _ z: Tensor, prior: StandardNormal, using rng: RandomSource) -> Tensor
}

/// What the value of a penalty means.
public enum PenaltyValue: Sendable {
  /// The likelihood less the penalty, unweighted, bounds the evidence.
  case bound
  /// Smaller is nearer: it counts with its weight.
  case distance
  /// Only its gradient has a meaning, or it depends on an opponent: it does not count.
  case surrogate
}

/// A regularizer that learns to tell codes from draws of the prior: a second player.
public protocol AdversarialRegularizer: LatentRegularizer, Module {
  /// The player's name and what it may change.
  var critic: Player { get }
  /// Its loss in the notation of the papers.
  var criticFormula: String { get }
  /// How often it moves for one move of the autoencoder.
  var criticSteps: Int { get }
  /// What it descends; `z` are codes without a gradient.
  func criticLoss(_ z: Tensor, prior: StandardNormal, using rng: RandomSource) -> Loss
}

/// Codes of one or several draws as rows, `[n, latent]`.
func rows(_ z: Tensor) -> Tensor { z.rank == 2 ? z : z.flattened(from: 0, to: z.rank - 2) }

/// Nothing: the probabilistic autoencoder, whose samples come from a Markov chain. Zhao et al. 2017, Eq. 2.
public struct NoRegularizer<Posterior: PathwiseSampler>: LatentRegularizer {
  public let formula = "0"
  public let isPerSample = false
  public let value = PenaltyValue.surrogate

  public init() {}

  public func penalty(_ q: Posterior, _ z: Tensor, prior: StandardNormal, using rng: RandomSource) -> Tensor {
    Tensor(0, dtype: z.dtype, device: z.device)
  }
}

/// KL(q(z|x), p(z)) between Gaussians, exactly.
public struct ClosedFormKL: LatentRegularizer {
  public let formula = "KL(q(z|x), p(z))"
  public let isPerSample = false
  public let value = PenaltyValue.bound

  public init() {}

  public func penalty(
    _ q: DiagonalGaussian, _ z: Tensor, prior: StandardNormal, using rng: RandomSource
  ) -> Tensor {
    kl(q, prior)
  }
}

/// log q(z|x) - log p(z) at the drawn codes: the KL's one-sample estimate, and the weight of an importance sample.
public struct MonteCarloKL<Posterior: PathwiseSampler & Density>: LatentRegularizer {
  public let formula = "log q(z|x) - log p(z)"
  public let isPerSample = true
  public let value = PenaltyValue.bound

  public init() {}

  public func penalty(_ q: Posterior, _ z: Tensor, prior: StandardNormal, using rng: RandomSource) -> Tensor {
    q.logProb(z) - prior.logProb(z)
  }
}

/// How the drawn codes of one example make one bound.
public enum SampleBound: String, Sendable, CaseIterable {
  /// Their mean: the evidence lower bound.
  case mean
  /// The log of their mean weight: tighter with more codes. Burda et al. 2016, Eq. 8.
  case importanceWeighted
}
