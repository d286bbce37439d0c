import Probability
import Torch

/// Codes that were drawn from a posterior, and what is known of the draw.
public struct CodeDraw {
  /// The codes, `[batch, latent]` or `[samples, batch, latent]`.
  public let z: Tensor
  /// Their log density, nats, `[batch]` or `[samples, batch]`; nil where no one asked.
  public let logQ: Tensor?
  /// A Gaussian with the posterior's moments over `[batch, latent]`, without a gradient; nil where no one asked.
  public let moments: DiagonalGaussian?

  public init(_ z: Tensor, logQ: Tensor? = nil, moments: DiagonalGaussian? = nil) {
    (self.z, self.logQ, self.moments) = (z, logQ, moments)
  }
}

/// What a regularizer sees of a batch: examples, their posterior, and codes that were drawn from it.
public struct Drawn<Posterior, Prior: CodePrior> {
  /// The examples, `[batch] + shape`.
  public let x: Tensor
  /// q(z|x).
  public let q: Posterior
  /// Codes drawn from it.
  public let draw: CodeDraw
  /// p(z).
  public let prior: Prior

  /// Codes of examples, drawn from their posterior.
  public init(x: Tensor, q: Posterior, draw: CodeDraw, prior: Prior) {
    (self.x, self.q, self.draw, self.prior) = (x, q, draw, prior)
  }

  /// The codes, `[batch, latent]` or `[samples, batch, latent]`.
  public var z: Tensor { draw.z }
  /// The log density that the codes were drawn with, nats, `[batch]` or `[samples, batch]`; nil where no one asked.
  public var logQ: Tensor? { draw.logQ }

  /// The same codes as constants: what a critic sees.
  public var detached: Drawn {
    Drawn(
      x: x, q: q, draw: CodeDraw(z.detached(), logQ: logQ?.detached(), moments: draw.moments), prior: prior)
  }
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
  /// What a reader should know beside the formula; nil unless a conformer says so.
  var note: String? { get }
  /// Draws codes, `count + [batch, latent]`, with what the penalty needs of them: by `rsample` alone unless a conformer
  /// says otherwise.
  func draw(_ count: [Int], from q: Posterior, using rng: RandomSource) -> CodeDraw
  /// The penalty, `[batch]` or, per sample, `[samples, batch]`, or a scalar where it belongs to all codes together.
  ///
  /// - Parameter rng: for draws from the prior.
  func penalty(_ drawn: Drawn<Posterior, Prior>, using rng: RandomSource) -> Tensor
}

extension LatentRegularizer {
  public var note: String? { nil }

  public func draw(_ count: [Int], from q: Posterior, using rng: RandomSource) -> CodeDraw {
    CodeDraw(q.rsample(count, using: rng))
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
  /// The likelihood less the penalty is near a bound of the evidence, on either side: an opponent estimates it.
  case estimate

  /// What the penalty itself is counted in.
  var unit: LossUnit { self == .bound || self == .estimate ? .nats : .none }
}

/// A regularizer that learns to tell codes from draws of the prior: a second player.
public protocol AdversarialRegularizer<Posterior, Prior>: LatentRegularizer, Module {
  /// The player: its name and what it may change.
  var critic: Player { get }
  /// Its loss in the notation of the papers.
  var criticFormula: String { get }
  /// What the critic tells apart.
  var adversary: ModelCard.Adversary { get }
  /// Moves of the critic for one of the autoencoder.
  var criticSteps: Int { get }
  /// What it descends; `drawn` has codes without a gradient.
  func criticLoss(_ drawn: Drawn<Posterior, Prior>, using rng: RandomSource) -> Loss
  /// The penalty and what the critic descends, on the same codes: both alone, one after the other, unless a conformer
  /// shares a pass through the critic.
  func round(_ drawn: Drawn<Posterior, Prior>, using rng: RandomSource) -> (penalty: Tensor, loss: Loss)
}

extension AdversarialRegularizer {
  public func round(_ drawn: Drawn<Posterior, Prior>, using rng: RandomSource) -> (penalty: Tensor, loss: Loss) {
    (penalty(drawn, using: rng), criticLoss(drawn.detached, using: rng))
  }
}

/// An opponent whose penalty estimates log q(z|x) - log p(z) of each code: its model's bound is approximate.
public protocol LogRatioRegularizer: AdversarialRegularizer {}

/// Codes of one or several draws as rows, `[n, latent]`.
func rows(_ z: Tensor) -> Tensor { z.rank == 2 ? z : z.flattened(from: 0, to: z.rank - 2) }

/// The same of the whole batch, where several processes share it.
func rowsOfAll(_ z: Tensor) -> Tensor { rows(Peers.gathered(z, axis: -2)) }

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
  public func draw(_ count: [Int], from q: Posterior, using rng: RandomSource) -> CodeDraw {
    guard !(q is any Density) else { return CodeDraw(q.rsample(count, using: rng)) }
    let (z, logQ) = q.rsampleScored(count, using: rng)
    return CodeDraw(z, logQ: logQ)
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
