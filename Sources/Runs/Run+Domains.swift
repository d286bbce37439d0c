import Configuration
import Datasets
import Generative
import Systems
import Torch

// Runs between two sets of examples: the source, which is the main feed, and the target.
extension RunSettings {
  /// The settings of the second set's data; nil for systems of one set.
  public var targetData: DataSettings? { design.target.map { $0.data(beside: data) } }

  /// Source and target as the system sees them: where one is grey and the other RGB, grey is repeated.
  ///
  /// - Parameter log: told of a set that was changed.
  /// - Throws: `SettingsError` for sets of other shapes or classes, or of a single example, with both named.
  func domains(
    _ source: Examples, _ target: Examples?, log: (String) -> Void
  ) throws(SettingsError) -> (source: Examples, target: Examples?) {
    guard let target else { return (source, nil) }
    let pair = (source: source.coloured(like: target.shape), target: target.coloured(like: source.shape))
    for (old, new) in [(source, pair.source), (target, pair.target)] where old.shape != new.shape {
      log("\(old.name): grey repeated to RGB, as the other set has 3 channels")
    }
    guard pair.source.shape == pair.target.shape else {
      throw SettingsError(
        path: "target",
        "expected examples of one shape: source has shape \(Self.size(source)), target \(Self.size(target)) "
          + "(\(data.name), \(design.target!.name))")
    }
    for (path, examples) in [("data", source), ("target", target)] where examples.count < 2 {
      throw SettingsError(
        path: path,
        "expected at least 2 training examples of a domain, got \(examples.count) in \(examples.name)")
    }
    if design.usesClasses {
      let present = source.labelCounts?.count { $0 > 0 } ?? 0
      guard present >= 2 else {
        throw SettingsError(
          path: "data",
          "expected labels of at least 2 classes in the source, got \(present == 0 ? "none" : "\(present)")")
      }
      try Self.checkClasses(source, target)
    }
    return pair
  }

  private static func size(_ examples: Examples) -> String { examples.shape.map(String.init).joined(separator: "x") }

  /// Refuses a target whose classes are others than the source's; one without labels is welcome.
  private static func checkClasses(_ source: Examples, _ target: Examples) throws(SettingsError) {
    guard target.labels != nil, let own = target.classCount, let known = source.classCount else { return }
    func names(_ examples: Examples, _ count: Int) -> String {
      examples.classNames.map { "classes \($0.joined(separator: ", "))" } ?? "\(count) classes"
    }
    let areSame =
      if let a = source.classNames, let b = target.classNames { Set(a) == Set(b) } else { own == known }
    guard areSame else {
      throw SettingsError(
        path: "target",
        "expected the classes of the source: source has \(names(source, known)), target \(names(target, own))")
    }
  }
}

extension Run {
  /// Held-out examples of the second set: a split, or the one that results are reported on where the set lacks it.
  public func targetSelection(_ split: Split? = nil) throws -> Selection? {
    try targetDataset().map { dataset in
      if let split, dataset.has(split) { return Selection(split, of: dataset) }
      return Selection(reportedOf: dataset)
    }
  }

  /// Images that are translated at once, unless one of them takes much memory.
  private static let translatedAtOnce = 64

  /// Examples of the other domain in this one, `[n] + shape`, as values of the data.
  ///
  /// - Parameters:
  ///   - examples: of the other domain.
  ///   - progress: called with how many are done.
  public func translations(
    of examples: DeviceExamples, to domain: Domain, seed: UInt64, progress: (Int) -> Void = { _ in }
  ) throws -> Tensor {
    let model = try model(as: .translation(to: domain))
    let rng = random(seed)
    func translated(_ range: Range<Int>) throws -> Tensor {
      let x = try examples.batch(range, using: rng).x
      return scaling.intensities(model.translate(x, to: domain, using: rng)).to(.cpu)
    }
    return try withTensorErrors {
      try withoutGradients {
        let rows = try RowBlocks.rows(upTo: Self.translatedAtOnce) { _ = try translated(0..<1) }
        return .concatenated(
          try stride(from: 0, to: examples.count, by: rows).map { start in
            let range = start..<min(examples.count, start + rows)
            defer { progress(range.upperBound) }
            return try translated(range)
          })
      }
    }
  }

  /// A few examples of each domain as the model sees them, by the domain they belong to.
  func examplesOfDomains(_ selection: Selection, _ count: Int) throws -> [Domain: Tensor] {
    guard let other = try targetSelection(selection.split) else { return [:] }
    return try [Domain.a: selection, .b: other].mapValues { selection in
      let examples = try examples(selection.split, of: selection.dataset, limit: count, for: .coding)
      return try examples.batch(0..<examples.count, using: random(1)).x
    }
  }
}

extension Domain {
  /// The one that examples which are translated here come from.
  public var other: Domain { self == .a ? .b : .a }
}
