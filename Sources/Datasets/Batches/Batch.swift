import Torch

/// Some examples on the device, ready for a model.
public struct Batch {
  /// The examples, `[batch] + shape`.
  public let x: Tensor
  /// Their classes, `[batch]` of type `int64`, where the set has labels; -1 where a class is not known.
  public let labels: Tensor?
  /// Their codes by another model, `[batch, latent]`, where a game learns from pairs of both.
  public let codes: Tensor?

  /// Examples `[batch] + shape` with their classes `[batch]` and codes `[batch, latent]`, if they have any.
  public init(x: Tensor, labels: Tensor? = nil, codes: Tensor? = nil) {
    self.x = x
    self.labels = labels
    self.codes = codes
  }

  /// The number of examples.
  public var count: Int { x.size(0) }

  /// Some of the examples.
  public subscript(rows: Range<Int>) -> Batch {
    Batch(x: x.narrowed(0, rows), labels: labels?.narrowed(0, rows), codes: codes?.narrowed(0, rows))
  }
}
