import Torch

/// Independent coin flips, given by their logits.
///
/// Values between 0 and 1 are scored by the cross entropy, as the authors of several papers do with grey pixels.
public struct Bernoulli: Distribution {
  /// log p / (1 - p), shape `batch + event`.
  public let logits: Tensor
  /// How many trailing axes are one example.
  public let eventRank: Int

  /// - Parameters:
  ///   - logits: log p / (1 - p), shape `batch + event`.
  ///   - eventRank: how many trailing axes are one example.
  public init(logits: Tensor, eventRank: Int = 1) {
    self.logits = logits
    self.eventRank = eventRank
  }

  /// The probabilities of 1.
  public var mean: Tensor { logits.sigmoid() }

  public func sample(_ count: [Int], using rng: RandomSource) -> Tensor {
    withoutGradients { rng.bernoulli(mean.expanded(count + logits.shape), rows: -1 - eventRank) }
  }

  public func logProb(_ value: Tensor) -> Tensor {
    // The fused form takes equal shapes only; several draws of logits for one x share x without copies.
    if value.shape == logits.shape {
      return -logits.binaryCrossEntropy(targets: value).sumLast(eventRank)
    }
    return -logits.softplus().addingProduct(logits, value, factor: -1).sumLast(eventRank)
  }
}
