import Evaluation
import Foundation
import Runs
import Systems
import Torch
import Training

extension ADGM {
  /// M1+M2 of Kingma et al. 2014 as one cell: an M2 of the codes that the cell's own M1 learns without labels.
  ///
  /// Both are runs in the cell's directory, `m1` and `m2`.
  static func stacked(
    _ codes: RunSettings, _ model: RunSettings, _ metrics: [Metric], limit: Int?, _ job: Experiment.Cell.Job
  ) throws -> (numbers: [String: Results.Number], steps: Int)? {
    let m1 = RunDirectory(absolutePath(job.run.path + "/m1"))
    guard try trained(codes, in: m1, job) != nil else { return nil }
    var model = model
    model.data.codes = m1.path + "@last"
    let m2 = RunDirectory(absolutePath(job.run.path + "/m2"))
    guard let run = try trained(model, in: m2, job) else { return nil }
    var options = MeasuringOptions(place: job.place)
    (options.seed, options.limit) = (job.seed, limit)
    let last = RunReference(m2, .last)
    let values = try Run.open(last, place: job.place)
      .measure(metrics, on: Selection(reportedOf: run.training.dataset()), options).values
    let numbers = values.map {
      ($0.metric, Results.Number(value: $0.value, error: $0.standardError, examples: $0.examples))
    }
    return (Dictionary(numbers) { first, _ in first }, run.steps)
  }

  /// Trains to the end in a directory, going on where it was killed; nil if it was stopped.
  private static func trained(
    _ settings: RunSettings, in run: RunDirectory, _ job: Experiment.Cell.Job
  ) throws -> (training: Run, steps: Int)? {
    var settings = settings
    (settings.data.name, settings.data.seed) = (job.data, job.seed)
    (settings.training.seed, settings.training.threads) = (job.seed, Runtime.threads)
    let training =
      try run.exists
      ? Run.resume(settings, in: run, place: job.place) : Run.begin(settings, in: run, place: job.place)
    let (outcome, progress) = try training.train(observer: job.observer, shouldStop: job.shouldStop)
    return outcome == .interrupted ? nil : (training, progress.step)
  }
}
