import Configuration
import Datasets
import Foundation
import Generative
import Systems
import Torch
import Training

// Examples as a run wants them, and what it knows of them.
extension Run {
  /// The run's own data.
  public func dataset() throws -> Dataset { try known ?? settings.data.dataset(place) }

  /// The run's second set; nil where it has none.
  public func targetDataset() throws -> Dataset? { try knownTarget ?? settings.targetData?.dataset(place) }

  /// Whether it has two sets of examples.
  private var isBetweenDomains: Bool { settings.design.target != nil }

  /// In what the run's own files differ now from what it was trained on, in words; nil where they are the same.
  ///
  /// Sets of the catalog have checksums of their own and are not looked at.
  public func difference(of dataset: Dataset) throws -> Facts.Difference? {
    func known(_ examples: Examples) -> Examples { isBetweenDomains ? examples.coloured(like: facts.shape) : examples }
    var now = facts
    if Dataset.isFile(settings.data.name) {
      now = try settings.facts(
        of: known(settings.data.trainingExamples(of: dataset)),
        validation: dataset.has(.validation) ? known(dataset.examples(.validation)) : nil)
    }
    now.target = nil
    if let data = settings.targetData, Dataset.isFile(data.name), let target = try targetDataset() {
      now.target = try Facts.Target(of: known(data.trainingExamples(of: target)))
    }
    return now.difference(from: facts, usesLabels: settings.design.usesClasses)
  }

  /// The examples of a split, on the device and prepared as the run wants them for a purpose.
  ///
  /// Classes are those of the model: where both have names, a label is matched by its name.
  ///
  /// - Parameter limit: keeps the first N; nil keeps all.
  public func examples(
    _ split: Split, of dataset: Dataset, limit: Int? = nil, for purpose: Purpose = .measuring
  ) throws -> DeviceExamples {
    try onDevice(examples(split, of: dataset, limit: limit), for: purpose)
  }

  /// The examples of a split as they are stored, with the labels of the model's classes.
  public func examples(_ split: Split, of dataset: Dataset, limit: Int?) throws -> Examples {
    let examples = try dataset.examples(split)
    return try fitted(limit.map(examples.prefix) ?? examples, of: dataset)
  }

  /// The training examples that a set's settings use, prepared to be learned from.
  ///
  /// - Parameter codes: whether codes that stand beside examples come with them.
  func trainingExamples(of dataset: Dataset, _ data: DataSettings, codes: Bool = true) throws -> DeviceExamples {
    try onDevice(fitted(data.trainingExamples(of: dataset), of: dataset), for: .training, codes: codes)
  }

  /// Examples of the model's shape, with the labels of its classes.
  private func fitted(_ examples: Examples, of dataset: Dataset) throws -> Examples {
    let examples = isBetweenDomains ? examples.coloured(like: facts.shape) : examples
    guard examples.shape == facts.shape else {
      throw RunError.shape(dataset.info.name, expected: facts.shape, found: examples.shape)
    }
    // Classes without names are called by their numbers.
    guard examples.classCount != nil, let names = facts.classNames ?? facts.classes.map({ (0..<$0).map(String.init) })
    else { return examples }
    // To a model that predicts no classes, those that it has not seen do no harm.
    return try examples.matching(classNames: names, addsOthers: !settings.design.usesClasses)
  }

  /// The number of a class that is given by its name, or by its number.
  public func classNumber(_ text: String) throws(RunError) -> Int {
    let count = try model(as: .classSamples).classCount
    if let number = facts.classNames?.firstIndex(of: text) { return number }
    guard let number = Int(text), (0..<count).contains(number) else {
      throw RunError.noClass(text, facts.classNames ?? [], classes: count)
    }
    return number
  }

  /// Examples of the model's shape, on the device and prepared as the run wants them.
  public func onDevice(_ examples: Examples, for purpose: Purpose) throws -> DeviceExamples {
    try onDevice(examples, for: purpose, codes: true)
  }

  private func onDevice(_ examples: Examples, for purpose: Purpose, codes: Bool) throws -> DeviceExamples {
    try settings.validate(examples)
    return try DeviceExamples(
      examples, settings.preparation(of: examples, scaling: scaling, for: purpose),
      codes: codes ? codesBeside(examples) : nil, device: device)
  }

  /// The order of the labelled examples, and of those of the second set.
  private static let (labelledStream, targetStream): (UInt64, UInt64) = (22, 23)

  /// The feeds that the game reads.
  func feeds(_ dataset: Dataset) throws -> [Feed: any Batches] {
    let (training, seed) = (settings.training, settings.training.seed)
    let smallest = settings.smallestBatch(facts)
    let drawn = try drawnCodes(dataset, batchSize: training.batchSize, smallest: smallest, seed: seed)
    var feeds: [Feed: any Batches] = [
      .main: try drawn
        ?? ExampleBatches(
          trainingExamples(of: dataset, settings.data), batchSize: training.batchSize, smallest: smallest, seed: seed)
    ]
    if let labels = settings.design.labels {
      let examples = try settings.data.trainingExamples(of: dataset)
        .labelled(perClass: labels.perClass, seed: settings.data.seed)
      let known = try onDevice(examples, for: .training)
      // An order of its own: that of another seed's main feed is not it.
      feeds[.labelled] = ExampleBatches(
        known, batchSize: labels.batchSize, smallest: smallest,
        seed: RandomSource.derivedSeed(seed, [Self.labelledStream]))
    }
    if let target = try targetDataset(), let data = settings.targetData {
      let second = try trainingExamples(of: target, data)
      feeds[.target] = ExampleBatches(
        second, batchSize: training.batchSize, smallest: smallest,
        seed: RandomSource.derivedSeed(seed, [Self.targetStream]))
    }
    return feeds
  }
}

extension RunSettings {
  /// What a run of these settings knows of its examples. Labels that it does not use may change.
  ///
  /// - Parameter target: the training examples of the second set, where there is one.
  func facts(of examples: Examples, validation: Examples?, target: Examples? = nil) throws -> Facts {
    let usesLabels = design.usesClasses
    var facts = Facts(
      shape: examples.shape, classes: examples.classCount, classNames: examples.classNames, examples: examples.count,
      hash: try hash(of: examples, withLabels: usesLabels))
    if data.codes == nil { facts.validation = try validation?.hash(withLabels: usesLabels) }
    if examples.isBinary { facts.isBinary = true }
    if let target {
      facts.target = try Facts.Target(of: target)
    }
    if usesLabels {
      let labelled = try examples.labelled(perClass: design.labels?.perClass, seed: data.seed)
      let unknown = examples.count - labelled.count
      if design.labels == nil, unknown > 0 {
        throw SettingsError(path: "data", "\(model) is given the class of every example, got \(unknown) without one")
      }
      (facts.labelled, facts.classes) = (labelled.count, labelled.classCount)
      let present = labelled.labelCounts?.count { $0 > 0 } ?? 0
      if present < 2 { throw SettingsError(path: "labels", "expected labels of at least 2 classes, got \(present)") }
    }
    return facts
  }
}

extension Facts.Target {
  /// What a run knows of the training examples of its second set.
  fileprivate init(of examples: Examples) throws {
    let isLabelled = examples.labels?.contains { $0 != Examples.unlabelled } ?? false
    self.init(
      classes: isLabelled ? examples.classCount : nil, classNames: isLabelled ? examples.classNames : nil,
      examples: examples.count, hash: try examples.hash(withLabels: false))
  }
}

extension RunSettings {
  /// The set that differs from what a run was begun with.
  public func name(of difference: Facts.Difference) -> String {
    difference.isOfTarget ? design.target?.name ?? data.name : data.name
  }

  /// SHA-256 of what is learned from: of a run that makes codes, in place of them.
  fileprivate func hash(of examples: Examples, withLabels: Bool) throws -> String {
    guard let codes = data.codes else { return try examples.hash(withLabels: withLabels) }
    let encoder = try fileHash(RunReference(codes).file())
    guard data.codeUse == .beside else { return encoder }
    return sha256(Array((try encoder + examples.hash(withLabels: withLabels)).utf8))
  }
}

extension Examples {
  /// Rows that stand for all where these stay on disk.
  private static let rowsOnDisk = 100

  /// SHA-256 of values and labels; of examples that stay on disk, of rows from all over them and all labels.
  func hash(withLabels: Bool) throws -> String {
    var bytes: [UInt8]
    switch storage {
    case .bytes(let values): bytes = values
    case .floats(let values): bytes = values.withUnsafeBytes(Array.init)
    case .rows:
      let last = Double(count - 1)
      let taken = min(count, Self.rowsOnDisk)
      let rows = try subset((0..<taken).map { Int(last * Double($0) / Double(max(1, taken - 1))) }).loaded()
      bytes = Array(try rows.hash(withLabels: false).utf8) + Array("\(count)".utf8)
    }
    if withLabels, let labels { bytes += labels.withUnsafeBytes(Array.init) }
    return sha256(bytes)
  }
}
