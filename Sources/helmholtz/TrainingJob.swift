import ArgumentParser
import Datasets
import Evaluation
import Experiments
import Foundation
import Torch
import Training

/// One training run from the command line, with a bar, signals and the report at its end.
struct TrainingJob {
  private let training: TrainingRun

  /// Makes the run directory and everything in it.
  static func start(
    _ settings: RunSettings, in directory: RunDirectory, _ place: DatasetOptions
  ) throws -> TrainingJob {
    TrainingJob(training: try .start(settings, in: directory, place))
  }

  /// Opens a run at its last checkpoint, or at its start if it was killed before there was one.
  static func resume(
    _ settings: RunSettings, in directory: RunDirectory, _ place: DatasetOptions
  ) throws -> TrainingJob {
    TrainingJob(training: try .resume(settings, in: directory, place))
  }

  /// Shows what would be trained.
  static func describe(_ settings: RunSettings, _ place: DatasetOptions) throws {
    let (session, dataset, options) = try TrainingRun.prepare(settings, place)
    printCard(session.trained.card)
    let length =
      switch options.duration {
      case .epochs(let count): count == 1 ? "1 epoch" : "\(count) epochs"
      case .steps(let count): count == 1 ? "1 step" : "\(count) steps"
      }
    let examples = try settings.data.trainingExamples(of: dataset).count
    print("\ndata    \(dataset.info.name): \(dataset.info.summary)")
    print("length  \(length) of batches of \(session.settings.training.batchSize) out of \(examples) examples")
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
    let (outcome, progress) = try training.play(observer: bar) { signals.received != nil }
    bar.finish()
    if outcome != .interrupted { try report() }
    let result = Result(
      run: training.directory.path, report: training.directory.report, outcome: outcome.rawValue,
      step: progress.step, bestBound: progress.bestScore)
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

  /// The report on the best checkpoint, with the bound on the test set, or the error of what has no bound.
  private func report() throws {
    let best = try Session.open(RunReference(training.directory))
    let metric = best.trained is any GenerativeModel ? Metric.elbo(samples: 1) : .classificationError
    try EvaluationJob(session: best, directory: training.directory)
      .run([metric], on: Selection(reportedOf: training.dataset), MeasuringOptions(place: .fromEnvironment()))
      .record()
  }
}
