import Torch

/// One of k classes, given by logits that need not be normalized.
public struct Categorical: Sampler, Density {
  /// Shape `batch + [k]`; softmax over the last axis gives the probabilities.
  public let logits: Tensor

  /// - Parameter logits: shape `batch + [k]`; they need not be normalized.
  public init(logits: Tensor) { self.logits = logits }

  /// Class numbers of type `int64`, shape `count + batch`.
  public func sample(_ count: [Int], using rng: RandomSource) -> Tensor {
    withoutGradients {
      // The largest of logits plus Gumbel noise; a uniform number of 0 would have no logarithm.
      let u = rng.uniform(count + logits.shape, dtype: logits.dtype, rows: -2).clamped(1e-30, 1)
      return (logits - (-u.log()).log()).argmax(-1)
    }
  }

  /// - Parameter value: class numbers of shape `count + batch`; those outside 0..<k have probability 0.
  public func logProb(_ value: Tensor) -> Tensor {
    let isClass = value.unsqueezed(-1) .== Tensor.range(logits.size(-1), dtype: value.dtype, device: value.device)
    let none = Tensor(-.infinity, dtype: logits.dtype, device: logits.device)
    return isClass.select(logits.logSoftmax(-1), none).logSumExp(-1)
  }
}
