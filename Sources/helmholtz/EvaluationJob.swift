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
    let measurements: [MetricValue]

    /// Adds the numbers to the run's log and writes its report anew.
    func record() throws { try job.record(self) }
  }

  /// Measures `metrics` over a selection.
  func run(
    _ metrics: [Metric], on selection: Selection, _ options: MeasuringOptions, gathersNorms: Bool = false,
    progress: @escaping Subject.Progress = { _, _, _ in }
  ) throws -> Result {
    let measurements = try RunEvaluation(
      session, on: selection.split, of: selection.dataset, options, gathersNorms: gathersNorms, progress: progress
    ).measure(metrics)
    return Result(job: self, selection: selection, measurements: measurements)
  }

  private func record(_ result: Result) throws {
    let step = session.checkpoint?.progress.step ?? 0
    let log = try MetricsLog(directory.metrics, keepingThrough: .max)
    let values = result.measurements.flatMap { found in
      let unit = found.unit == "1" ? "" : "_" + found.unit.replacing("/", with: "_per_").replacing(" ", with: "_")
      let key = found.metric + unit
      return [(key: key, value: found.value)] + (found.standardError.map { [(key: key + "_error", value: $0)] } ?? [])
    }
    try log.append(
      LogRecord(
        kind: .evaluation, split: result.selection.name, step: step, values: values))
    try writeReport(result.selection)
  }

  /// Draws the figures and the page of the run.
  private func writeReport(_ selection: Selection) throws {
    let rng = session.random(1)
    let examples = try selection.examples(session, limit: 1000)
    try RunReport(
      run: directory, title: "\(session.settings.model) on \(selection.dataset.info.name)",
      configuration: session.settings.yaml(), card: session.trained.card, scaling: session.scaling
    ).write(
      model: session.trained as? any LatentVariableModel,
      examples: try examples.batch(0..<examples.count, using: rng).x,
      of: selection.name, using: rng)
  }
}
