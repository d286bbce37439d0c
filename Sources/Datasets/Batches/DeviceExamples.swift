import Torch

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
  private let isBinary: Bool
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
    isBinary = examples.isBinary
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
    try preparation.check(storage, indices.map { rows.rows[$0] })
    return storage.tensor(shape: [indices.count] + shape).to(device)
  }

  private func prepared(_ raw: Tensor, _ rng: RandomSource) -> Tensor {
    let x = preparation.augmentation.applied(to: raw, using: rng)
    switch preparation.binarization {
    case .dynamic: return isPixels ? x.binarizedPixels(using: rng) : rng.bernoulli(x.to(.float32))
    case .threshold: return x.thresholded(isPixels: isPixels).to(.float32)
    case .none, .fixed:
      // 0 and 1 become the ends of the symmetric interval, too.
      guard isPixels else {
        let values = x.to(.float32)
        return isBinary && preparation.scaling == .symmetric
          ? preparation.scaling.applied(to: values, levels: 1) : values
      }
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
