/// What a data set is, for people and for programs: nothing is read to know it.
public struct DatasetInfo: Sendable, Equatable {
  /// The name on the command line.
  public let name: String
  /// One line that says what the examples show.
  public let summary: String
  /// The shape of one example: `[channels, height, width]` or `[d]`.
  public let shape: [Int]
  /// The number of classes; nil for a set without labels.
  public let classCount: Int?
  /// The number of examples of each split the set has.
  public let counts: [Split: Int]
  /// Whether the values are already 0 or 1.
  public let isBinary: Bool
  /// Under what terms the data may be used.
  public let licence: String
  /// Where the data come from: the address of their publisher, or "generated".
  public let origin: String

  /// Describes a data set.
  public init(
    name: String, summary: String, shape: [Int], classCount: Int?, counts: [Split: Int],
    isBinary: Bool = false, licence: String, origin: String
  ) {
    self.name = name
    self.summary = summary
    self.shape = shape
    self.classCount = classCount
    self.counts = counts
    self.isBinary = isBinary
    self.licence = licence
    self.origin = origin
  }

  /// Whether the set is computed from a seed and can have any number of examples.
  public var isGenerated: Bool { origin == Self.generated }

  static let generated = "generated"

  /// The same set with the counts the user asked for, if it is generated.
  func counted(_ options: DatasetOptions) -> DatasetInfo {
    guard isGenerated else { return self }
    var counts = counts
    counts[.train] = options.trainCount ?? counts[.train]
    counts[.test] = options.testCount ?? counts[.test]
    return DatasetInfo(
      name: name, summary: summary, shape: shape, classCount: classCount, counts: counts,
      isBinary: isBinary, licence: licence, origin: origin)
  }
}
