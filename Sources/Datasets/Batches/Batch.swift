import Torch

/// Some examples on the device, ready for a model.
public struct Batch {
  /// The examples, `[batch] + shape`.
  public let x: Tensor
  /// Their classes, `[batch]` of type `int64`, where the set has labels; -1 where a class is not known.
  public let labels: Tensor?

  /// Examples `[batch] + shape` with their classes `[batch]`, if they have any.
  public init(x: Tensor, labels: Tensor? = nil) {
    self.x = x
    self.labels = labels
  }

  /// The number of examples.
  public var count: Int { x.size(0) }
}
