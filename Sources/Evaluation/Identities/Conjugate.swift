import Foundation
import Generative
import Torch

extension Identity {
  /// The convex conjugate f*(t) = sup_u (u t - f(u)) of an objective's f: Nowozin, Cseke & Tomioka 2016, Table 6.
  ///
  /// The left side is what the library's critic pays on draws of p where its value stands for t; the right side is the
  /// supremum, searched for.
  public static func conjugate(_ objective: AdversarialObjective, at t: Double) throws(IdentityError) -> Identity {
    guard let form = ConjugateForm(objective) else {
      throw IdentityError(
        "conjugate: expected an objective that is an f-divergence (\(ConjugateForm.names)), got \(objective.rawValue)")
    }
    guard t.isFinite, t < form.limit else {
      throw IdentityError(
        "conjugate: f* of \(objective.rawValue) is infinite from \(form.limit.sixDigits) on, got \(t.sixDigits)")
    }
    guard t >= form.infimum else {
      throw IdentityError(
        "conjugate: the closed form of \(objective.rawValue) is f* from \(form.infimum.sixDigits) on, where the best ratio is 0, "
          + "got \(t.sixDigits)")
    }
    guard form.workable.contains(t) else {
      throw IdentityError(
        "conjugate: both sides of \(objective.rawValue) are worked out from \(form.workable.lowerBound.plain) to "
          + "\(form.workable.upperBound.plain), got \(t.plain)")
    }
    let paid = objective.gain(p: Logits(Tensor([form.critic(t)]))).item()
    let left = -form.scale * paid - form.rest
    let right = supremum { log in exp(log) * t - form.f(exp(log)) }
    return try Identity(
      "conjugate", left: left, right: right, holds: agree(left, right), terms: [.init("value", left)])
  }

  /// The largest value of a function with one hill, by golden sections of log u in [-700, 300].
  ///
  /// Where u is lost beside other terms the function is level, on the left of its hill alone.
  private static func supremum(_ value: (Double) -> Double) -> Double {
    let golden = (5.0.squareRoot() - 1) / 2
    var (low, high) = (-700.0, 300.0)
    var (a, b) = (high - golden * (high - low), low + golden * (high - low))
    var (atA, atB) = (value(a), value(b))
    for _ in 0..<120 {
      if atA > atB {
        (high, b, atB) = (b, a, atA)
        a = high - golden * (high - low)
        atA = value(a)
      } else {
        (low, a, atA) = (a, b, atB)
        b = low + golden * (high - low)
        atB = value(b)
      }
    }
    return max(atA, atB)
  }
}

/// How an objective of this library is the E_q T(V) - E_p f*(T(V)) of its f.
struct ConjugateForm {
  /// How often the library's divergence goes into that of f: 2 for Jensen-Shannon, whose f is that of 2 JSD.
  let scale: Double
  /// The part of the offset that stands beside what the critic pays on draws of p.
  let rest: Double
  /// T lies below it.
  let limit: Double
  /// The least t whose best ratio u is no less than 0.
  let infimum: Double
  /// Where both sides are worked out: as far as critics' exponentials are no straight lines, and t is told from its limit.
  let workable: ClosedRange<Double>
  /// V with T(V) = t.
  let critic: @Sendable (_ t: Double) -> Double
  /// f(u), zero at 1.
  let f: @Sendable (_ u: Double) -> Double

  /// Those that have one, by name.
  static let names = AdversarialObjective.allCases.filter { ConjugateForm($0) != nil }.map(\.rawValue)
    .joined(separator: ", ")

  /// Nil for objectives that are no f-divergence.
  init?(_ objective: AdversarialObjective) {
    infimum = objective == .pearson ? -2 : -.infinity
    let far = 1e100
    switch objective {
    case .jensenShannon, .nonSaturating, .minimax:
      scale = 2
      rest = log(2)
      limit = log(2)
      workable = -far...log(2) - 1e-9
      critic = { $0 - log(-2 * expm1($0 - log(2))) }
      f = { u in u * log(u) - (u + 1) * log((u + 1) / 2) }
    case .kl:
      (scale, rest, limit) = (1, 0, .infinity)
      workable = -far...21
      critic = { $0 }
      f = { $0 * log($0) }
    case .reverseKL:
      (scale, rest, limit) = (1, 1, 0)
      workable = -far...(-1 / far)
      critic = { -log(-$0) }
      f = { -log($0) }
    case .pearson:
      (scale, rest, limit) = (1, 0, .infinity)
      workable = infimum...far
      critic = { $0 }
      f = { ($0 - 1) * ($0 - 1) }
    case .hellinger:
      (scale, rest, limit) = (1, 1, 1)
      workable = -far...1 - exp(-20)
      critic = { -log(1 - $0) }
      f = { ($0.squareRoot() - 1) * ($0.squareRoot() - 1) }
    case .wasserstein, .leastSquares, .hinge: return nil
    }
  }
}
