import Datasets
import Evaluation
import Foundation
import Generative
import Systems
import Torch
import Training

extension Run {
  /// Adds numbers to the run's log and writes its report anew.
  public func record(_ measured: Measured) throws {
    guard let directory else { preconditionFailure("Run: expected a run in a directory, to record in") }
    let log = try MetricsLog(directory.metrics, keepingThrough: .max)
    let values = measured.values.flatMap { found in
      [(key: found.key, value: found.value)]
        + (found.standardError.map { [(key: found.key + "_error", value: $0)] } ?? [])
    }
    let step = checkpoint?.progress.step ?? 0
    let warnings = measured.values.compactMap { found in found.warning.map { "\(found.metric): \($0)" } }
    let line = LogRecord(
      kind: .evaluation, split: measured.selection.name, step: step, values: values,
      warning: warnings.isEmpty ? nil : warnings.joined(separator: ". "))
    // A run that was killed behind this line measures again when it goes on, and says it once.
    if !values.isEmpty, try MetricsLog.records(directory.metrics).last?.line != line.json { try log.append(line) }
    try writeReport(measured.selection)
  }

  /// Draws the figures and the page of the run.
  private func writeReport(_ selection: Selection) throws {
    guard let directory else { return }
    let rng = random(1)
    let examples = try examples(selection.split, of: selection.dataset, limit: Self.shownExamples, for: .coding)
    let report = RunReport(
      run: directory, title: "\(settings.model) on \(selection.dataset.info.name)", configuration: settings.yaml(),
      card: model.card, scaling: scaling, stages: stageRuns
    )
    try withTensorErrors {
      try report.write(
        model: model, examples: try examples.batch(0..<examples.count, using: rng).x, of: selection.name,
        domains: model is any Translator ? examplesOfDomains(selection, Self.shownExamples) : [:], using: rng)
    }
  }

  /// The runs that this one is made of, in their order.
  public var stageRuns: [(name: String, run: RunDirectory)] {
    guard let directory, let design = settings.design as? any StagedDesign else { return [] }
    let names = design.stages(settings, facts).map(\.name)
    return ([Self.encoderStage] + names.filter { $0 != Self.encoderStage }).map {
      ($0, RunDirectory(directory.path + "/" + $0))
    }.filter { $0.1.exists }
  }

  /// Examples that a report has at hand.
  private static let shownExamples = 1000

  /// What a run ends with: the family's headline metrics of the best checkpoint on the test examples, and the report.
  public func finish() throws {
    guard let directory else { preconditionFailure("Run: expected a run in a directory, to report on") }
    let best = try Run.open(RunReference(directory), place: place)
    let selection = Selection(reportedOf: try dataset())
    try best.record(best.measure(settings.design.headline(facts), on: selection, MeasuringOptions(place: place)))
  }
}
