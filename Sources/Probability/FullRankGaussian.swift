import Torch

/// A Gaussian with any covariance, N(m, L L^T), where L is lower triangular with a positive diagonal.
///
/// A draw is m + L eps, one product of matrices. The log density of a value that was not drawn here solves
/// L u = value - m forwards, in `dimension` steps.
public struct FullRankGaussian: Distribution, ScoredSampler {
  /// m, shape `batch + [d]`.
  public let mean: Tensor
  /// The logarithms of L's diagonal, shape `batch + [d]`.
  public let logDiagonal: Tensor
  /// L below its diagonal and 0 elsewhere, shape `batch + [d, d]`.
  public let below: Tensor

  /// - Parameters:
  ///   - mean: m, shape `batch + [d]`.
  ///   - logDiagonal: logarithms of L's diagonal, shape `batch + [d]`.
  ///   - below: shape `batch + [d, d]`; what is on its diagonal or above counts as 0.
  public init(mean: Tensor, logDiagonal: Tensor, below: Tensor) {
    let dimension = mean.size(-1)
    precondition(
      logDiagonal.shape == mean.shape && below.shape == mean.shape + [dimension],
      "FullRankGaussian: expected shapes \(mean.shape), \(mean.shape) and \(mean.shape + [dimension]), "
        + "got \(mean.shape), \(logDiagonal.shape) and \(below.shape)")
    self.mean = mean
    self.logDiagonal = logDiagonal
    let index = Tensor.range(dimension, device: below.device)
    let isBelow = index .< index.unsqueezed(1)  // [row, column]
    self.below = isBelow.select(below, Tensor(0, dtype: below.dtype, device: below.device))
  }

  /// The length of an event.
  public var dimension: Int { mean.size(-1) }

  /// L, shape `batch + [d, d]`.
  public var factor: Tensor {
    let one = Tensor.range(dimension, device: mean.device).oneHot(dimension).to(mean.dtype)
    return below + one * logDiagonal.exp().unsqueezed(-1)
  }

  /// L L^T, shape `batch + [d, d]`.
  public var covariance: Tensor {
    let factor = factor
    return factor.matmul(factor.transposed)
  }

  public func rsample(_ count: [Int], using rng: RandomSource) -> Tensor { drawn(count, using: rng).value }

  /// Draws of shape `count + batch + [d]` with their log densities, which need no equations solved.
  public func rsampleScored(_ count: [Int], using rng: RandomSource) -> (value: Tensor, logProb: Tensor) {
    let (value, eps) = drawn(count, using: rng)
    return (value, -(eps.square() * 0.5 + logDiagonal + halfLogTwoPi).sum(-1))
  }

  private func drawn(_ count: [Int], using rng: RandomSource) -> (value: Tensor, eps: Tensor) {
    let eps = rng.normal(count + mean.shape, dtype: mean.dtype, rows: -2)
    let mixed = eps.unsqueezed(-2).matmul(below.transposed).squeezed(-2)  // count + batch + [d]
    return (mean + logDiagonal.exp() * eps + mixed, eps)
  }

  public func logProb(_ value: Tensor) -> Tensor {
    let inverse = (-logDiagonal).exp()
    var rest = value - mean
    var total = -(logDiagonal + halfLogTwoPi).sum(-1)
    for column in 0..<dimension {
      let u = rest.at(column, axis: -1) * inverse.at(column, axis: -1)
      total = total - u.square() * 0.5
      rest = rest - below.at(column, axis: -1) * u.unsqueezed(-1)
    }
    return total
  }
}
