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
  /// Their classes, `[count]`, `Examples.unlabelled` where unknown; nil for a set without labels.
  public let labels: Tensor?
  /// Their codes by another model, `[count, latent]`, always the same; nil for a set without.
  public let codes: Tensor?
  private let isPixels: Bool
  private let isBinary: Bool
  private let preparation: Preparation
  /// What is left to be done of the preparation's.
  private let binarization: Binarization
  /// Where batches land.
  public let device: Device
  /// The number of examples.
  public let count: Int
  /// The shape of one.
  public let shape: [Int]

  /// Examples that are prepared as they are read; what is the same at every reading is done here and now.
  ///
  /// - Parameter codes: a code for each of them, `[count, latent]`.
  public init(_ examples: Examples, _ preparation: Preparation, codes: Tensor? = nil, device: Device = .cpu) {
    precondition(
      codes == nil || codes!.size(0) == examples.count,
      "DeviceExamples: expected \(examples.count) codes, got \(codes?.size(0) ?? 0)")
    self.device = device
    self.codes = codes?.to(device)
    count = examples.count
    isBinary = examples.isBinary
    shape = examples.shape
    labels = examples.labels.map { Tensor($0).to(.int64).to(device) }
    self.preparation = preparation
    // What is 0 or 1 already stays so.
    var left = examples.isBinary ? Binarization.none : preparation.binarization
    switch examples.storage {
    case .rows(let rows):
      source = .streamed(rows)
      isPixels = rows.value == .byte && !examples.isBinary
    case .bytes, .floats:
      var held = examples.storage
      let isByte = if case .bytes = held { true } else { false }
      if left == .fixed {
        held = .bytes(FixedDraws.binarized(held, size: examples.elementCount))
        left = .none
        isPixels = false
      } else {
        isPixels = isByte && !examples.isBinary
      }
      source = .held(held.tensor(shape: [count] + shape).to(device))
    }
    binarization = left
  }

  /// Examples that are binarized and no more.
  public convenience init(_ examples: Examples, binarization: Binarization, device: Device = .cpu) {
    self.init(examples, Preparation(binarization: binarization), device: device)
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
    return Batch(x: prepared(raw, rng), labels: labels?.gathered(indices), codes: codes?.gathered(indices))
  }

  /// The examples of a range in their own order.
  public func batch(_ range: Range<Int>, using rng: RandomSource) throws(DatasetError) -> Batch {
    let raw: Tensor
    switch source {
    case .held(let data): raw = data.narrowed(0, range)
    case .streamed(let rows): raw = try read(rows, Array(range))
    }
    return Batch(x: prepared(raw, rng), labels: labels?.narrowed(0, range), codes: codes?.narrowed(0, range))
  }

  private func read(_ rows: RowSource, _ indices: [Int]) throws(DatasetError) -> Tensor {
    var storage = try rows.read(indices)
    try preparation.check(storage, indices.map { rows.rows[$0] })
    if binarization == .fixed {
      storage = .bytes(FixedDraws.binarized(storage, size: shape.reduce(1, *)))
    }
    return storage.tensor(shape: [indices.count] + shape).to(device)
  }

  private func prepared(_ raw: Tensor, _ rng: RandomSource) -> Tensor {
    let x = preparation.augmentation.applied(to: raw, using: rng)
    switch binarization {
    case .dynamic: return isPixels ? x.binarizedPixels(using: rng) : rng.bernoulli(x.to(.float32))
    case .threshold: return x.thresholded(isPixels: isPixels).to(.float32)
    case .fixed: return x.to(.float32)
    case .none:
      // 0 and 1 become the ends of the symmetric interval, too.
      guard isPixels else {
        let values = x.to(.float32)
        return isBinary && preparation.scaling == .symmetric
          ? preparation.scaling.applied(to: values, levels: 1) : values
      }
      let scaling = preparation.scaling
      switch preparation.dequantization {
      case nil: return scaling.applied(to: x.to(.float32), levels: 255)
      case .dynamic: return scaling.applied(to: x.dequantizedPixels(using: rng), levels: 256)
      case .fixed:
        let u = Tensor(FixedDraws.uniform(x.array(UInt8.self), size: shape.reduce(1, *)), shape: x.shape).to(device)
        return scaling.applied(to: x.to(.float32) + u, levels: 256)
      case .middle: return scaling.applied(to: x.to(.float32) + 0.5, levels: 256)
      }
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
