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
    let selection: Selection
    let metrics: [Metric]
    let estimates: [Estimate]

    /// Adds the numbers to the run's log and writes its report anew.
    func record() throws { try job.record(self) }
  }

  /// Evaluates `metrics` over a selection.
  func run(
    _ metrics: [Metric], on selection: Selection, limit: Int?, seed: UInt64,
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> Result {
    let examples = try selection.examples(session, limit: limit)
    guard let model = session.model as? any ExplicitPosterior else {
      throw SessionError.noDensity(session.settings.model)
    }
    let estimates = try Evaluation.evaluate(
      metrics, of: model, on: examples, using: session.random(seed)
    ) { progress($0, examples.count) }
    return Result(job: self, selection: selection, metrics: metrics, estimates: estimates)
  }

  private func record(_ result: Result) throws {
    let step = session.checkpoint?.progress.step ?? 0
    let log = try MetricsLog(directory.metrics, keepingThrough: .max)
    let values = zip(result.metrics, result.estimates).flatMap { metric, estimate in
      let key = "\(metric.name)_\(metric.unit.replacingOccurrences(of: "/", with: "_per_"))"
      return [(key: key, value: estimate.mean), (key: key + "_error", value: estimate.standardError)]
    }
    try log.append(LogRecord(
        kind: .evaluation, split: result.selection.name, step: step, values: values))
    try writeReport(result.selection)
  }

  /// Draws the figures and the page of the run.
  private func writeReport(_ selection: Selection) throws {
    let rng = session.random(1)
    let examples = try selection.examples(session, limit: 1000)
    try RunReport(
      run: directory, title: "\(session.settings.model) on \(selection.dataset.info.name)",
      configuration: session.settings.yaml(), card: session.model.card, scaling: session.scaling
    ).write(
      model: session.model, examples: try examples.batch(0..<examples.count, using: rng).x,
      of: selection.name, using: rng)
  }
}
