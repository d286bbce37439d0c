import Foundation
import Generative
import Torch

extension Identity {
  /// The bound of Hu et al. 2018, Eq. 30, between distributions over a few states: JSD(pg, p_data) is at most
  /// E_p(y) KL(p(x|y), q^r(x|y)), with q^r(x|y) proportional to q^r(y|x) (pg + p_data) / 2.
  ///
  /// The left side is the library's divergence under its best critic. The paper's proof (Eqs. 24 and 31) leaves q^r(x|y)
  /// without its normalizer, and `kl_unnormalized` is what it bounds by: it is never below the left side. With the
  /// normalizer, as Eq. 9 has it, the bound holds for the best D and those near it, and fails for one that is deceived:
  /// where D calls real just what is generated, q^r(x|y) is p(x|y) and the right side 0.
  ///
  /// - Parameters:
  ///   - generated: pg, a probability above 0 for each state.
  ///   - data: p_data, as many.
  ///   - realness: D of each state, between 0 and 1; nil is the best one.
  public static func jsdBound(
    generated: [Double], data: [Double], realness: [Double]? = nil
  ) throws(IdentityError) -> Identity {
    try check(generated, "generated")
    try check(data, "data")
    guard generated.count == data.count, (realness ?? data).count == data.count else {
      throw IdentityError(
        "jsd-bound: expected as many states everywhere, got \(generated.count) generated, \(data.count) of the data"
          + (realness.map { " and \($0.count) of D" } ?? ""))
    }
    if let wrong = realness?.first(where: { !($0 > 0 && $0 < 1) }) {
      throw IdentityError("jsd-bound: expected D between 0 and 1, got \(wrong.sixDigits)")
    }
    let (g, p) = (Tensor(generated), Tensor(data))
    let objective = AdversarialObjective.minimax
    let best = Logits(g.log() - p.log())
    let jsd = (g * objective.gain(q: best) + p * objective.gain(p: best)).sum().item() + objective.offset

    let d = realness.map { Tensor($0) } ?? p / (g + p)
    let mixture = (g + p) * 0.5
    func divergence(_ px: Tensor, _ weight: Tensor) -> (kl: Double, logNormalizer: Double) {
      let unnormalized = weight * mixture
      let normalizer = unnormalized.sum()
      return ((px * (px * normalizer / unnormalized).log()).sum().item(), normalizer.log().item())
    }
    let (fake, real) = (divergence(g, d), divergence(p, 1 - d))
    let right = 0.5 * (fake.kl + real.kl)
    let logNormalizer = 0.5 * (fake.logNormalizer + real.logNormalizer)
    return try Identity(
      "jsd-bound", left: jsd, right: right, holds: jsd <= right + rounding,
      terms: [
        .init("jsd", jsd), .init("kl", right), .init("log_normalizer", logNormalizer),
        .init("kl_unnormalized", right - logNormalizer),
      ])
  }

  /// What sums of a few products in float64 are off by.
  private static let rounding = 1e-12

  private static func check(_ probabilities: [Double], _ whose: String) throws(IdentityError) {
    let sum = probabilities.reduce(0, +)
    guard probabilities.count >= 2, probabilities.allSatisfy({ $0 > 0 }), abs(sum - 1) <= LineMixture.slack else {
      throw IdentityError(
        "jsd-bound: expected at least 2 \(whose) probabilities above 0 that sum to 1, got "
          + "\(probabilities.map(\.sixDigits).joined(separator: ", ")) with the sum \(sum.sixDigits)")
    }
  }

  /// Two random distributions over `size` states, uniform over all of them.
  public static func randomPair(size: Int, using rng: RandomSource) -> (generated: [Double], data: [Double]) {
    func draw() -> [Double] {
      let shares = rng.uniform([size], dtype: .float64).array(Double.self).map { -Foundation.log1p(-$0) + 1e-12 }
      return shares.map { $0 / shares.reduce(0, +) }
    }
    return (draw(), draw())
  }
}
