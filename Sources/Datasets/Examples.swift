/// Examples in memory, or ready to be read: what a loader returns and batches are gathered from.
///
/// Images stay bytes (a quarter of the memory of floats); scaling happens per batch, on the device.
public struct Examples: Sendable, Equatable {
  /// The values of all examples, one example after the other.
  public enum Storage: Sendable, Equatable {
    /// Pixels in 0...255, or 0 and 1 if ``Examples/isBinary``.
    case bytes([UInt8])
    /// Numbers used as they are.
    case floats([Float])
    /// Either of these, read when a batch wants them.
    case rows(RowSource)

    var count: Int {
      switch self {
      case .bytes(let values): values.count
      case .floats(let values): values.count
      case .rows(let source): source.count
      }
    }
  }

  /// The set and split these examples come from, for messages: "mnist train".
  public let name: String
  /// The values, `[count] + shape` in row-major order.
  public let storage: Storage
  /// The shape of one example: `[channels, height, width]` for images, `[d]` for points.
  public let shape: [Int]
  /// The number of examples.
  public let count: Int
  /// One class per example, in `0..<classCount` or ``unlabelled``; nil for a set without classes or loaded
  /// without them.
  public let labels: [Int32]?
  /// The number of classes of the set, whether or not each occurs here.
  public let classCount: Int?
  /// What people call each class, in the order of the classes' numbers; nil where classes are numbers only.
  public let classNames: [String]?
  /// The file of each example, relative to its folder: "zebra/img10.png"; nil for examples that are no files.
  public let exampleNames: [String]?
  /// The ground-truth generative factors by name, one number per example; nil if unknown.
  public let factors: [String: [Float]]?
  /// Whether the values are bytes that are already 0 or 1.
  public let isBinary: Bool

  /// The label of an example whose class is not known.
  public static let unlabelled: Int32 = -1

  /// The number of values in one example.
  public var elementCount: Int { shape.reduce(1, *) }

  /// Whether values are pixels in 0...255.
  public var arePixels: Bool {
    switch storage {
    case .bytes: !isBinary
    case .floats: false
    case .rows(let source): source.value == .byte && !isBinary
    }
  }

  /// Examples whose parts agree with each other, or an error that says which do not.
  ///
  /// - Parameter shape: the shape of one example; the number of examples follows from it.
  public init(
    name: String, storage: Storage, shape: [Int], labels: [Int32]? = nil, classCount: Int? = nil,
    classNames: [String]? = nil, exampleNames: [String]? = nil, factors: [String: [Float]]? = nil,
    isBinary: Bool = false
  ) throws(DatasetError) {
    guard let size = checkedProduct(shape), size > 0, shape.allSatisfy({ $0 > 0 }) else {
      throw .invalid(
        subject: "\(name), shape", expected: "positive sizes with a product below 2^63",
        got: "\(shape)")
    }
    guard storage.count.isMultiple(of: size) else {
      throw .invalid(
        subject: "\(name), values", expected: "a multiple of \(size) (shape \(shape))",
        got: "\(storage.count)")
    }
    let count = storage.count / size
    if let labels {
      try Self.check(labels: labels, of: name, count: count, classCount: classCount)
    }
    if let classNames, classNames.count != classCount {
      throw .invalid(
        subject: "\(name), names of classes", expected: "\(classCount ?? 0), one per class", got: "\(classNames.count)")
    }
    if let exampleNames, exampleNames.count != count {
      throw .invalid(
        subject: "\(name), names of examples", expected: "\(count), one per example", got: "\(exampleNames.count)")
    }
    for (factor, values) in factors ?? [:] where values.count != count {
      throw .invalid(
        subject: "\(name), factor '\(factor)'", expected: "\(count) numbers", got: "\(values.count)"
      )
    }
    if isBinary { try Self.checkBinary(storage, of: name) }
    self.init(
      unchecked: name, storage: storage, shape: shape, count: count, labels: labels,
      classCount: classCount, classNames: classNames, exampleNames: exampleNames, factors: factors, isBinary: isBinary)
  }

  /// For parts that are known to agree, because they were cut from checked examples.
  init(
    unchecked name: String, storage: Storage, shape: [Int], count: Int, labels: [Int32]?,
    classCount: Int?, classNames: [String]?, exampleNames: [String]?, factors: [String: [Float]]?, isBinary: Bool
  ) {
    self.name = name
    self.storage = storage
    self.shape = shape
    self.count = count
    self.labels = labels
    self.classCount = classCount
    self.classNames = classNames
    self.exampleNames = exampleNames
    self.factors = factors
    self.isBinary = isBinary
  }

  private static func check(
    labels: [Int32], of name: String, count: Int, classCount: Int?
  ) throws(DatasetError) {
    guard labels.count == count else {
      throw .invalid(
        subject: "\(name), labels", expected: "\(count), one per example", got: "\(labels.count)")
    }
    guard let classCount else {
      throw .invalid(subject: "\(name), labels", expected: "a class count with them", got: "none")
    }
    if let index = labels.firstIndex(where: {
      $0 != unlabelled && ($0 < 0 || Int($0) >= classCount)
    }) {
      throw .invalid(
        subject: "\(name), label of example \(index)", expected: "0..<\(classCount)",
        got: "\(labels[index])")
    }
  }

  private static func checkBinary(_ storage: Storage, of name: String) throws(DatasetError) {
    // What stays on disk is checked as it is read.
    if case .rows = storage { return }
    guard case .bytes(let bytes) = storage else {
      throw .invalid(subject: "\(name), values", expected: "bytes in a binary set", got: "floats")
    }
    // One pass without a branch: a search would take ten times as long over 39 million pixels.
    let seen = bytes.withUnsafeBufferPointer { $0.reduce(0, |) }
    if seen > 1, let index = bytes.firstIndex(where: { $0 > 1 }) {
      throw .invalid(
        subject: "\(name), value \(index)", expected: "0 or 1 in a binary set",
        got: "\(bytes[index])")
    }
  }
}
