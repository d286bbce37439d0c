import Datasets
import Foundation
import Generative
import Torch
import Training

/// One training run: data, model and trainer in a directory, which no one else trains in meanwhile.
public struct TrainingRun {
  public let session: Session
  public let directory: RunDirectory
  public let dataset: Dataset
  public let options: TrainingOptions
  // Held, not used: it keeps other trainers out.
  private let lock: RunLock

  /// Makes the run directory and everything in it.
  public static func start(
    _ settings: RunSettings, in directory: RunDirectory, _ place: DatasetOptions
  ) throws -> TrainingRun {
    if directory.exists { throw TrainingError.exists(directory.path) }
    let (session, dataset, options) = try prepare(settings, place)
    let lock = try directory.create(configuration: session.settings.yaml())
    if session.scaling != .unit {
      try Safetensors(tensors: session.scaling.tensors).write(to: directory.scaling)
    }
    return TrainingRun(
      session: session, directory: directory, dataset: dataset, options: options, lock: lock)
  }

  /// Opens a run at its last checkpoint, or at its start if it was killed before there was one.
  public static func resume(
    _ settings: RunSettings, in directory: RunDirectory, _ place: DatasetOptions
  ) throws -> TrainingRun {
    let lock = try directory.lock()
    let checkpoint =
      try directory.hasCheckpoints
      ? Checkpoint(contentsOf: RunReference(directory, .last).file()) : nil
    var settings = settings
    if settings.training.threads == 0, let checkpoint {
      settings.training.threads = checkpoint.progress.threads
    }
    let (fresh, dataset, options) = try prepare(settings, place)
    let session = try checkpoint.map { try fresh.at($0, directory) } ?? fresh
    try AtomicFile.write(Array(session.settings.yaml().utf8), to: directory.configuration)
    return TrainingRun(
      session: session, directory: directory, dataset: dataset, options: options, lock: lock)
  }

  /// The model of `settings` with its data and what the trainer is told.
  public static func prepare(
    _ settings: RunSettings, _ place: DatasetOptions
  ) throws -> (Session, Dataset, TrainingOptions) {
    Runtime.tuneAllocator()
    if settings.training.threads > 0 { Runtime.threads = settings.training.threads }
    let dataset = try settings.data.dataset(place)
    var settings = settings
    settings.data.shape = dataset.info.shape
    let examples = try settings.data.trainingExamples(of: dataset)
    if try Catalog.system(named: settings.model).learnsClasses {
      let labelled = try examples.labelled(perClass: settings.labels.perClass, seed: settings.data.seed)
      settings.labels.classes = labelled.classCount
      settings.labels.alpha =
        settings.labels.alpha ?? settings.labels.beta * Double(examples.count) / Double(labelled.count)
    }
    try settings.validate(examples)
    return (
      try Session(
        settings, shape: dataset.info.shape,
        scaling: PixelScaling(settings.data.scaling, of: examples)), dataset,
      settings.trainingOptions
    )
  }

  /// Trains to the end or until `shouldStop` says so; leaves a checkpoint either way.
  ///
  /// - Parameter observer: hears of progress, beside the run's own record of events and pictures.
  public func play(
    observer: any TrainingObserver, shouldStop: () -> Bool = { false }
  ) throws -> (outcome: Outcome, progress: TrainingProgress) {
    let recorder = try RunRecorder(
      session.trained, scaling: session.scaling, run: directory, resumingAt: session.checkpoint?.progress.step,
      seed: options.seed, device: session.device, forward: observer)
    let settings = session.settings
    let train = try session.examples(.train, of: dataset, limit: settings.data.limit, isTraining: true)
    var feeds: [Feed: any Batches] = [
      .main: ExampleBatches(train, batchSize: settings.training.batchSize, seed: options.seed)
    ]
    if let labelled = try session.labelledExamples(of: dataset) {
      feeds[.labelled] = ExampleBatches(labelled, batchSize: settings.labels.batchSize, seed: options.seed &+ 1)
    }
    let trainer = try Trainer(
      session.trained, feeds: feeds,
      validation: dataset.has(.validation) ? try session.examples(.validation, of: dataset) : nil,
      options: options, device: session.device, run: directory, from: session.checkpoint,
      observer: recorder)
    return (try trainer.run(shouldStop: shouldStop), trainer.progress)
  }
}
