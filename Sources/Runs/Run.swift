import Configuration
import Datasets
import Foundation
import Generative
import Systems
import Torch
import Training

/// One run: settings, the facts of its data, a model, and the directory that all of it is kept in.
///
/// A run is prepared and shown, begun and trained, or opened at a checkpoint; then it draws, measures and reports. The
/// command line does no more than this, so that a program gets the same files, numbers and report as the tool:
///
///     let settings = try Catalog.settings("vae", setting: ["data.name=strokes", "training.epochs=5"])
///     let run = try Run.begin(settings, in: RunDirectory("runs/mine"), place: .fromEnvironment())
///     _ = try run.train(observer: SilentObserver())  // or a `TrainingObserver` of your own
///     try run.finish()  // test metrics, figures, report.html
public struct Run {
  /// The complete configuration.
  public let settings: RunSettings
  /// What it knows of its data.
  public let facts: Facts
  /// What is trained, at its start or at a checkpoint.
  public let model: any SystemModel
  /// The numbers that the model sees instead of pixels.
  public let scaling: PixelScaling
  /// The run's past, if it comes out of a checkpoint.
  public let checkpoint: Checkpoint?
  /// Where it is kept; nil for one that is only shown.
  public let directory: RunDirectory?
  /// Where data come from, and feature networks are kept.
  public let place: DatasetOptions
  /// The examples, where they have been read already.
  private let known: Dataset?
  // Held, not used: it keeps other trainers out.
  private let lock: RunLock?

  /// Where it computes.
  public var device: Device { settings.training.device }

  /// A stream for one command: a function of `seed` alone.
  public func random(_ seed: UInt64) -> RandomSource { RandomSource(seed: seed, device: device) }

  /// A model at its start, without data.
  public init(_ settings: RunSettings, facts: Facts, place: DatasetOptions = .fromEnvironment()) throws {
    self.init(
      settings, facts, try settings.model(facts), scaling: .unit, place: place)
  }

  private init(
    _ settings: RunSettings, _ facts: Facts, _ model: any SystemModel, scaling: PixelScaling,
    checkpoint: Checkpoint? = nil, directory: RunDirectory? = nil, place: DatasetOptions, known: Dataset? = nil,
    lock: RunLock? = nil
  ) {
    self.settings = settings
    self.facts = facts
    self.model = model
    self.scaling = scaling
    self.checkpoint = checkpoint
    self.directory = directory
    self.place = place
    self.known = known
    self.lock = lock
  }

  // MARK: Making

  /// The model of `settings` at its start with its data, in no directory.
  public static func prepare(_ settings: RunSettings, place: DatasetOptions) throws -> Run {
    Runtime.tuneAllocator()
    // The number is the process's: where it is right already, another run may be computing with it.
    let threads = settings.training.threads
    if threads > 0, threads != Runtime.threads { Runtime.threads = threads }
    try settings.validate()
    let dataset = try settings.data.dataset(place)
    let examples = try settings.data.trainingExamples(of: dataset)
    var facts = Facts(
      shape: dataset.info.shape, classes: examples.classCount, examples: examples.count, hash: examples.hash)
    if let labels = settings.design.labels {
      let labelled = try examples.labelled(perClass: labels.perClass, seed: settings.data.seed)
      (facts.labelled, facts.classes) = (labelled.count, labelled.classCount)
      let present = labelled.labelCounts?.count { $0 > 0 } ?? 0
      if present < 2 { throw SettingsError(path: "labels", "expected labels of at least 2 classes, got \(present)") }
    }
    try settings.validate(facts)
    try settings.validate(examples)
    let validation = try dataset.has(.validation) ? dataset.examples(.validation) : nil
    try settings.validateCounts(facts, validation: validation?.count)
    if settings.design.labels != nil, let known = facts.classes, let most = validation?.labels?.max(), most >= known {
      throw SettingsError(
        path: "data",
        "expected the \(known) classes of the training examples, got class \(most) in the validation split")
    }
    if !dataset.has(.validation) { try settings.refuseScores(because: "there are no validation examples to score") }
    let scaling = try PixelScaling(settings.scaling(of: facts.shape), of: examples)
    return Run(settings, facts, try settings.model(facts), scaling: scaling, place: place, known: dataset)
  }

  /// Makes the run directory and everything in it.
  public static func begin(_ settings: RunSettings, in directory: RunDirectory, place: DatasetOptions) throws -> Run {
    if directory.exists { throw TrainingError.exists(directory.path) }
    let run = try prepare(settings, place: place)
    let lock = try directory.create(configuration: run.settings.yaml())
    try run.writeFacts(to: directory)
    return run.in(directory, lock: lock)
  }

  /// Writes what the run knows of its data.
  private func writeFacts(to directory: RunDirectory) throws {
    try facts.write(to: directory.facts)
    if !scaling.tensors.isEmpty { try Safetensors(tensors: scaling.tensors).write(to: directory.scaling) }
  }

  /// Opens a run with its data at its last checkpoint, or at its start if it was killed before there was one.
  ///
  /// - Parameter change: what is to be different from here on, such as more epochs.
  public static func resume(
    _ directory: RunDirectory, place: DatasetOptions, _ change: (inout RunSettings) throws -> Void = { _ in }
  ) throws -> Run {
    var settings = try Catalog.settings(SettingsDocument(file: directory.existing().configuration))
    try change(&settings)
    return try resume(settings, in: directory, place: place)
  }

  /// The same with settings from elsewhere, which the directory's are replaced by.
  public static func resume(
    _ settings: RunSettings, in directory: RunDirectory, place: DatasetOptions
  ) throws -> Run {
    let lock = try directory.existing().lock()
    let checkpoint = try directory.newest()
    var settings = settings
    if settings.training.threads == 0, let checkpoint { settings.training.threads = checkpoint.progress.threads }
    let fresh = try prepare(settings, place: place)
    try checkpoint?.load(into: fresh.model)
    // It may have been killed before they were there.
    if checkpoint == nil || !FileManager.default.fileExists(atPath: directory.facts) {
      try fresh.writeFacts(to: directory)
    }
    try AtomicFile.write(Array(fresh.settings.yaml().utf8), to: directory.configuration)
    return fresh.in(directory, at: checkpoint, lock: lock)
  }

  /// A model at a checkpoint of a run, written `RUN`, `RUN@best`, `RUN@last` or `RUN@STEP`.
  public static func open(_ reference: String, place: DatasetOptions = .fromEnvironment()) throws -> Run {
    try open(RunReference(reference), place: place)
  }

  /// A model at a checkpoint of a run, with averaged weights where the run keeps some.
  public static func open(_ reference: RunReference, place: DatasetOptions = .fromEnvironment()) throws -> Run {
    Runtime.tuneAllocator()
    let file = try reference.file()
    let directory = RunDirectory(reference.path)
    let settings = try Catalog.settings(SettingsDocument(file: directory.configuration))
    let facts = try Facts(contentsOf: directory.facts)
    let checkpoint = try Checkpoint(contentsOf: file)
    let model = try settings.model(facts)
    try checkpoint.load(into: model, averaged: true)
    return Run(
      settings, facts, model, scaling: try scaling(settings, facts, directory), checkpoint: checkpoint,
      directory: directory, place: place)
  }

  private static func scaling(
    _ settings: RunSettings, _ facts: Facts, _ directory: RunDirectory
  ) throws -> PixelScaling {
    let kind = settings.scaling(of: facts.shape)
    if let known = PixelScaling(kind, tensors: [:], exampleShape: facts.shape) { return known }
    let kept = try Safetensors(contentsOf: directory.scaling).tensors
    guard let scaling = PixelScaling(kind, tensors: kept, exampleShape: facts.shape) else {
      throw FileError(directory.scaling, "expected \(kind.rawValue) for examples of shape \(facts.shape)")
    }
    return scaling
  }

  private func `in`(_ directory: RunDirectory, at checkpoint: Checkpoint? = nil, lock: RunLock) -> Run {
    Run(
      settings, facts, model, scaling: scaling, checkpoint: checkpoint, directory: directory, place: place,
      known: known, lock: lock)
  }

  // MARK: Data

  /// The run's own data.
  public func dataset() throws -> Dataset { try known ?? settings.data.dataset(place) }

  /// Fixed binarization draws from a stream of its own.
  private static let stream: UInt64 = 20

  /// The examples of a split, on the device and prepared as the run wants them.
  ///
  /// - Parameters:
  ///   - limit: keeps the first N; nil keeps all.
  ///   - isTraining: whether they are learned from, and so augmented.
  public func examples(
    _ split: Split, of dataset: Dataset, limit: Int? = nil, isTraining: Bool = false
  ) throws -> DeviceExamples {
    var examples = try dataset.examples(split)
    if let limit { examples = examples.prefix(limit) }
    return try onDevice(examples, of: dataset, isTraining: isTraining)
  }

  private func onDevice(_ examples: Examples, of dataset: Dataset, isTraining: Bool) throws -> DeviceExamples {
    guard examples.shape == facts.shape else {
      throw RunError.shape(dataset.info.name, expected: facts.shape, found: examples.shape)
    }
    return try onDevice(examples, isTraining: isTraining)
  }

  /// Examples of the model's shape, on the device and prepared as the run wants them.
  func onDevice(_ examples: Examples, isTraining: Bool) throws -> DeviceExamples {
    try settings.validate(examples)
    return DeviceExamples(
      examples,
      settings.preparation(of: examples, scaling: scaling, isTraining: isTraining), device: device,
      using: .derived(seed: settings.training.seed, Self.stream, device: device))
  }

  /// The order of the labelled examples.
  private static let labelledStream: UInt64 = 22

  /// The feeds that the game reads.
  func feeds(_ dataset: Dataset) throws -> [Feed: any Batches] {
    let (training, seed) = (settings.training, settings.training.seed)
    let main = try examples(.train, of: dataset, limit: settings.data.limit, isTraining: true)
    let smallest = settings.smallestBatch(facts)
    var feeds: [Feed: any Batches] = [
      .main: ExampleBatches(main, batchSize: training.batchSize, smallest: smallest, seed: seed)
    ]
    if let labels = settings.design.labels {
      let examples = try settings.data.trainingExamples(of: dataset)
        .labelled(perClass: labels.perClass, seed: settings.data.seed)
      let known = try onDevice(examples, of: dataset, isTraining: true)
      // An order of its own: that of another seed's main feed is not it.
      feeds[.labelled] = ExampleBatches(
        known, batchSize: labels.batchSize, smallest: smallest,
        seed: RandomSource.derivedSeed(seed, [Self.labelledStream]))
    }
    return feeds
  }

  // MARK: Training

  /// Trains to the end or until `shouldStop` says so; leaves a checkpoint either way.
  ///
  /// - Parameter observer: hears of progress, beside the run's own record of events and pictures.
  public func train(
    observer: any TrainingObserver, shouldStop: () -> Bool = { false }
  ) throws -> (outcome: Outcome, progress: TrainingProgress) {
    guard let directory, lock != nil else {
      preconditionFailure("Run: expected a run that was begun or resumed; one that was opened is not trained")
    }
    let options = settings.trainingOptions
    let recorder = try RunRecorder(
      model, scaling: scaling, run: directory, resumingAt: checkpoint?.progress.step, seed: options.seed,
      device: device, forward: observer)
    let dataset = try dataset()
    let trainer = try Trainer(
      model, feeds: feeds(dataset),
      validation: dataset.has(.validation) ? examples(.validation, of: dataset) : nil, options: options,
      device: device, run: directory, from: checkpoint, observer: recorder)
    return (try trainer.run(shouldStop: shouldStop), trainer.progress)
  }
}

extension RunDirectory {
  /// The checkpoint that the run goes on from; nil if it was killed before there was one.
  ///
  /// The best one is complete too. It alone is there if the run was killed between the first two that it wrote.
  func newest() throws -> Checkpoint? {
    guard hasCheckpoints else { return nil }
    let hasLast = FileManager.default.fileExists(atPath: checkpoint(.last))
    return try Checkpoint(contentsOf: RunReference(self, hasLast ? .last : .best).file())
  }
}

extension Examples {
  /// SHA-256 of values and labels in memory; nil for examples on disk.
  fileprivate var hash: String? {
    var bytes: [UInt8]
    switch storage {
    case .bytes(let values): bytes = values
    case .floats(let values): bytes = values.withUnsafeBytes(Array.init)
    case .rows: return nil
    }
    if let labels { bytes += labels.withUnsafeBytes(Array.init) }
    return sha256(bytes)
  }
}
