import Torch

/// Some examples on the device, ready for a model.
public struct Batch {
  /// The examples, `[batch] + shape`.
  public let x: Tensor
  /// Their classes, `[batch]` of type `int64`, where the set has labels.
  public let labels: Tensor?

  public init(x: Tensor, labels: Tensor? = nil) {
    self.x = x
    self.labels = labels
  }

  /// How many examples.
  public var count: Int { x.size(0) }
}

/// A set of examples on the device: bytes stay bytes until a batch is gathered, scaled and binarized.
public final class DeviceExamples {
  private let data: Tensor
  private let labels: Tensor?
  private let isPixels: Bool
  private let binarization: Binarization
  /// The number of examples.
  public let count: Int
  /// The shape of one.
  public let shape: [Int]

  /// - Parameter rng: used by `.fixed` binarization alone, here and now.
  public init(
    _ examples: Examples, binarization: Binarization, device: Device = .cpu, using rng: RandomSource
  ) {
    count = examples.count
    shape = examples.shape
    let full = [examples.count] + examples.shape
    var data: Tensor
    switch examples.storage {
    case .bytes(let bytes): data = Tensor(bytes, shape: full)
    case .floats(let values): data = Tensor(values, shape: full)
    }
    data = data.to(device)
    let pixels = data.dtype == .uint8 && !examples.isBinary
    switch binarization {
    case .threshold: data = (data.to(.float32) .>= (pixels ? 127.5 : 0.5)).to(.uint8)
    case .fixed: data = (pixels ? data.binarizedPixels(using: rng) : rng.bernoulli(data.to(.float32))).to(.uint8)
    case .none, .dynamic: break
    }
    self.binarization = binarization == .dynamic && !examples.isBinary ? .dynamic : .none
    isPixels = pixels && (binarization == .none || binarization == .dynamic)
    self.data = data
    labels = examples.labels.map { Tensor($0).to(.int64).to(device) }
  }

  /// The examples at `indices`, type `int64`; a dynamic binarization draws from `rng`.
  public func batch(_ indices: Tensor, using rng: RandomSource) -> Batch {
    Batch(x: prepared(data.gathered(indices), rng), labels: labels?.gathered(indices))
  }

  /// The examples of a range in their own order.
  public func batch(_ range: Range<Int>, using rng: RandomSource) -> Batch {
    Batch(x: prepared(data.narrowed(0, range), rng), labels: labels?.narrowed(0, range))
  }

  private func prepared(_ raw: Tensor, _ rng: RandomSource) -> Tensor {
    switch binarization {
    case .dynamic: isPixels ? raw.binarizedPixels(using: rng) : rng.bernoulli(raw.to(.float32))
    default: isPixels ? raw.scaledPixels() : raw.to(.float32)
    }
  }
}

/// The order in which training reads a set: every epoch a permutation that is a function of seed and epoch alone.
///
/// It has no state, so a resumed run reads what the unbroken one would have read.
public final class BatchOrder {
  /// Batches in an epoch; the last may be smaller.
  public let batchesPerEpoch: Int
  private let count: Int
  private let batchSize: Int
  private let seed: UInt64
  private let device: Device
  private var current: (epoch: Int, permutation: Tensor)?

  /// Keeps data order apart from other streams derived of the same seed.
  private static let stream: UInt64 = 0x6f72_6465_72

  public init(count: Int, batchSize: Int, seed: UInt64, device: Device = .cpu) {
    precondition(count > 0 && batchSize > 0, "BatchOrder: expected examples and a batch size above 0")
    self.count = count
    self.batchSize = min(batchSize, count)
    self.seed = seed
    self.device = device
    batchesPerEpoch = (count + self.batchSize - 1) / self.batchSize
  }

  /// The indices of the batch read at a step, counted from 0 over all epochs.
  public func indices(at step: Int) -> Tensor {
    let epoch = step / batchesPerEpoch
    if current?.epoch != epoch {
      let rng = RandomSource.derived(seed: seed, Self.stream, UInt64(epoch))
      current = (epoch, rng.permutation(count).to(device))
    }
    let start = step % batchesPerEpoch * batchSize
    return current!.permutation.narrowed(0, start..<min(count, start + batchSize))
  }
}
