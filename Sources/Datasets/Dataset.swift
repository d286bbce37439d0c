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
  private let options: DatasetOptions
  private let splits: [Split: LazyExamples]

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
    guard has(split) else {
      throw .missingSplit(set: info.name, expected: Split.allCases.filter(has), got: split)
    }
    let own = info.counts[.validation] != nil
    guard let portion = options.validation, !own, split != .test else {
      return try loaded(split)
    }
    let parts = try loaded(.train).split(validation: portion, seed: options.seed)
    return split == .train ? parts.train : parts.validation.renamed("\(info.name) validation")
  }

  /// Whether the set has this split, of its own or held out.
  public func has(_ split: Split) -> Bool {
    info.counts[split] != nil
      || split == .validation && options.validation != nil && info.counts[.train] != nil
  }

  /// A set of the catalog, or the user's own array if `name` ends in `.npy`.
  ///
  /// Nothing is read for a set of the catalog; an array is read at once, because its header says
  /// what it is. Labels are taken from `x.labels.npy` beside `x.npy`, if that file exists.
  public static func named(
    _ name: String, _ options: DatasetOptions = .fromEnvironment()
  ) throws(DatasetError) -> Dataset {
    if name.hasSuffix(".npy") { return try array(at: name, options) }
    let entry = try DataCatalog.entry(named: name)
    return Dataset(info: entry.info.counted(options), options: options, load: entry.load)
  }

  /// A set whose splits come from a function; the way in for tests and for sets outside the catalog.
  public init(
    info: DatasetInfo, options: DatasetOptions,
    load: @escaping @Sendable (Split, DatasetOptions) throws(DatasetError) -> Examples
  ) {
    self.info = info
    self.options = options
    splits = info.counts.keys.reduce(into: [:]) { splits, split in
      splits[split] = LazyExamples { () throws(DatasetError) in try load(split, options) }
    }
  }

  private func loaded(_ split: Split) throws(DatasetError) -> Examples {
    guard let lazy = splits[split] else {
      throw .missingSplit(set: info.name, expected: Split.allCases.filter(has), got: split)
    }
    return try lazy.value
  }
}

/// Examples that are decoded once, by whichever thread asks first.
private final class LazyExamples: @unchecked Sendable {
  private let lock = NSLock()
  private let load: @Sendable () throws(DatasetError) -> Examples
  private var decoded: Examples?

  init(_ load: @escaping @Sendable () throws(DatasetError) -> Examples) { self.load = load }

  var value: Examples {
    get throws(DatasetError) {
      lock.lock()
      defer { lock.unlock() }
      if let decoded { return decoded }
      let examples = try load()
      decoded = examples
      return examples
    }
  }
}
