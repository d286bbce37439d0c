import Datasets
import Evaluation
import Experiments
import Foundation
import Generative
import Torch
import Training

/// Metrics of a run's model on a split, for the terminal, for programs and for the run's report.
struct EvaluationJob {
  let session: Session
  let directory: RunDirectory

  /// What came out.
  struct Result {
    fileprivate let job: EvaluationJob
    fileprivate let dataset: Dataset
    let split: Split
    let metrics: [Metric]
    let estimates: [Estimate]

    /// Adds the numbers to the run's log and writes its report anew.
    func record() throws { try job.record(self) }
  }

  /// Evaluates `metrics` over a split.
  func run(
    _ metrics: [Metric], on dataset: Dataset, split: Split, limit: Int?, seed: UInt64,
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> Result {
    let examples = try session.examples(split, of: dataset, limit: limit)
    guard let model = session.model as? any ExplicitPosterior else {
      throw SessionError.noDensity(session.settings.model)
    }
    let estimates = Evaluation.evaluate(
      metrics, of: model, on: examples, using: session.random(seed)
    ) { progress($0, examples.count) }
    return Result(job: self, dataset: dataset, split: split, metrics: metrics, estimates: estimates)
  }

  private func record(_ result: Result) throws {
    let step = session.checkpoint?.progress.step ?? 0
    let log = try MetricsLog(directory.metrics, keepingThrough: .max)
    let values = zip(result.metrics, result.estimates).flatMap { metric, estimate in
      let key = "\(metric.name)_\(metric.unit.replacingOccurrences(of: "/", with: "_per_"))"
      return [(key: key, value: estimate.mean), (key: key + "_error", value: estimate.standardError)]
    }
    try log.append(LogRecord(kind: .test, step: step, epoch: 0, values: values))
    try writeReport(result.dataset, result.split)
  }

  /// Draws the figures and the page of the run.
  func writeReport(_ dataset: Dataset, _ split: Split) throws {
    let rng = session.random(1)
    let examples = try session.examples(split, of: dataset, limit: 1000)
    try RunReport(
      run: directory, title: "\(session.settings.model) on \(dataset.info.name)",
      configuration: session.settings.yaml(), card: session.model.card
    ).write(
      model: session.model, examples: examples.batch(0..<examples.count, using: rng).x, using: rng)
  }
}
