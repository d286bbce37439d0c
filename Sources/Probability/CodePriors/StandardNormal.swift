import Torch

/// N(0, I) over vectors of a fixed length: the prior of the latent variables.
public struct StandardNormal: CodePrior, PathwiseSampler, Sendable {
  /// The length of a vector.
  public let dimension: Int
  /// The type of its draws.
  public let dtype: DType

  /// N(0, I) over vectors of length `dimension`.
  public init(_ dimension: Int, dtype: DType = .float32) {
    self.dimension = dimension
    self.dtype = dtype.inScope
  }

  /// `N(0, I), 10 dimensions`.
  public var summary: String { "N(0, I), \(dimension) dimensions" }

  /// Zeros, `[dimension]`.
  public var mean: Tensor { .zeros([dimension], dtype: dtype) }

  /// Draws of shape `count + [dimension]`.
  public func rsample(_ count: [Int], using rng: RandomSource) -> Tensor {
    rng.normal(count + [dimension], dtype: dtype, rows: -2)
  }

  /// The log density of vectors `count + [dimension]`: nats, `count`.
  public func logProb(_ value: Tensor) -> Tensor {
    value.square().sum(-1) * -0.5 - Double(dimension) * halfLogTwoPi
  }
}
