import Torch

/// What each generated example counts in the loss of its generator.
///
/// The bound of Hu et al. 2018, Eq. 21, made tighter by k draws weighs their gradients by q^r(y=0|x) / q(y=0|x) =
/// D(x) / (1 - D(x)), with D(x) the probability that x is real, normalized over the k draws (Eq. 22).
public enum ImportanceWeights {
  /// D/(1-D) of generated examples, normalized over consecutive groups, with the gradient stopped.
  ///
  /// It is exp(logit), so that the weights are the softmax of the logits in their group: a quotient of sigmoids is
  /// infinite from a logit of 17 on in float32, where 1 - D is 0.
  ///
  /// - Parameters:
  ///   - realness: the logit of D, large where an example looks real, `[n]`; the negative of a `Critic`'s value.
  ///   - groups: draws in one group, a divisor of n. A group of 1 has the weight 1: the game without weights.
  /// - Returns: weights `[n]`; those of each group sum to 1.
  /// - Source: Hu et al. 2018, Eq. 22.
  public static func normalized(_ realness: Tensor, groups size: Int) -> Tensor {
    let n = realness.count
    precondition(
      realness.rank == 1 && size >= 1 && n % size == 0,
      "ImportanceWeights: expected logits [n] in whole groups of \(size), got \(realness.shape)")
    return realness.detached().reshaped([n / size, size]).softmax(1).flattened()  // [n]
  }
}
