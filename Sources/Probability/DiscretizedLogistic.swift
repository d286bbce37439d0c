import Torch

/// A logistic distribution collected into equal bins: exact probabilities of pixel values.
///
/// Values are the `levels` numbers 0, 1/(levels - 1), ..., 1. Each stands for its bin of width 1/(levels - 1);
/// the first and the last take the tails. Salimans et al. 2017, Eq. 2 with one component.
public struct DiscretizedLogistic: Distribution {
  /// The centre of the logistic in units of the values, shape `batch + event`.
  public let location: Tensor
  /// The logarithm of its scale, broadcasts with `location`.
  public let logScale: Tensor
  /// How many values a pixel can take.
  public let levels: Int
  /// How many trailing axes are one example.
  public let eventRank: Int

  /// - Parameters:
  ///   - location: the centre, shape `batch + event`.
  ///   - logScale: log of the scale; broadcasts with `location`.
  ///   - levels: how many values a pixel can take, at least 2.
  ///   - eventRank: how many trailing axes are one example.
  public init(location: Tensor, logScale: Tensor, levels: Int = 256, eventRank: Int = 1) {
    precondition(levels >= 2, "DiscretizedLogistic: expected at least 2 levels, got \(levels)")
    self.location = location
    self.logScale = logScale
    self.levels = levels
    self.eventRank = eventRank
  }

  /// The centre, limited to [0, 1]; it differs from the expectation by the tails, and by up to half a bin
  /// where the scale is smaller than one.
  public var mean: Tensor { location.clamped(0, 1) }

  public func sample(_ count: [Int], using rng: RandomSource) -> Tensor {
    withoutGradients {
      let u = rng.uniform(count + location.shape, dtype: location.dtype, rows: -1 - eventRank)
        .clamped(Self.smallestUniform, 1 - Self.smallestUniform)
      let continuous = location + logScale.exp() * (u.log() - (1 - u).log())
      let steps = Double(levels - 1)
      return (continuous * steps).round().clamped(0, steps) / steps
    }
  }

  /// Keeps the logit of a uniform number finite in float32.
  private static let smallestUniform = 1e-7

  public func logProb(_ value: Tensor) -> Tensor {
    let inverseScale = (-logScale).exp()
    let width = 1 / Double(levels - 1)
    let upper = (value - location + width / 2) * inverseScale
    let lower = (value - location - width / 2) * inverseScale
    // sigmoid(a) - sigmoid(b) = sigmoid(a) sigmoid(-b) (1 - e^(b - a)): no cancellation for narrow bins.
    let inner = upper.logSigmoid() + (-lower).logSigmoid() + (-(inverseScale * -width).expm1()).log()
    let first = value .< width / 2
    let last = value .> 1 - width / 2
    let log = first.select(upper.logSigmoid(), last.select((-lower).logSigmoid(), inner))
    return log.sumLast(eventRank)
  }
}
