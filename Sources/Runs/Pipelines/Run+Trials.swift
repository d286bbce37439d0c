import Foundation
import Generative
import Systems
import Torch
import Training

// A run that leaves a setting to the score on validation examples.
extension Run {
  /// Trains a run for each value of a setting, one after the other, and becomes the one with the best score.
  ///
  /// The trials are ordinary runs below this one's directory. The run takes over all files of the best one, and last its
  /// configuration: from then on it is a run with that value, and none whose setting is open. Whatever is cut off before
  /// is done again, with the same bits.
  func choose(
    observer: any TrainingObserver, shouldStop: () -> Bool
  ) throws -> (outcome: Outcome, progress: TrainingProgress) {
    guard let directory, let score = (model as? any Game)?.score else {
      preconditionFailure("Run: expected a run in a directory and a model with a score, to choose by")
    }
    var entries: [TrialRecord.Entry] = []
    var ends: [(outcome: Outcome, progress: TrainingProgress)] = []
    let trials = settings.trials
    for (index, (trial, settings)) in trials.enumerated() {
      // The count is the process's; a trial that was resumed had that of the others.
      if settings.training.threads == 0, let known = ends.last?.progress.threads, known != Runtime.threads {
        Runtime.threads = known
      }
      let run = trial.run(in: directory)
      let end =
        try run.end(settings)
        ?? {
          place.log("\(trial.path) \(trial.value): trial \(index + 1) of \(trials.count)")
          // What has changed in the data was this run's to refuse.
          let training =
            try run.exists
            ? Run.resume(settings, in: run, place: place, acceptsOtherData: true)
            : Run.begin(settings, in: run, place: place)
          return try training.train(observer: observer, shouldStop: shouldStop)
        }()
      guard end.outcome != .interrupted else { return end }
      guard let best = end.progress.bestScore, let step = end.progress.bestStep else {
        throw TrainingError.missing(run.path, "no validation to choose by")
      }
      ends.append(end)
      entries.append(.init(value: trial.value, run: trial.directory, score: best, step: step))
    }
    let record = TrialRecord(path: trials[0].trial.path, key: score.key, rises: score.rises, trials: entries)
    let chosen = entries.firstIndex(of: record.chosen)!
    try directory.takeOver(trials[chosen].trial.run(in: directory))
    try MetricsLog(directory.metrics, keepingThrough: .max).append(record.line(at: ends[chosen].progress.step))
    try record.write(in: directory)
    try AtomicFile.write(Array(trials[chosen].settings.yaml().utf8), to: directory.configuration)
    place.log(record.sentence)
    return ends[chosen]
  }
}

extension Trial {
  /// The directory of its run, below that of the run that it is a trial of.
  func run(in directory: RunDirectory) -> RunDirectory { RunDirectory(directory.path + "/" + self.directory) }
}

extension RunDirectory {
  /// How the run of these settings came to its end; nil if it has not, or was never begun.
  func end(_ settings: RunSettings) throws -> (outcome: Outcome, progress: TrainingProgress)? {
    guard exists, let progress = try newest()?.progress else { return nil }
    let options = settings.trainingOptions
    if progress.step >= options.duration.steps(Clock(stepsPerEpoch: progress.stepsPerEpoch)) {
      return (.finished, progress)
    }
    if let patience = options.patience, progress.validationsSinceBest >= patience { return (.stoppedEarly, progress) }
    return nil
  }

  /// Replaces what this run has made by copies of what another has, but for the configuration.
  fileprivate func takeOver(_ other: RunDirectory) throws {
    let files = FileManager.default
    for folder in ["/checkpoints", "/events", "/figures"] {
      for file in try files.contentsOfDirectory(atPath: path + folder) {
        try files.removeItem(atPath: "\(path)\(folder)/\(file)")
      }
      for file in try files.contentsOfDirectory(atPath: other.path + folder).sorted() where !file.hasSuffix(".partial")
      {
        try copy("\(folder)/\(file)", of: other)
      }
    }
    try copy("/metrics.jsonl", of: other)
  }

  private func copy(_ file: String, of other: RunDirectory) throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: other.path + file), options: .alwaysMapped)
    try AtomicFile.write([UInt8](bytes), to: path + file)
  }
}
