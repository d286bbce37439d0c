import Torch

/// N(0, I) over vectors of a fixed length: the prior of the latent variables.
public struct StandardNormal: Distribution, PathwiseSampler {
  /// The length of a vector.
  public let dimension: Int
  /// The type of its draws.
  public let dtype: DType

  public init(_ dimension: Int, dtype: DType = .float32) {
    self.dimension = dimension
    self.dtype = dtype
  }

  /// Zeros, `[dimension]`.
  public var mean: Tensor { .zeros([dimension], dtype: dtype) }

  public func rsample(_ count: [Int], using rng: RandomSource) -> Tensor {
    rng.normal(count + [dimension], dtype: dtype)
  }

  public func logProb(_ value: Tensor) -> Tensor {
    value.square().sum(-1) * -0.5 - Double(dimension) * halfLogTwoPi
  }
}
