import Torch

/// One of some classes, as a one-hot code: 1 at the class and 0 elsewhere.
public struct CategoricalPrior: CodePrior, Sendable {
  /// Softmax over the last axis gives the probabilities, shape `batch + [classes]`; -infinity excludes a class.
  public let logits: Tensor
  /// `one of 10 classes, equally likely`, or what is known instead.
  public let summary: String

  private init(logits: Tensor, summary: String) {
    self.logits = logits
    self.summary = summary
  }

  /// Classes of equal probability.
  public init(_ classes: Int, dtype: DType = .float32) {
    self.init(logits: .zeros([classes], dtype: dtype), summary: "one of \(classes) classes, equally likely")
  }

  /// Classes whose probabilities are the softmax of `logits`, of shape `[classes]` or `batch + [classes]`.
  public init(logits: Tensor) {
    precondition(
      logits.rank >= 1 && logits.dtype.isFloatingPoint,
      "CategoricalPrior: expected floating-point logits [..., classes], got \(logits.dtype) of shape \(logits.shape)")
    self.init(logits: logits, summary: "one of \(logits.size(-1)) classes, given logits")
  }

  /// The one class `only`, a number in 0 ..< `classes`: for samples of a class.
  public init(_ classes: Int, only: Int, dtype: DType = .float32) {
    precondition(
      (0..<classes).contains(only), "CategoricalPrior: expected a class in 0..<\(classes), got \(only)")
    let logits = (0..<classes).map { $0 == only ? 0 : -Double.infinity }
    self.init(logits: Tensor(logits).to(dtype), summary: "always class \(only) of \(classes)")
  }

  /// The number of classes, which is the length of a code.
  public var dimension: Int { logits.size(-1) }
  /// The type of its draws, which is that of the logits.
  public var dtype: DType { logits.dtype }

  /// The probabilities of the classes, `batch + [classes]`.
  public var mean: Tensor { logits.softmax(-1) }

  /// One-hot codes, `count + batch + [classes]`.
  public func sample(_ count: [Int], using rng: RandomSource) -> Tensor {
    Categorical(logits: logits.to(rng.device)).sample(count, using: rng).oneHot(dimension).to(dtype)
  }

  /// log p(class) of one-hot codes: nats, `count + batch`, differentiable in code and logits.
  ///
  /// Other codes are scored by the cross entropy, the sum over classes of value times log p, as `Bernoulli` does with
  /// grey pixels; any weight on a class that is excluded gives -infinity.
  ///
  /// - Parameter value: shape `count + batch + [classes]`.
  public func logProb(_ value: Tensor) -> Tensor {
    let logP = logits.to(value.device).logSoftmax(-1)
    let zero = Tensor(0, dtype: logP.dtype, device: logP.device)
    let isExcluded = logP .== -.infinity
    // 0 times -infinity is NaN, and so is its gradient: infinities go before they are multiplied.
    let allowed = value * isExcluded.select(zero, logP)
    let penalty = (value .== 0).select(zero, isExcluded.select(logP.detached(), zero))
    return (allowed + penalty).sum(-1)
  }
}
