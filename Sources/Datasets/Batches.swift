import Torch

/// Some examples on the device, ready for a model.
public struct Batch {
  /// The examples, `[batch] + shape`.
  public let x: Tensor
  /// Their classes, `[batch]` of type `int64`, where the set has labels.
  public let labels: Tensor?

  /// Labelled examples that come with every batch of semi-supervised training.
  public let labelled: Labelled?

  /// Examples whose classes are all known.
  public struct Labelled {
    /// `[batch] + shape`.
    public let x: Tensor
    /// `[batch]` of type `int64`.
    public let classes: Tensor

    /// Examples `[batch] + shape` and their classes `[batch]` of type `int64`.
    public init(x: Tensor, classes: Tensor) {
      self.x = x
      self.classes = classes
    }
  }

  /// Examples `[batch] + shape` with their classes `[batch]`, if they have any, and labelled ones beside them.
  public init(x: Tensor, labels: Tensor? = nil, labelled: Labelled? = nil) {
    self.x = x
    self.labels = labels
    self.labelled = labelled
  }

  /// How many examples.
  public var count: Int { x.size(0) }
}

/// A set of examples for a device: bytes stay bytes until a batch is gathered, prepared and scaled.
///
/// Examples in memory move to the device at once; those that stay on disk are read batch by batch, and come to the
/// same batches bit for bit.
public final class DeviceExamples {
  private enum Source {
    case held(Tensor)
    case streamed(RowSource)
  }

  private let source: Source
  private let labels: Tensor?
  private let isPixels: Bool
  private let preparation: Preparation
  /// Where batches land.
  public let device: Device
  /// The number of examples.
  public let count: Int
  /// The shape of one.
  public let shape: [Int]

  /// - Parameters:
  ///   - preparation: `.fixed` binarization needs examples in memory.
  ///   - rng: used by `.fixed` binarization alone, here and now.
  public init(
    _ examples: Examples, _ preparation: Preparation, device: Device = .cpu, using rng: RandomSource
  ) {
    self.device = device
    count = examples.count
    shape = examples.shape
    labels = examples.labels.map { Tensor($0).to(.int64).to(device) }
    var preparation = preparation
    if examples.isBinary { preparation.binarization = .none }
    if case .rows(let rows) = examples.storage {
      precondition(
        preparation.binarization != .fixed,
        "DeviceExamples: expected examples in memory for a fixed binarization, got \(examples.name) on disk")
      source = .streamed(rows)
      isPixels = rows.value == .byte && !examples.isBinary
      self.preparation = preparation
      return
    }
    let held = examples.storage.tensor(shape: [count] + shape).to(device)
    let pixels = held.dtype == .uint8 && !examples.isBinary
    // Drawn or cut once, so that a batch only gathers.
    switch preparation.binarization {
    case .threshold: source = .held(held.thresholded(isPixels: pixels))
    case .fixed:
      source = .held(
        (pixels ? held.binarizedPixels(using: rng) : rng.bernoulli(held.to(.float32))).to(.uint8))
    case .none, .dynamic: source = .held(held)
    }
    isPixels = pixels && [.none, .dynamic].contains(preparation.binarization)
    if preparation.binarization != .dynamic { preparation.binarization = .none }
    self.preparation = preparation
  }

  /// Examples that are binarized and no more.
  public convenience init(
    _ examples: Examples, binarization: Binarization, device: Device = .cpu, using rng: RandomSource
  ) {
    self.init(examples, Preparation(binarization: binarization), device: device, using: rng)
  }

  /// The examples at `indices`, type `int64`; augmentation and dynamic binarization draw from `rng`.
  ///
  /// Throws only for examples that are read from disk.
  public func batch(_ indices: Tensor, using rng: RandomSource) throws(DatasetError) -> Batch {
    let raw: Tensor
    switch source {
    case .held(let data): raw = data.gathered(indices)
    case .streamed(let rows): raw = try read(rows, indices.array(Int.self))
    }
    return Batch(x: prepared(raw, rng), labels: labels?.gathered(indices))
  }

  /// The examples of a range in their own order.
  public func batch(_ range: Range<Int>, using rng: RandomSource) throws(DatasetError) -> Batch {
    let raw: Tensor
    switch source {
    case .held(let data): raw = data.narrowed(0, range)
    case .streamed(let rows): raw = try read(rows, Array(range))
    }
    return Batch(x: prepared(raw, rng), labels: labels?.narrowed(0, range))
  }

  private func read(_ rows: RowSource, _ indices: [Int]) throws(DatasetError) -> Tensor {
    let storage = try rows.read(indices)
    try preparation.check(storage, indices)
    return storage.tensor(shape: [indices.count] + shape).to(device)
  }

  private func prepared(_ raw: Tensor, _ rng: RandomSource) -> Tensor {
    let x = preparation.augmentation.applied(to: raw, using: rng)
    switch preparation.binarization {
    case .dynamic: return isPixels ? x.binarizedPixels(using: rng) : rng.bernoulli(x.to(.float32))
    case .threshold: return x.thresholded(isPixels: isPixels).to(.float32)
    case .none, .fixed:
      if !isPixels { return x.to(.float32) }
      return preparation.dequantizes
        ? preparation.scaling.applied(to: x.dequantizedPixels(using: rng), levels: 256)
        : preparation.scaling.applied(to: x.to(.float32), levels: 255)
    }
  }
}

extension Examples.Storage {
  /// Values in memory as a tensor.
  fileprivate func tensor(shape: [Int]) -> Tensor {
    switch self {
    case .bytes(let bytes): Tensor(bytes, shape: shape)
    case .floats(let values): Tensor(values, shape: shape)
    case .rows: preconditionFailure("Examples: expected values in memory, got some on disk")
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

  /// An order of `count` examples, in batches of at most `batchSize`, on the device that will read them.
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
