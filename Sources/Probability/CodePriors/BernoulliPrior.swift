import Foundation
import Torch

/// Codes of independent zeros and ones.
public struct BernoulliPrior: CodePrior, Sendable {
  /// The length of a code.
  public let dimension: Int
  /// The probability of 1, where it is the same for every number.
  public let probability: Double?
  /// log p / (1 - p) of each number, where these are given, `batch + [dimension]`.
  private let logits: Tensor?
  /// The type of its draws.
  public let dtype: DType

  /// Numbers that are 1 with the given probability, which lies between 0 and 1.
  public init(_ dimension: Int, probability: Double = 0.5, dtype: DType = .float32) {
    precondition(
      probability > 0 && probability < 1,
      "BernoulliPrior: expected a probability between 0 and 1, got \(probability)")
    self.dimension = dimension
    self.probability = probability
    self.dtype = dtype.inScope
    logits = nil
  }

  /// Numbers that are 1 with probabilities of their own, such as learned ones.
  ///
  /// - Parameter logits: log p / (1 - p), `[dimension]` or `batch + [dimension]`; `logProb` is differentiable in them.
  public init(logits: Tensor) {
    precondition(
      logits.rank >= 1 && logits.dtype.isFloatingPoint,
      "BernoulliPrior: expected floating-point logits [..., dimension], got \(logits.dtype) of shape \(logits.shape)")
    dimension = logits.size(-1)
    probability = nil
    dtype = logits.dtype
    self.logits = logits
  }

  /// `Bernoulli(0.5), 10 dimensions`, or `Bernoulli, 10 dimensions` of numbers that have probabilities of their own.
  public var summary: String {
    "Bernoulli\(probability.map { "(\($0.plain))" } ?? ""), \(dimension) dimensions"
  }

  public var isBinary: Bool { true }

  /// The probabilities of 1, `batch + [dimension]`.
  public var mean: Tensor { logits?.sigmoid() ?? .full([dimension], probability!, dtype: dtype) }

  /// Zeros and ones, `count + [dimension]`.
  public func sample(_ count: [Int], using rng: RandomSource) -> Tensor {
    if let logits { return Bernoulli(logits: logits.to(rng.device)).sample(count, using: rng) }
    return rng.bernoulli(.full(count + [dimension], probability!, dtype: dtype, device: rng.device), rows: -2)
  }

  /// log p of codes of zeros and ones: nats, `count`, differentiable in the code.
  ///
  /// Values between 0 and 1 are scored by the cross entropy, as `Bernoulli` does.
  ///
  /// - Parameter value: zeros and ones, shape `count + [dimension]`.
  public func logProb(_ value: Tensor) -> Tensor {
    guard let probability else { return Bernoulli(logits: logits!.to(value.device)).logProb(value) }
    let ones = value.sum(-1)
    return ones * Foundation.log(probability) + (Double(dimension) - ones) * Foundation.log1p(-probability)
  }
}
