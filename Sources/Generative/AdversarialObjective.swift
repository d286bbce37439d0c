import Foundation
import Probability
import Torch

/// What a critic returns: larger where its input looks like q's than like p's. Unbounded, no probabilities.
public struct Logits {
  /// One number per example, `[n]`.
  public let values: Tensor

  public init(_ values: Tensor) { self.values = values }
}

/// The game of a critic V between q, which learns, and p.
///
/// Every f-divergence is the largest value of E_q T(V) - E_p f*(T(V)), with T an increasing map into the domain of f*.
/// Nowozin, Cseke & Tomioka 2016, Eqs. 4-6 and Table 2.
public enum AdversarialObjective: String, Sendable, CaseIterable {
  /// The game of Goodfellow et al. 2014: JS(q, p), at most log 2.
  case jensenShannon = "jensen-shannon"
  /// KL(q, p).
  case kl
  /// KL(p, q).
  case reverseKL = "reverse-kl"
  /// chi^2(q, p) = E_p (q/p - 1)^2.
  case pearson
  /// The integral of (sqrt q - sqrt p)^2.
  case hellinger
  /// The 1-Wasserstein distance, if the critic is 1-Lipschitz. Arjovsky et al. 2017, Eq. 2.
  case wasserstein

  /// The estimate of the divergence by a critic's values on draws of q and of p, a scalar; a lower bound on average.
  public func divergence(q: Logits, p: Logits) -> Tensor {
    let (v, u) = (q.values, p.values)
    switch self {
    case .jensenShannon: return (v.logSigmoid().mean() + (-u).logSigmoid().mean()) * 0.5 + log(2)
    case .kl: return v.mean() - (u - 1).exp().mean()
    case .reverseKL: return 1 - (-v).exp().mean() - u.mean()
    case .pearson: return v.mean() - (u.square() * 0.25 + u).mean()
    case .hellinger: return 2 - (-v).exp().mean() - u.exp().mean()
    case .wasserstein: return v.mean() - u.mean()
    }
  }

  /// What q descends, one number per draw.
  ///
  /// It is the divergence's part of q, but for Jensen-Shannon the form that still has a gradient where the critic is
  /// sure: -log sigmoid(-V). Goodfellow et al. 2014, section 3.
  public func loss(q: Logits) -> Tensor {
    let v = q.values
    switch self {
    case .jensenShannon: return v.softplus()
    case .kl, .pearson, .wasserstein: return v
    case .reverseKL, .hellinger: return -(-v).exp()
    }
  }

  /// The objective as `describe` prints it.
  public var formula: String {
    switch self {
    case .jensenShannon: "E_q log sigmoid(V(z)) + E_p log sigmoid(-V(z))"
    case .kl: "E_q V(z) - E_p exp(V(z) - 1)"
    case .reverseKL: "1 - E_q exp(-V(z)) - E_p V(z)"
    case .pearson: "E_q V(z) - E_p [V(z)^2 / 4 + V(z)]"
    case .hellinger: "2 - E_q exp(-V(z)) - E_p exp(V(z))"
    case .wasserstein: "E_q V(z) - E_p V(z)"
    }
  }
}

/// What keeps a critic from growing too steep.
public enum CriticPenalty: Sendable, Equatable {
  case none
  /// weight (|grad V| - 1)^2 between draws of q and of p. Gulrajani et al. 2017, Eq. 3.
  case unitGradient(weight: Double)
  /// weight / 2 |grad V|^2 at draws of p. Mescheder et al. 2018, Eq. 9.
  case r1(weight: Double)

  /// The penalty of a critic on as many rows of `q` as of `p`, a scalar that is differentiable in the critic.
  func callAsFunction(
    _ critic: (Tensor) -> Logits, q: Tensor, p: Tensor, using rng: RandomSource
  ) -> Tensor? {
    switch self {
    case .none: return nil
    case .unitGradient(let weight):
      let t = rng.uniform([q.size(0), 1], dtype: q.dtype)
      let lengths = (squaredGradient(critic, at: q * t + p * (1 - t)) + Self.smallest).sqrt()
      return (lengths - 1).square().mean() * weight
    case .r1(let weight):
      return squaredGradient(critic, at: p).mean() * (weight / 2)
    }
  }

  /// Keeps the root differentiable where the gradient vanishes.
  private static let smallest = 1e-12

  private func squaredGradient(_ critic: (Tensor) -> Logits, at x: Tensor) -> Tensor {
    let leaf = x.detached().requiringGradient()
    let slope = gradients(of: critic(leaf).values, in: [leaf], createGraph: true)[0]
    return slope.square().sum(-1)
  }
}
