import ArgumentParser
import Datasets
import Evaluation
import Experiments
import Foundation
import Torch
import Training

/// One training run from the command line: data, model, trainer, and the report at its end.
struct TrainingJob {
  private let session: Session
  private let directory: RunDirectory
  private let dataset: Dataset
  private let options: TrainingOptions
  // Held, not used: it keeps other trainers out.
  private let lock: RunLock

  // MARK: Beginning

  /// Makes the run directory and everything in it.
  static func start(
    _ settings: RunSettings, in directory: RunDirectory, _ place: DatasetOptions
  ) throws -> TrainingJob {
    if directory.exists { throw TrainingError.exists(directory.path) }
    let (session, dataset, options) = try prepare(settings, place)
    let lock = try directory.create(configuration: session.settings.yaml())
    if session.scaling != .unit {
      try Safetensors(tensors: session.scaling.tensors).write(to: directory.scaling)
    }
    return TrainingJob(
      session: session, directory: directory, dataset: dataset, options: options, lock: lock)
  }

  /// Opens a run at its last checkpoint, or at its start if it was killed before there was one.
  static func resume(
    _ settings: RunSettings, in directory: RunDirectory, _ place: DatasetOptions
  ) throws -> TrainingJob {
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
    return TrainingJob(
      session: session, directory: directory, dataset: dataset, options: options, lock: lock)
  }

  private static func prepare(
    _ settings: RunSettings, _ place: DatasetOptions
  ) throws -> (Session, Dataset, TrainingOptions) {
    Runtime.tuneAllocator()
    if settings.training.threads > 0 { Runtime.threads = settings.training.threads }
    let dataset = try settings.data.dataset(place)
    var settings = settings
    settings.data.shape = dataset.info.shape
    let examples = try settings.data.trainingExamples(of: dataset)
    let size = min(settings.training.batchSize, examples.count)
    let batches = (examples.count + size - 1) / size
    try settings.validate(examples)
    return (
      try Session(
        settings, shape: dataset.info.shape, batchesPerEpoch: batches,
        scaling: PixelScaling(settings.data.scaling, of: examples)), dataset,
      settings.trainingOptions(batchesPerEpoch: batches)
    )
  }

  /// Shows what would be trained.
  static func describe(_ settings: RunSettings, _ place: DatasetOptions) throws {
    let (session, dataset, options) = try prepare(settings, place)
    printCard(session.model.card)
    let length =
      switch options.duration {
      case .epochs(let count): count == 1 ? "1 epoch" : "\(count) epochs"
      case .steps(let count): count == 1 ? "1 step" : "\(count) steps"
      }
    let examples = try settings.data.trainingExamples(of: dataset).count
    print("\ndata    \(dataset.info.name): \(dataset.info.summary)")
    print("length  \(length) of batches of \(options.batchSize) out of \(examples) examples")
  }

  /// `runs/MODEL-DATA-N` with the first free N.
  static func freeName(_ settings: RunSettings) -> String {
    let file = (settings.data.name as NSString).lastPathComponent
    let data = Dataset.isFile(settings.data.name) ? (file as NSString).deletingPathExtension : file
    let base = "runs/\(settings.model)-\(data)-"
    return (1...).lazy.map { base + String($0) }
      .first { !FileManager.default.fileExists(atPath: $0) }!
  }

  // MARK: Playing

  private struct Result: Encodable {
    let run, report, outcome: String
    let step: Int
    let bestBound: Double?
  }

  /// Trains to the end or to a signal, then writes the report.
  func play(quiet: Bool, json: Bool) throws {
    let signals = Signals()
    let bar = ProgressBar(isSilent: quiet)
    let recorder = try RunRecorder(
      session.model, scaling: session.scaling, run: directory, resumingAt: session.checkpoint?.progress.step,
      seed: options.seed, device: session.device, forward: bar)
    let trainer = try Trainer(
      session.model,
      train: try session.examples(
        .train, of: dataset, limit: session.settings.data.limit, isTraining: true),
      validation: dataset.has(.validation) ? try session.examples(.validation, of: dataset) : nil,
      options: options, device: session.device, run: directory, from: session.checkpoint,
      observer: recorder)
    let outcome = try trainer.run { signals.received != nil }
    bar.finish()
    if outcome != .interrupted { try report() }
    let result = Result(
      run: directory.path, report: directory.report, outcome: outcome.rawValue,
      step: trainer.progress.step, bestBound: trainer.progress.bestBound)
    if json { try printJSON(result) } else { say(result) }
    if outcome == .interrupted, let signal = signals.received { throw ExitCode(128 + signal) }
  }

  private func say(_ result: Result) {
    if result.outcome == Outcome.interrupted.rawValue {
      print("stopped at step \(result.step); go on with: helmholtz resume \(result.run)")
    } else {
      print("run     \(result.run)\nreport  \(result.report)")
    }
  }

  /// The report on the best checkpoint, with the bound on the test set.
  private func report() throws {
    let best = try Session.open(RunReference(directory))
    try EvaluationJob(session: best, directory: directory)
      .run([.elbo(samples: 1)], on: Selection(reportedOf: dataset), RunEvaluation.Options(place: .fromEnvironment()))
      .record()
  }
}
