import Probability
import Torch

/// What a regularizer sees of a batch: examples, their posterior, and codes that were drawn from it.
public struct Drawn<Posterior, Prior: CodePrior> {
  /// The examples, `[batch] + shape`.
  public let x: Tensor
  /// q(z|x).
  public let q: Posterior
  /// Codes drawn from it, `[batch, latent]` or `[samples, batch, latent]`.
  public let z: Tensor
  /// The log density that the codes were drawn with, nats, `[batch]` or `[samples, batch]`; nil where no one asked.
  public let logQ: Tensor?
  /// p(z).
  public let prior: Prior

  /// - Parameter logQ: the log density that `z` was drawn with, where it is known.
  public init(x: Tensor, q: Posterior, z: Tensor, logQ: Tensor? = nil, prior: Prior) {
    self.x = x
    self.q = q
    self.z = z
    self.logQ = logQ
    self.prior = prior
  }

  /// The same codes as constants: what a critic sees.
  public var detached: Drawn { Drawn(x: x, q: q, z: z.detached(), logQ: logQ?.detached(), prior: prior) }
}

/// What keeps the codes of an autoencoder near the prior.
///
/// To conform, name the capabilities you need of the posterior and the prior as `Posterior` and `Prior`: then no model
/// can be built whose encoder or prior lacks them. The simplest conformer is `ClosedFormKL`.
public protocol LatentRegularizer {
  /// What the encoder must return.
  associatedtype Posterior: PathwiseSampler
  /// Where codes come from.
  associatedtype Prior: CodePrior
  /// The penalty in the notation of the papers, such as `KL(q(z|x), p(z))`.
  var formula: String { get }
  /// Whether the penalty belongs to each drawn code, so that it may be weighted by importance.
  var isPerSample: Bool { get }
  /// What its value means where the validations of a run are compared.
  var value: PenaltyValue { get }
  /// Draws codes, `count + [batch, latent]`, and their log density where the penalty needs it: one with `rsample` alone
  /// unless a conformer says otherwise.
  func draw(_ count: [Int], from q: Posterior, using rng: RandomSource) -> (z: Tensor, logQ: Tensor?)
  /// The penalty, `[batch]` or, per sample, `[samples, batch]`, or a scalar where it belongs to all codes together.
  ///
  /// - Parameter rng: for draws from the prior.
  func penalty(_ drawn: Drawn<Posterior, Prior>, using rng: RandomSource) -> Tensor
}

extension LatentRegularizer {
  public func draw(_ count: [Int], from q: Posterior, using rng: RandomSource) -> (z: Tensor, logQ: Tensor?) {
    (q.rsample(count, using: rng), nil)
  }
}

/// What the value of a penalty means.
public enum PenaltyValue: Sendable {
  /// The likelihood less the penalty, unweighted, bounds the evidence.
  case bound
  /// Smaller is nearer: it counts with its weight.
  case distance
  /// Only its gradient has a meaning, or it depends on an opponent: it does not count.
  case surrogate

  /// What the penalty itself is counted in.
  var unit: LossUnit { self == .bound ? .nats : .none }
}

/// A regularizer that learns to tell codes from draws of the prior: a second player.
public protocol AdversarialRegularizer<Posterior, Prior>: LatentRegularizer, Module {
  /// The player: its name and what it may change.
  var critic: Player { get }
  /// Its loss in the notation of the papers.
  var criticFormula: String { get }
  /// Moves of the critic for one of the autoencoder.
  var criticSteps: Int { get }
  /// What it descends; `drawn` has codes without a gradient.
  func criticLoss(_ drawn: Drawn<Posterior, Prior>, using rng: RandomSource) -> Loss
}

/// Codes of one or several draws as rows, `[n, latent]`.
func rows(_ z: Tensor) -> Tensor { z.rank == 2 ? z : z.flattened(from: 0, to: z.rank - 2) }

/// Nothing: the probabilistic autoencoder, whose samples come from a Markov chain. Zhao et al. 2017, Eq. 2.
public struct NoRegularizer<Posterior: PathwiseSampler, Prior: CodePrior>: LatentRegularizer {
  public let formula = "0"
  public let isPerSample = false
  public let value = PenaltyValue.surrogate

  public init() {}

  public func penalty(_ drawn: Drawn<Posterior, Prior>, using rng: RandomSource) -> Tensor {
    Tensor(0, dtype: drawn.z.dtype, device: drawn.z.device)
  }
}

/// KL(q(z|x), p(z)) between Gaussians, exactly.
public struct ClosedFormKL: LatentRegularizer {
  public let formula = "KL(q(z|x), p(z))"
  public let isPerSample = false
  public let value = PenaltyValue.bound

  public init() {}

  public func penalty(_ drawn: Drawn<DiagonalGaussian, StandardNormal>, using rng: RandomSource) -> Tensor {
    kl(drawn.q, drawn.prior)
  }
}

/// log q(z|x) - log p(z) at the drawn codes: the KL's one-sample estimate, and the weight of an importance sample.
public struct MonteCarloKL<Posterior: ScoredSampler, Prior: CodePrior>: LatentRegularizer {
  public let formula = "log q(z|x) - log p(z)"
  public let isPerSample = true
  public let value = PenaltyValue.bound

  public init() {}

  /// A posterior with a density is asked for it at the codes later; one without scores them as it draws them.
  public func draw(_ count: [Int], from q: Posterior, using rng: RandomSource) -> (z: Tensor, logQ: Tensor?) {
    guard !(q is any Density) else { return (q.rsample(count, using: rng), nil) }
    let (z, logQ) = q.rsampleScored(count, using: rng)
    return (z, logQ)
  }

  public func penalty(_ drawn: Drawn<Posterior, Prior>, using rng: RandomSource) -> Tensor {
    guard let logQ = drawn.logQ ?? (drawn.q as? any Density)?.logProb(drawn.z) else {
      preconditionFailure("MonteCarloKL: expected codes with their log density")
    }
    return logQ - drawn.prior.logProb(drawn.z)
  }
}

/// How the drawn codes of one example make one bound.
public enum SampleBound: String, Sendable, CaseIterable {
  /// Their mean: the evidence lower bound.
  case mean
  /// The log of their mean weight: tighter with more codes. Burda et al. 2016, Eq. 8.
  case importanceWeighted
}
