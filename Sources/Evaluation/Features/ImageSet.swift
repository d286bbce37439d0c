import Datasets
import Torch

/// Images that a network is run over: a tensor, or the examples of a data set.
public struct ImageSet {
  /// How many images there are.
  public let count: Int
  /// The shape of one, `[channels, height, width]`.
  public let shape: [Int]
  private let examples: DeviceExamples
  private let content: Examples.Storage
  private let isBinary: Bool

  /// The examples of a set: bytes are scaled to [0, 1], numbers must lie there.
  public init(_ examples: Examples) throws {
    let loaded = try examples.loaded()
    guard loaded.shape.count == 3, [1, 3].contains(loaded.shape[0]), loaded.count > 0 else {
      throw MetricError(
        "'\(loaded.name)': expected images [n, 1 or 3, height, width], got shape \([loaded.count] + loaded.shape)")
    }
    if case .floats(let values) = loaded.storage, let bad = values.first(where: { !(0...1).contains($0) }) {
      throw MetricError("'\(loaded.name)': expected pixels in [0, 1], or bytes, got \(bad)")
    }
    count = loaded.count
    shape = loaded.shape
    content = loaded.storage
    isBinary = loaded.isBinary
    self.examples = DeviceExamples(loaded, Preparation())
  }

  /// Images `[n, channels, height, width]` in [0, 1], such as a model's samples; `name` is for messages.
  public init(_ images: Tensor, name: String) throws {
    let shape = images.shape
    guard shape.count == 4 else {
      throw MetricError("'\(name)': expected images [n, 1 or 3, height, width], got shape \(shape)")
    }
    try self.init(
      Examples(name: name, storage: .floats(images.to(.float32).array()), shape: Array(shape.dropFirst())))
  }

  /// Some of the images, `[n, channels, height, width]` in [0, 1].
  func batch(_ range: Range<Int>) throws(DatasetError) -> Tensor {
    try examples.batch(range, using: RandomSource(seed: 0)).x
  }

  /// The SHA-256 of shape and values in hexadecimal digits.
  var hash: String {
    let (kind, bytes): (String, [UInt8]) =
      switch content {
      case .bytes(let bytes): (isBinary ? "bits" : "bytes", bytes)
      case .floats(let values): ("floats", values.withUnsafeBytes { Array($0) })
      case .rows: preconditionFailure("ImageSet: expected images in memory")
      }
    return sha256(Array("\(kind) \([count] + shape) \(sha256(bytes))".utf8))
  }
}
