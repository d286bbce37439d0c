import Torch

/// A Gaussian with independent components.
public struct DiagonalGaussian: Distribution, ScoredSampler {
  /// Shape `batch + event`.
  public let mean: Tensor
  /// The logarithm of the standard deviation, broadcasts with `mean`.
  public let logScale: Tensor
  /// How many trailing axes are one example.
  public let eventRank: Int

  /// - Parameters:
  ///   - mean: shape `batch + event`.
  ///   - logScale: log of the standard deviation; broadcasts with `mean`.
  ///   - eventRank: how many trailing axes are one example.
  public init(mean: Tensor, logScale: Tensor, eventRank: Int = 1) {
    self.mean = mean
    self.logScale = logScale
    self.eventRank = eventRank
  }

  /// The standard deviation.
  public var scale: Tensor { logScale.exp() }

  public func rsample(_ count: [Int], using rng: RandomSource) -> Tensor {
    mean + scale * rng.normal(count + mean.shape, dtype: mean.dtype, rows: -1 - eventRank)
  }

  public func logProb(_ value: Tensor) -> Tensor {
    let standardized = (value - mean) * (-logScale).exp()
    return -(standardized.square() * 0.5 + logScale + halfLogTwoPi).sumLast(eventRank)
  }
}

extension DiagonalGaussian {
  /// What is added to the variances of draws, so that a deviation is never 0.
  private static let leastVariance = 1e-4

  /// The Gaussian with these moments, without a gradient: deviations are the root of the variance and 1e-4. The
  /// authors' adaptive contrast, Mescheder et al. 2017.
  public init(mean: Tensor, variance: Tensor) {
    self.init(mean: mean.detached(), logScale: (variance.detached() + Self.leastVariance).log() * 0.5)
  }
}
