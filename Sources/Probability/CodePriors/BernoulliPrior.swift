import Foundation
import Torch

/// Codes of independent zeros and ones.
public struct BernoulliPrior: CodePrior, Sendable {
  /// The length of a code.
  public let dimension: Int
  /// The probability of 1, the same for every number.
  public let probability: Double
  /// The type of its draws.
  public let dtype: DType

  /// Numbers that are 1 with the given probability, which lies between 0 and 1.
  public init(_ dimension: Int, probability: Double = 0.5, dtype: DType = .float32) {
    precondition(
      probability > 0 && probability < 1,
      "BernoulliPrior: expected a probability between 0 and 1, got \(probability)")
    self.dimension = dimension
    self.probability = probability
    self.dtype = dtype
  }

  /// `Bernoulli(0.5), 10 dimensions`.
  public var summary: String { "Bernoulli(\(probability.brief)), \(dimension) dimensions" }

  /// The probabilities of 1, `[dimension]`.
  public var mean: Tensor { .full([dimension], probability, dtype: dtype) }

  /// Zeros and ones, `count + [dimension]`.
  public func sample(_ count: [Int], using rng: RandomSource) -> Tensor {
    rng.bernoulli(.full(count + [dimension], probability, dtype: dtype, device: rng.device))
  }

  /// log p of codes of zeros and ones: nats, `count`, differentiable in the code.
  ///
  /// Values between 0 and 1 are scored by the cross entropy, as `Bernoulli` does.
  ///
  /// - Parameter value: zeros and ones, shape `count + [dimension]`.
  public func logProb(_ value: Tensor) -> Tensor {
    let ones = value.sum(-1)
    return ones * Foundation.log(probability) + (Double(dimension) - ones) * Foundation.log1p(-probability)
  }
}
