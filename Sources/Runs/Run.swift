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
  let known: Dataset?
  /// Those of the second set, of a run between two domains.
  let knownTarget: Dataset?
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
    knownTarget: Dataset? = nil, lock: RunLock? = nil
  ) {
    self.settings = settings
    self.facts = facts
    self.model = model
    self.scaling = scaling
    self.checkpoint = checkpoint
    self.directory = directory
    self.place = place
    self.known = known
    self.knownTarget = knownTarget
    self.lock = lock
  }

  // MARK: Making

  /// The model of `settings` at its start with its data, in no directory.
  public static func prepare(_ settings: RunSettings, place: DatasetOptions) throws -> Run {
    try prepare(settings, in: nil, place: place)
  }

  /// - Parameter directory: that of a run that has begun.
  private static func prepare(_ settings: RunSettings, in directory: RunDirectory?, place: DatasetOptions) throws -> Run
  {
    Runtime.tuneAllocator()
    // The number is the process's: where it is right already, another run may be computing with it.
    let threads = settings.training.threads
    if threads > 0, threads != Runtime.threads { Runtime.threads = threads }
    try settings.validate()
    try settings.validatePairs()
    var settings = try settings.knowing(below: directory, place: place)
    let dataset = try settings.data.dataset(place)
    let target = try settings.targetData?.dataset(place)
    let (examples, second) = try settings.domains(
      settings.data.trainingExamples(of: dataset), target.map { try settings.targetData!.trainingExamples(of: $0) },
      log: place.log)
    let validation = try dataset.has(.validation) ? dataset.examples(.validation).coloured(like: examples.shape) : nil
    let facts = try settings.facts(of: examples, validation: validation, target: second)
    try settings.validate(facts)
    try settings.validate(examples)
    if let second { try settings.validate(second) }
    try settings.validateCounts(facts, validation: validation?.count)
    try settings.validateStages(facts, validation: validation?.count)
    if settings.design.usesClasses, let known = facts.classes, let most = validation?.labels?.max(), most >= known {
      throw SettingsError(
        path: "data",
        "expected the \(known) classes of the training examples, got class \(most) in the validation split")
    }
    if settings.design.usesClasses, settings.design.labels == nil, let labels = validation?.labels,
      case let unknown = labels.count(where: { $0 == Examples.unlabelled }), unknown > 0
    {
      throw SettingsError(
        path: "data.validation",
        "\(settings.model) is given the class of every example, got \(unknown) validation examples without one")
    }
    if !dataset.has(.validation) { try settings.refuseScores(because: "there are no validation examples to score") }
    let scaling = try PixelScaling(settings.scaling(of: facts.shape), of: examples)
    // Messages up to here name files as the user does.
    settings.data.makeAbsolute()
    settings.design.setTarget { $0.makeAbsolute() }
    if var staged = settings.design as? any StagedDesign, let given = staged.givenRun {
      staged.givenRun = absolutePath(given)
      settings.design = staged
    }
    let model = try withPrecision(settings.training.precision.ofNetworks, on: .cpu) { try settings.model(facts) }
    let run = Run(settings, facts, model, scaling: scaling, place: place, known: dataset, knownTarget: target)
    if directory == nil { try run.startAtDecoder() }
    return run
  }

  /// Makes the run directory and everything in it.
  public static func begin(_ settings: RunSettings, in directory: RunDirectory, place: DatasetOptions) throws -> Run {
    if directory.exists { throw TrainingError.exists(directory.path) }
    return try prepare(settings, place: place).begin(in: directory)
  }

  /// The same in the first of `base`1, `base`2 and so on that nobody has taken yet: runs that begin at the same time
  /// take different ones.
  public static func begin(_ settings: RunSettings, numbered base: String, place: DatasetOptions) throws -> Run {
    let run = try prepare(settings, place: place)
    var number = 1
    while try !RunDirectory(base + String(number)).claim() { number += 1 }
    return try run.begin(in: RunDirectory(base + String(number)))
  }

  private func begin(in directory: RunDirectory) throws -> Run {
    let lock = try directory.create(configuration: settings.yaml())
    try writeFacts(to: directory)
    return self.in(directory, lock: lock)
  }

  /// Writes what the run knows of its data.
  private func writeFacts(to directory: RunDirectory) throws {
    try facts.write(to: directory.facts)
    if !scaling.tensors.isEmpty { try Safetensors(tensors: scaling.tensors).write(to: directory.scaling) }
  }

  /// Opens a run with its data at its last checkpoint, or at its start if it was killed before there was one.
  ///
  /// - Parameters:
  ///   - acceptsOtherData: whether data that have changed since the run began are trained on; they are refused
  ///     otherwise.
  ///   - change: what is to be different from here on, such as more epochs.
  /// - Throws: `RunError.changed` for other data, `RunError.done` where less is asked for than the run has done.
  public static func resume(
    _ directory: RunDirectory, place: DatasetOptions, acceptsOtherData: Bool = false,
    _ change: (inout RunSettings) throws -> Void = { _ in }
  ) throws -> Run {
    try InferenceRun.refuse(directory.existing())
    var settings = try Catalog.settings(SettingsDocument(file: directory.configuration))
    let duration = settings.training.duration
    try change(&settings)
    if settings.design is any StagedDesign, settings.training.duration != duration {
      throw SettingsError(
        path: "training",
        "\(settings.model) is made of stages whose lengths were told when it began; begin a new run for other ones")
    }
    let directories = [directory] + settings.design.trials.map { $0.run(in: directory) }
    if settings.training.duration != duration,
      let done = try directories.compactMap({ try $0.newest()?.progress }).max(by: { $0.step < $1.step })
    {
      let asked = settings.training.duration.steps(Clock(stepsPerEpoch: done.stepsPerEpoch))
      guard asked >= done.step else {
        throw RunError.done(directory.path, steps: done.step, epochs: done.step / done.stepsPerEpoch)
      }
    }
    return try resume(settings, in: directory, place: place, acceptsOtherData: acceptsOtherData)
  }

  /// Opens a run that another process has begun or resumed, to train it together with that one: nothing is written.
  static func follow(_ directory: RunDirectory, place: DatasetOptions) throws -> Run {
    var settings = try Catalog.settings(SettingsDocument(file: directory.configuration))
    let checkpoint = try directory.newest()
    if settings.training.threads == 0, let checkpoint { settings.training.threads = checkpoint.progress.threads }
    let fresh = try prepare(settings, in: directory, place: place)
    if checkpoint == nil { try fresh.startAtDecoder() }
    try checkpoint?.load(into: fresh.model)
    return fresh.in(directory, at: checkpoint, lock: nil)
  }

  /// The same with settings from elsewhere, which the directory's are replaced by.
  public static func resume(
    _ settings: RunSettings, in directory: RunDirectory, place: DatasetOptions, acceptsOtherData: Bool = false
  ) throws -> Run {
    let lock = try directory.existing().lock()
    directory.removeCutOffWrites()
    let checkpoint = try directory.newest()
    var settings = settings
    if settings.training.threads == 0, let checkpoint { settings.training.threads = checkpoint.progress.threads }
    let fresh = try prepare(settings, in: directory, place: place)
    if checkpoint == nil { try fresh.startAtDecoder() }
    let usesLabels = fresh.settings.design.usesClasses
    // It may have been killed before they were there.
    let kept =
      FileManager.default.fileExists(atPath: directory.facts) ? try Facts(contentsOf: directory.facts) : nil
    if let kept, let difference = fresh.facts.difference(from: kept, usesLabels: usesLabels) {
      let fits = fresh.facts.fits(kept, usesLabels: usesLabels)
      guard acceptsOtherData, fits else {
        throw RunError.changed(fresh.settings.name(of: difference), difference, fits: fits)
      }
    }
    try checkpoint?.load(into: fresh.model)
    if kept != fresh.facts { try fresh.writeFacts(to: directory) }
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
    try InferenceRun.refuse(RunDirectory(reference.path))
    let file = try reference.file()
    let directory = RunDirectory(reference.path)
    let settings = try Catalog.settings(SettingsDocument(file: directory.configuration))
      .knowing(below: directory, place: place)
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

  private func `in`(_ directory: RunDirectory, at checkpoint: Checkpoint? = nil, lock: RunLock?) -> Run {
    Run(
      settings, facts, model, scaling: scaling, checkpoint: checkpoint, directory: directory, place: place,
      known: known, knownTarget: knownTarget, lock: lock)
  }

  // MARK: Training

  /// Examples of each domain that pictures of a training show.
  private static let picturedExamples = 16

  /// Trains to the end or until `shouldStop` says so; leaves a checkpoint either way.
  ///
  /// A run that leaves a setting to validations trains a run for each value of it and becomes the best; settings and
  /// model of this value are then no longer those of the directory, which `open` reads. What it fails with is kept in
  /// `failure.txt` until it goes on.
  ///
  /// - Parameters:
  ///   - observer: hears of progress, beside the run's own record of events and pictures.
  ///   - peers: the processes that train it together; each calls this on the same run.
  public func train(
    observer: any TrainingObserver, peers: Peers? = nil, shouldStop: () -> Bool = { false }
  ) throws -> (outcome: Outcome, progress: TrainingProgress) {
    try withPrecision(settings.training.precision.ofNetworks, on: device) {
      try trainInPrecision(observer: observer, peers: peers, shouldStop: shouldStop)
    }
  }

  private func trainInPrecision(
    observer: any TrainingObserver, peers: Peers?, shouldStop: () -> Bool
  ) throws -> (outcome: Outcome, progress: TrainingProgress) {
    let isFirst = peers?.isFirst ?? true
    guard let directory, lock != nil || !isFirst else {
      preconditionFailure("Run: expected a run that was begun or resumed; one that was opened is not trained")
    }
    func train() throws -> (outcome: Outcome, progress: TrainingProgress) {
      try self.train(in: directory, observer: observer, peers: peers, shouldStop: shouldStop)
    }
    return try isFirst ? directory.keepingFailure(train) : train()
  }

  private func train(
    in directory: RunDirectory, observer: any TrainingObserver, peers: Peers?, shouldStop: () -> Bool
  ) throws -> (outcome: Outcome, progress: TrainingProgress) {
    if !settings.design.trials.isEmpty { return try choose(observer: observer, shouldStop: shouldStop) }
    guard let game = model as? any Game else { return try trainStages(observer: observer, shouldStop: shouldStop) }
    let options = settings.trainingOptions
    let dataset = try dataset()
    let recorder: any TrainingObserver =
      try peers?.isFirst ?? true
      ? RunRecorder(
        model, scaling: scaling, run: directory, resumingAt: checkpoint?.progress.step, seed: options.seed,
        device: device,
        domains: model is any Translator
          ? examplesOfDomains(Selection(reportedOf: dataset), Self.picturedExamples) : [:],
        forward: observer) : observer
    let trainer = try Trainer(
      game, feeds: feeds(dataset),
      validation: dataset.has(.validation) ? examples(.validation, of: dataset) : nil, options: options,
      device: device, run: directory, from: checkpoint, peers: peers, observer: recorder)
    return (try trainer.run(shouldStop: shouldStop), trainer.progress)
  }
}

extension Run {
  /// Trains the stages of a run with an observer of all of them.
  private func trainStages(
    observer: any TrainingObserver, shouldStop: () -> Bool
  ) throws -> (outcome: Outcome, progress: TrainingProgress) {
    let lock = NSLock()
    return try withoutActuallyEscaping(shouldStop) { stop in
      // The stages' threads ask one after the other, and none of them outlives the call.
      nonisolated(unsafe) let stop = stop
      let ledger = StageLedger(observer)
      return try trainStages(observer: ledger.observer) { lock.withLock { stop() } }
    }
  }
}

/// One observer of several stages, whose threads tell it one after the other of the rounds of all that have begun.
private final class StageLedger: @unchecked Sendable {
  // Every access holds the lock.
  private let lock = NSLock()
  private let observer: any TrainingObserver
  private var counts: [String: (step: Int, total: Int)] = [:]

  init(_ observer: any TrainingObserver) { self.observer = observer }

  /// The observer of a stage.
  func observer(of stage: String) -> any TrainingObserver { Page(ledger: self, stage: stage) }

  private final class Page: TrainingObserver {
    let ledger: StageLedger
    let stage: String

    init(ledger: StageLedger, stage: String) { (self.ledger, self.stage) = (ledger, stage) }

    func completed(step: Int, of total: Int) {
      ledger.lock.withLock {
        ledger.counts[stage] = (step, total)
        let all = ledger.counts.values.reduce((step: 0, total: 0)) { ($0.step + $1.step, $0.total + $1.total) }
        ledger.observer.completed(step: all.step, of: all.total)
      }
    }

    func logged(_ record: LogRecord) throws { try ledger.lock.withLock { try ledger.observer.logged(record) } }
  }
}

extension RunDirectory {
  /// Runs `body` and keeps what it fails with, for those who look at the run later.
  fileprivate func keepingFailure<Value>(_ body: () throws -> Value) throws -> Value {
    unlink(failure)
    do { return try body() } catch {
      // On a full disk the reason is told by the error itself, which must not give way to this one.
      _ = Result { () throws(FileError) in try AtomicFile.write(Array("\(error)\n".utf8), to: failure) }
      throw error
    }
  }

  /// The checkpoint that the run goes on from; nil if it was killed before there was one.
  ///
  /// The best one is complete too. It alone is there if the run was killed between the first two that it wrote.
  func newest() throws -> Checkpoint? {
    guard hasCheckpoints else { return nil }
    let hasLast = FileManager.default.fileExists(atPath: checkpoint(.last))
    return try Checkpoint(contentsOf: RunReference(self, hasLast ? .last : .best).file())
  }
}
