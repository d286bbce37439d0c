import Datasets
import Foundation
import Generative
import Torch
import Training

/// A run of the trainer cut into rounds, with a pause after each in which others take their turn.
final class TrainingRounds: TrainingObserver {
  private let warmup: Int
  private let steps: Int
  private let rounds: Int
  private let batch: Int
  private var started = ContinuousClock.now
  private var values: [Double] = []
  private var failure: (any Error)?
  private var pause: () throws -> Void = {}

  init(warmup: Int, steps: Int, rounds: Int, batch: Int = ReferenceVAE.batch) {
    self.warmup = warmup
    self.steps = steps
    self.rounds = rounds
    self.batch = batch
  }

  /// Trains, and calls `pause` after every round; milliseconds per step, one number per round.
  ///
  /// Validation, logging and checkpoints fall outside the rounds: they do not belong to a step.
  ///
  /// - Parameters:
  ///   - examples: the main feed; nil of a game that reads none.
  ///   - labelled: the labelled feed, of models with few labels.
  ///   - base: what the options are but for duration, precision and what falls outside the rounds.
  func run(
    _ model: any Game, on examples: DeviceExamples?, labelled: (any Batches)? = nil, precision: Precision,
    options base: TrainingOptions = TrainingOptions(), pause: @escaping () throws -> Void
  ) throws -> [Double] {
    var options = base
    options.duration = .steps(warmup + steps * rounds)
    options.precision = precision
    options.validationEvery = .max / (examples?.count ?? 1)
    options.logEvery = .max
    options.checkpointSeconds = .infinity
    self.pause = pause
    var feeds: [Feed: any Batches] = [:]
    feeds[.main] = examples.map { ExampleBatches($0, batchSize: batch, seed: options.seed) }
    feeds[.labelled] = labelled
    try withTemporaryRun { directory in
      _ = try Trainer(
        model, feeds: feeds, validation: nil, options: options, device: .cpu, run: directory, observer: self
      ).run { self.failure != nil }
    }
    if let failure { throw failure }
    return values
  }

  func completed(step: Int, of total: Int) {
    guard failure == nil, step >= warmup, (step - warmup) % steps == 0 else { return }
    if step > warmup {
      values.append((ContinuousClock.now - started).milliseconds / Double(steps))
      do { try pause() } catch { failure = error }
    }
    started = .now
  }

  func logged(_ record: LogRecord) {}
}

/// What steps of a run need beyond the process at rest: resident memory at its peak, as peers measure theirs.
final class StepMemory: TrainingObserver {
  private let warmup: Int
  private let steps: Int
  private var before: Double?
  /// nil until a run is long enough, and where the system does not tell.
  private(set) var megabytes: Double?

  init(warmup: Int, steps: Int) {
    self.warmup = warmup
    self.steps = steps
  }

  func completed(step: Int, of total: Int) {
    if step == warmup { before = Machine.settleMemory() }
    if step == warmup + steps, let before { megabytes = Machine.peakMegabytes.map { $0 - before } }
  }

  func logged(_ record: LogRecord) {}
}

/// Makes a run directory that is gone afterwards.
func withTemporaryRun(_ body: (RunDirectory) throws -> Void) throws {
  try withTemporaryDirectory { path in
    let run = RunDirectory(path + "/run")
    let lock = try run.create(configuration: "")
    try withExtendedLifetime(lock) { try body(run) }
  }
}

/// Makes a directory that is gone afterwards.
func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent(
    "benchmarks-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  let result = Result { try body(url.path) }
  try FileManager.default.removeItem(at: url)
  try result.get()
}
