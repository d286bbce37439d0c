import Foundation
import Torch

/// The game of a critic V between q, which learns or generates, and p, the prior or the data.
///
/// Every f-divergence is the largest value of E_q T(V) - E_p f*(T(V)), with T an increasing map into the domain of f*:
/// Nowozin, Cseke & Tomioka 2016, Eqs. 4-6 and Table 2. All parts are numbers per row, so that importance weights can
/// multiply in. Exponentials, of `kl`, `reverseKL` and `hellinger`, are straight lines beyond e^20, so that logits of a
/// critic that is sure are no infinite losses; the divergence is then no lower bound any more.
public enum AdversarialObjective: String, Sendable, CaseIterable {
  /// JS(q, p), at most log 2, with the loss of q that still has a gradient where the critic is sure.
  /// Goodfellow et al. 2014.
  case jensenShannon = "jensen-shannon"
  /// The same under the name that it has among GANs.
  case nonSaturating = "non-saturating"
  /// The same game with q descending the divergence itself. Goodfellow et al. 2014, Eq. 1.
  case minimax
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
  /// An eighth of the integral of (q - p)^2 / (q + p), by a critic near 1 on q and 0 on p. Mao et al. 2017, Eq. 2.
  case leastSquares = "least-squares"
  /// Twice the total variation, by a critic that is content beyond a margin of 1. Lim & Ye 2017;
  /// Miyato et al. 2018, Eq. 16.
  case hinge

  /// Where exponentials of logits go on as straight lines. A density ratio of e^20 has no draws to tell of it.
  private static let largestExponent = 20.0

  /// e^v, and from `largestExponent` on its tangent: e^88 is infinite in float32, while the tangent and the squares of
  /// its slope stay finite, and its slope still leads back. Below, values and gradients are those of e^v to the bit.
  private static func exponential(_ v: Tensor) -> Tensor {
    v.clamped(-.infinity, largestExponent).exp() * ((v - largestExponent).relu() + 1)
  }

  /// The least ratio that a critic can tell: on its way it may say that one is negative, which has no logarithm.
  private static let leastRatio = 1 / Foundation.exp(largestExponent)

  /// What the critic's value on one draw of q adds to the divergence, `[n]`.
  public func gain(q: Logits) -> Tensor {
    let v = q.values
    switch self {
    case .jensenShannon, .nonSaturating, .minimax: return v.logSigmoid() * 0.5
    case .kl, .pearson, .wasserstein: return v
    case .reverseKL, .hellinger: return -Self.exponential(-v)
    case .leastSquares: return (v - 1).square() * -0.5
    case .hinge: return -(1 - v).relu()
    }
  }

  /// What the critic's value on one draw of p adds to the divergence, `[n]`.
  public func gain(p: Logits) -> Tensor {
    let u = p.values
    switch self {
    case .jensenShannon, .nonSaturating, .minimax: return (-u).logSigmoid() * 0.5
    case .kl: return -Self.exponential(u - 1)
    case .reverseKL, .wasserstein: return -u
    case .pearson: return -(u.square() * 0.25 + u)
    case .hellinger: return -Self.exponential(u)
    case .leastSquares: return u.square() * -0.5
    case .hinge: return -(1 + u).relu()
    }
  }

  /// What is added to the gains to make them a divergence, 0 where q and p are alike.
  public var offset: Double {
    switch self {
    case .jensenShannon, .nonSaturating, .minimax: log(2)
    case .kl, .pearson, .wasserstein: 0
    case .reverseKL: 1
    case .hellinger, .hinge: 2
    case .leastSquares: 0.25
    }
  }

  /// What each side counts in the divergence: p(y) = 1/2 in Jensen-Shannon's, where Goodfellow et al. 2014 add up the sides.
  public var sideWeight: Double {
    switch self {
    case .jensenShannon, .nonSaturating, .minimax: 0.5
    default: 1
    }
  }

  /// The estimate of the divergence by a critic's values on draws of q and of p, a scalar; a lower bound on average.
  public func divergence(q: Logits, p: Logits) -> Tensor {
    switch self {
    // One scale behind both means: half the divergence's gradient in each, to the bit.
    case .jensenShannon, .nonSaturating, .minimax:
      (q.values.logSigmoid().mean() + (-p.values).logSigmoid().mean()) * 0.5 + offset
    default: gain(q: q).mean() + gain(p: p).mean() + offset
    }
  }

  /// What q descends, one number per draw, `[n]`.
  ///
  /// It is the divergence's part of q, but for Jensen-Shannon the form that still has a gradient where the critic is
  /// sure, -log sigmoid(-V) (Goodfellow et al. 2014, section 3), and for least squares the distance to the value of p's
  /// draws.
  public func loss(q: Logits) -> Tensor {
    let v = q.values
    switch self {
    case .jensenShannon, .nonSaturating: return v.softplus()
    case .minimax: return v.logSigmoid()
    case .kl, .pearson, .wasserstein, .hinge: return v
    case .reverseKL, .hellinger: return -Self.exponential(-v)
    case .leastSquares: return v.square() * 0.5
    }
  }

  /// What p descends, one number per draw, `[n]`, in games that move both sides, such as two domains under one network:
  /// what q descends with the sides exchanged, or the divergence's part of p where q descends its own part.
  public func loss(p: Logits) -> Tensor {
    let v = p.values
    switch self {
    case .jensenShannon, .nonSaturating: return (-v).softplus()
    case .minimax: return (-v).logSigmoid()
    case .kl, .pearson, .reverseKL, .hellinger, .wasserstein: return gain(p: p)
    case .hinge: return -v
    case .leastSquares: return (v - 1).square() * 0.5
    }
  }

  /// The value of the best critic where q and p are equally likely; 0 for `wasserstein`, whose critic has no such value.
  public var boundary: Double {
    switch self {
    case .jensenShannon, .nonSaturating, .minimax, .reverseKL, .pearson, .hellinger, .wasserstein, .hinge: 0
    case .kl: 1
    case .leastSquares: 0.5
    }
  }

  /// log q/p as the best critic tells it, `[n]`; nil for objectives whose critic does not say.
  public func logRatio(_ critic: Logits) -> Tensor? {
    let v = critic.values
    switch self {
    case .jensenShannon, .nonSaturating, .minimax, .reverseKL: return v
    case .kl: return v - 1
    case .pearson: return (v * 0.5 + 1).clamped(Self.leastRatio, .infinity).log()
    case .hellinger: return v * 2
    case .wasserstein, .leastSquares, .hinge: return nil
    }
  }

  /// log q/p in terms of the critic, as `describe` prints it; nil where `logRatio` is.
  public func logRatioFormula(_ name: String) -> String? {
    let v = "V(\(name))"
    return switch self {
    case .jensenShannon, .nonSaturating, .minimax, .reverseKL: v
    case .kl: "\(v) - 1"
    case .pearson: "log(1 + \(v)/2)"
    case .hellinger: "2 \(v)"
    case .wasserstein, .leastSquares, .hinge: nil
    }
  }

  /// The factor on |z|^2 in the best critic against N(0, I), whatever q is; nil where it has no such term.
  public var baseMeasure: Double? {
    switch self {
    case .jensenShannon, .nonSaturating, .minimax, .reverseKL, .kl: 0.5
    case .hellinger: 0.25
    case .pearson, .wasserstein, .leastSquares, .hinge: nil
    }
  }

  /// Whether its best critic tells log q/p.
  public var tellsLogRatio: Bool { logRatioFormula("z") != nil }

  /// The best critic where log q/p is this, `[n]`: the inverse of `logRatio`; nil for objectives whose critic does not
  /// say.
  public func critic(logRatio: Tensor) -> Logits? {
    switch self {
    case .jensenShannon, .nonSaturating, .minimax, .reverseKL: Logits(logRatio)
    case .kl: Logits(logRatio + 1)
    case .pearson: Logits((Self.exponential(logRatio) - 1) * 2)
    case .hellinger: Logits(logRatio * 0.5)
    case .wasserstein, .leastSquares, .hinge: nil
    }
  }

  /// What divergence and losses are counted in.
  public var unit: LossUnit {
    switch self {
    case .jensenShannon, .nonSaturating, .minimax, .kl, .reverseKL: .nats
    case .pearson, .hellinger, .wasserstein, .leastSquares, .hinge: .none
    }
  }

  /// The divergence as `describe` prints it, of a variable such as `z`: the critic descends its negative.
  public func formula(_ name: String) -> String {
    let v = "V(\(name))"
    return switch self {
    case .jensenShannon, .nonSaturating, .minimax: "log 2 + E_q log sigmoid(\(v)) / 2 + E_p log sigmoid(-\(v)) / 2"
    case .kl: "E_q \(v) - E_p exp(\(v) - 1)"
    case .pearson: "E_q \(v) - E_p [\(v)^2 / 4 + \(v)]"
    case .reverseKL: "1 - E_q exp(-\(v)) - E_p \(v)"
    case .hellinger: "2 - E_q exp(-\(v)) - E_p exp(\(v))"
    case .wasserstein: "E_q \(v) - E_p \(v)"
    case .leastSquares: "1 / 4 - E_q (\(v) - 1)^2 / 2 - E_p \(v)^2 / 2"
    case .hinge: "2 - E_q max(0, 1 - \(v)) - E_p max(0, 1 + \(v))"
    }
  }

  /// What q descends, as `describe` prints it.
  public func lossFormula(_ name: String) -> String {
    let v = "V(\(name))"
    return switch self {
    case .jensenShannon, .nonSaturating: "-E_q log sigmoid(-\(v))"
    case .minimax: "E_q log sigmoid(\(v))"
    case .kl, .pearson, .wasserstein, .hinge: "E_q \(v)"
    case .reverseKL, .hellinger: "-E_q exp(-\(v))"
    case .leastSquares: "E_q \(v)^2 / 2"
    }
  }

  /// What p descends where both sides move, as `describe` prints it.
  public func lossFormula(ofP name: String) -> String {
    let v = "V(\(name))"
    return switch self {
    case .jensenShannon, .nonSaturating: "-E_p log sigmoid(\(v))"
    case .minimax: "E_p log sigmoid(-\(v))"
    case .kl: "-E_p exp(\(v) - 1)"
    case .pearson: "-E_p [\(v)^2 / 4 + \(v)]"
    case .reverseKL, .wasserstein, .hinge: "-E_p \(v)"
    case .hellinger: "-E_p exp(\(v))"
    case .leastSquares: "E_p (\(v) - 1)^2 / 2"
    }
  }
}
