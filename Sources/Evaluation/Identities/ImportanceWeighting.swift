import Generative
import Torch

extension Identity {
  /// The weights D/(1-D) of generated examples by the logits of D, normalized over all of them: Hu et al. 2018, Eq. 22.
  ///
  /// They are those that `iwgan` trains with. The term is the effective sample size, (sum w)^2 / sum w^2.
  public static func importanceWeights(_ logits: [Double]) throws(IdentityError) -> Identity {
    guard !logits.isEmpty, logits.allSatisfy(\.isFinite) else {
      throw IdentityError("importance-weights: expected at least one finite logit")
    }
    let weights = ImportanceWeights.normalized(Tensor(logits), groups: logits.count).array(Double.self)
    return try Identity(
      "importance-weights",
      terms: [.init("effective_sample_size", 1 / weights.reduce(0) { $0 + $1 * $1 })], weights: weights)
  }
}
