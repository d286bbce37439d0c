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
  /// What people call each class, in the order of the classes' numbers; nil where classes are numbers only.
  public let classNames: [String]?
  /// The number of examples of each split the set has.
  public let counts: [Split: Int]
  /// Whether the values are already 0 or 1.
  public let isBinary: Bool
  /// Under what terms the data may be used.
  public let licence: String
  /// Where the data come from: the address of their publisher, or "generated".
  public let origin: String
  /// What was done in reading that the owner of the data may not expect, a line each.
  public let notes: [String]
  /// Where its modes are; nil where nobody knows.
  public let modes: KnownModes?

  /// Describes a data set.
  public init(
    name: String, summary: String, shape: [Int], classCount: Int?, classNames: [String]? = nil,
    counts: [Split: Int], isBinary: Bool = false, licence: String, origin: String, notes: [String] = [],
    modes: KnownModes? = nil
  ) {
    self.name = name
    self.summary = summary
    self.shape = shape
    self.classCount = classCount
    self.classNames = classNames
    self.counts = counts
    self.isBinary = isBinary
    self.licence = licence
    self.origin = origin
    self.notes = notes
    self.modes = modes
  }

  /// Whether the set is computed from a seed and can have any number of examples.
  public var isGenerated: Bool { origin == Self.generated }

  static let generated = "generated"

  /// The number of examples of a split once the user's wish is heard; only generated sets can obey.
  func count(_ split: Split, _ options: DatasetOptions) -> Int? {
    switch split {
    case .train: options.trainCount ?? counts[.train]
    case .validation: counts[.validation]
    case .test: options.testCount ?? counts[.test]
    }
  }

  /// The same set with examples of another shape.
  func shaped(_ shape: [Int]) -> DatasetInfo {
    DatasetInfo(
      name: name, summary: summary, shape: shape, classCount: classCount, classNames: classNames,
      counts: counts, isBinary: isBinary, licence: licence, origin: origin, notes: notes, modes: modes)
  }

  /// The same set with the counts the user asked for, or an error if the set cannot obey.
  func counted(_ options: DatasetOptions) throws(DatasetError) -> DatasetInfo {
    for (split, wish) in [(Split.train, options.trainCount), (.test, options.testCount)] {
      if let wish, !isGenerated {
        throw .invalid(
          subject: "\(name), \(split.rawValue) count",
          expected: "none, because the set has a fixed number of examples", got: "\(wish)")
      }
    }
    if let own = counts[.validation], options.validation != nil {
      throw .invalid(
        subject: "\(name), validation",
        expected: "none held out, because the set has \(own) validation examples of its own",
        got: "a portion of the training examples")
    }
    var counts = counts
    for split in counts.keys { counts[split] = count(split, options) }
    return DatasetInfo(
      name: name, summary: summary, shape: shape, classCount: classCount, classNames: classNames,
      counts: counts, isBinary: isBinary, licence: licence, origin: origin, notes: notes, modes: modes)
  }
}
