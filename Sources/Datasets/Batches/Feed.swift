import Torch

/// A stream of batches that a game reads, by its name.
public struct Feed: Hashable, Sendable, CustomStringConvertible {
  /// The name in checkpoints and messages.
  public let name: String

  /// A feed of this name.
  public init(_ name: String) { self.name = name }

  public var description: String { name }

  /// The training examples; an epoch is a pass over them.
  public static let main = Feed("main")
  /// Examples whose classes are known, of semi-supervised training.
  public static let labelled = Feed("labelled")
  /// Examples of a second set, of games between two domains.
  public static let target = Feed("target")
}

/// Batches in an order of their own: what a feed reads.
///
/// To conform, return the batch of an index as a function of the index, of what the object was made of and of `rng`
/// alone: then a resumed run reads what the unbroken one would have read. `ExampleBatches` is the simplest.
public protocol Batches: AnyObject {
  /// Batches in a pass.
  var batchesPerEpoch: Int { get }
  /// The examples in the batch of an index.
  func count(at index: Int) -> Int
  /// The batch of an index, counted from 0 over all passes; binarization and augmentation draw from `rng`.
  func batch(at index: Int, using rng: RandomSource) throws -> Batch
}

/// Batches of a set of examples, in an order that is shuffled anew for every pass.
public final class ExampleBatches: Batches {
  private let examples: DeviceExamples
  private let order: BatchOrder

  /// - Parameters:
  ///   - batchSize: examples in a batch; the last one of a pass may be smaller.
  ///   - smallest: a rest of fewer examples than these joins the batch before it.
  ///   - seed: of the order.
  public init(_ examples: DeviceExamples, batchSize: Int, smallest: Int = 1, seed: UInt64) {
    self.examples = examples
    order = BatchOrder(
      count: examples.count, batchSize: batchSize, smallest: smallest, seed: seed, device: examples.device)
  }

  public var batchesPerEpoch: Int { order.batchesPerEpoch }

  public func count(at index: Int) -> Int { order.range(at: index).count }

  public func batch(at index: Int, using rng: RandomSource) throws -> Batch {
    try examples.batch(order.indices(at: index), using: rng)
  }
}
