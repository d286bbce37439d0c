import Torch

/// The order in which training reads a set: every epoch a permutation that is a function of seed and epoch alone.
///
/// It has no state, so a resumed run reads what the unbroken one would have read.
public final class BatchOrder {
  /// Batches in an epoch; the last may be smaller, or larger where it takes in a rest that is too small.
  public let batchesPerEpoch: Int
  private let count: Int
  private let batchSize: Int
  private let seed: UInt64
  private let device: Device
  private var current: (epoch: Int, permutation: Tensor)?

  /// Keeps data order apart from other streams derived of the same seed.
  private static let stream: UInt64 = 0x6f72_6465_72

  /// An order of `count` examples, in batches of `batchSize`, on the device that will read them.
  ///
  /// - Parameter smallest: fewer examples than these are no batch: a rest of fewer joins the batch before it.
  public init(count: Int, batchSize: Int, smallest: Int = 1, seed: UInt64, device: Device = .cpu) {
    precondition(count > 0 && batchSize > 0, "BatchOrder: expected examples and a batch size above 0")
    self.count = count
    self.batchSize = min(batchSize, count)
    self.seed = seed
    self.device = device
    let whole = count / self.batchSize
    batchesPerEpoch = whole + (count % self.batchSize >= max(1, smallest) ? 1 : 0)
  }

  /// The indices of the batch read at a step, counted from 0 over all epochs.
  public func indices(at step: Int) -> Tensor {
    let epoch = step / batchesPerEpoch
    if current?.epoch != epoch {
      let rng = RandomSource.derived(seed: seed, Self.stream, UInt64(epoch))
      current = (epoch, rng.permutation(count).to(device))
    }
    return current!.permutation.narrowed(0, range(at: step))
  }

  /// The places of these indices in the epoch's permutation.
  func range(at step: Int) -> Range<Int> {
    let number = step % batchesPerEpoch
    let start = number * batchSize
    return start..<(number == batchesPerEpoch - 1 ? count : start + batchSize)
  }
}
