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
  /// The penalty in nats, `[batch]` or, per sample, `[samples, batch]`.
  ///
  /// - Parameters:
  ///   - q: q(z|x) for a batch.
  ///   - z: codes drawn from it.
  func penalty(_ q: Posterior, _ z: Tensor, prior: StandardNormal) -> Tensor
}

/// KL(q(z|x), p(z)) between Gaussians, exactly.
public struct ClosedFormKL: LatentRegularizer {
  public let formula = "KL(q(z|x), p(z))"
  public let isPerSample = false

  public init() {}

  public func penalty(_ q: DiagonalGaussian, _ z: Tensor, prior: StandardNormal) -> Tensor {
    kl(q, prior)
  }
}

/// log q(z|x) - log p(z) at the drawn codes: the KL's one-sample estimate, and the weight of an importance sample.
public struct MonteCarloKL<Posterior: PathwiseSampler & Density>: LatentRegularizer {
  public let formula = "log q(z|x) - log p(z)"
  public let isPerSample = true

  public init() {}

  public func penalty(_ q: Posterior, _ z: Tensor, prior: StandardNormal) -> Tensor {
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
