import ArgumentParser
import Evaluation
import Experiments
import Foundation
import Training

/// `helmholtz evaluate RUN`
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a model on data: mean, standard error and number of examples.",
    discussion: """
      Example:  helmholtz evaluate runs/vae-mnist-1 --metrics elbo,iwae:5000 --json

      Metrics: \(Metric.known.map { "\($0.name) (\($0.meaning))" }.joined(separator: "; "))
      """)

  @OptionGroup var target: RunChoice
  @OptionGroup var source: ExampleSource
  @Option(help: "Names separated by commas.") var metrics = "elbo"
  @Option(help: "Use the first so many examples.") var limit: Int?
  @OptionGroup var seed: SeedOption
  @Flag(help: "Print JSON.") var json = false

  private struct Row: Encodable {
    let metric, unit, split: String
    let mean, standardError: Double
    let examples: Int
  }

  func validate() throws { try check(limit, "--limit", in: 1...Int.max) }

  func run() throws {
    let metrics = try metrics.split(separator: ",", omittingEmptySubsequences: false).map { try Metric(String($0)) }
    let reference = try RunReference(target.reference)
    let session = try Session.opened(target.reference)
    let directory = RunDirectory(reference.path)
    let meter = Meter("evaluating")
    let result = try EvaluationJob(session: session, directory: directory)
      .run(
        metrics, on: try source.selection(session), limit: limit, seed: seed.seed,
        progress: meter.show)
    meter.finish()
    try show(result)
    // The report is about the best checkpoint and a whole split of the run's own data.
    if source.data == nil, limit == nil, reference.checkpoint == nil, source.split ?? .test == .test {
      try record(result, directory)
    }
  }

  private func record(_ result: EvaluationJob.Result, _ directory: RunDirectory) throws {
    do {
      let lock = try directory.lock()
      try withExtendedLifetime(lock) { try result.record() }
    } catch TrainingError.locked {
      note("the report is left as it is while the run is being trained")
    }
  }

  private func show(_ result: EvaluationJob.Result) throws {
    let rows = zip(result.metrics, result.estimates).map { metric, estimate in
      Row(
        metric: metric.name, unit: metric.unit, split: result.selection.name, mean: estimate.mean,
        standardError: estimate.standardError, examples: estimate.count)
    }
    if json { return try printJSON(rows) }
    printTable(
      ["metric", "mean", "std. error", "unit", "split", "examples"],
      rows.map {
        [
          $0.metric, String(format: "%.4f", $0.mean), String(format: "%.4f", $0.standardError),
          $0.unit, $0.split, "\($0.examples)",
        ]
      })
  }
}
