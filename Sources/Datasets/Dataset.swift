import Foundation

/// A part of a data set.
public enum Split: String, Sendable, CaseIterable {
  /// The examples a model learns from.
  case train
  /// The examples choices are made on.
  case validation
  /// The examples results are reported on.
  case test
}

/// A named data set whose splits are read when they are first asked for.
///
///     let mnist = try Dataset.named("mnist")
///     let images = try mnist.train
public struct Dataset: Sendable {
  /// What the set is, its size and its licence.
  public let info: DatasetInfo
  private let splits: [Split: Lazy<Examples>]

  /// The training examples, less those held out for validation.
  public var train: Examples { get throws(DatasetError) { try examples(.train) } }

  /// The validation examples: the set's own or held out by ``DatasetOptions/validation``; else nil.
  public var validation: Examples? {
    get throws(DatasetError) {
      has(.validation) ? try examples(.validation) : nil
    }
  }

  /// The test examples.
  public var test: Examples { get throws(DatasetError) { try examples(.test) } }

  /// The examples of a split, decoded at the first call and kept.
  public func examples(_ split: Split) throws(DatasetError) -> Examples {
    guard let lazy = splits[split] else {
      throw .missingSplit(set: info.name, expected: Split.allCases.filter(has), got: split)
    }
    return try lazy.value
  }

  /// Whether the set has this split, of its own or held out.
  public func has(_ split: Split) -> Bool { splits[split] != nil }

  /// A set of the catalog, or the user's own file or folder.
  ///
  /// Nothing is read for a set of the catalog, whose names go before those of files. A file or a folder is read at
  /// once, because only its content says what it is. Labels are those of ``DatasetOptions/labelFile``, else of
  /// `x.labels.npy` beside `x.npy` if that file exists, else the names of sub-folders.
  public static func named(
    _ name: String, _ options: DatasetOptions = .fromEnvironment()
  ) throws(DatasetError) -> Dataset {
    if isFile(name) { return try file(at: name, options) }
    var entry = try DataCatalog.entry(named: name)
    entry = entry.standIn?(options) ?? entry
    return Dataset(info: try entry.info(options), options: options, load: entry.load)
  }

  /// Whether `name` means a file or a folder and no set of the catalog: a path, or something that is there.
  public static func isFile(_ name: String) -> Bool {
    if DataCatalog.names.contains(name) { return false }
    return name.contains("/") || name.contains(".") || FileManager.default.fileExists(atPath: name)
  }

  /// Whether a name means a folder, or a set that is made of picture files, so that ``ImageOptions`` have a use.
  public static func isMadeOfPictures(_ name: String) -> Bool {
    if let entry = DataCatalog.entries.first(where: { $0.info.name == name }) { return entry.takesBadFiles }
    return isFolder(name)
  }

  /// A set whose splits come from a function; the way in for tests and for sets outside the catalog.
  public init(
    info: DatasetInfo, options: DatasetOptions,
    load: @escaping @Sendable (Split, DatasetOptions) throws(DatasetError) -> Examples
  ) {
    self.info = info
    var splits = info.counts.keys.reduce(into: [Split: Lazy<Examples>]()) { splits, split in
      splits[split] = Lazy { () throws(DatasetError) in try load(split, options) }
    }
    if let portion = options.validation, let all = splits[.train], splits[.validation] == nil {
      let parts = Lazy { () throws(DatasetError) in
        try all.value.split(validation: portion, seed: options.seed)
      }
      splits[.train] = Lazy { () throws(DatasetError) in try parts.value.train }
      splits[.validation] = Lazy { () throws(DatasetError) in
        try parts.value.validation.renamed("\(info.name) validation")
      }
    }
    self.splits = splits
  }

  /// The same splits with other examples in them, such as codes: each is changed once, when it is first asked for.
  ///
  /// - Parameters:
  ///   - summary: one line that says what the new examples are.
  ///   - shape: the shape of one of them.
  ///   - change: as many examples of that shape, in the same order.
  public func mapped(
    summary: String, shape: [Int], _ change: @escaping @Sendable (Examples) throws(DatasetError) -> Examples
  ) -> Dataset {
    let info = DatasetInfo(
      name: info.name, summary: summary, shape: shape, classCount: info.classCount, classNames: info.classNames,
      counts: info.counts, licence: info.licence, origin: info.origin, notes: info.notes)
    return Dataset(
      info: info,
      splits: splits.mapValues { split in Lazy { () throws(DatasetError) in try change(split.value) } })
  }

  private init(info: DatasetInfo, splits: [Split: Lazy<Examples>]) {
    self.info = info
    self.splits = splits
  }
}

/// A value that is made once, by whichever thread asks first; a failure is tried again.
private final class Lazy<Value: Sendable>: @unchecked Sendable {
  // Every access to `made` holds the lock.
  private let lock = NSLock()
  private let make: @Sendable () throws(DatasetError) -> Value
  private var made: Value?

  init(_ make: @escaping @Sendable () throws(DatasetError) -> Value) { self.make = make }

  var value: Value {
    get throws(DatasetError) {
      lock.lock()
      defer { lock.unlock() }
      if let made { return made }
      let value = try make()
      made = value
      return value
    }
  }
}
