import ArgumentParser
import Evaluation
import Foundation
import Runs
import Training

/// `helmholtz evaluate RUN`
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a model on data: mean, standard error and number of examples.",
    discussion: """
      Example:  helmholtz evaluate runs/vae-mnist-1 --metrics elbo,iwae:5000 --json

      More:

        helmholtz evaluate runs/vae-mnist-1 --metrics ais --limit 100
        helmholtz evaluate runs/vae-mnist-1 --metrics fid,prdc,memorization,probe:svm
        helmholtz evaluate runs/vae-mnist-1 --data new.npy --metrics iwae:100 --out unusual.csv

      --out takes metrics that are means over examples: \
      \(Metric.forms.filter(\.example.isPerExample).map(\.name).joined(separator: ", ")). Others are refused.

      Metrics:

      \(Metric.forms.map { "  \($0.spelling)  \($0.meaning)" }.joined(separator: "\n"))

      LABELS is N, NxR for the mean over R subsets of N, or N-per-class.
      """)

  @OptionGroup var target: RunChoice
  @OptionGroup var source: ExampleSource
  @Option(help: "Names of metrics, separated by commas (default: those that the model reports when it is trained).")
  var metrics: String?
  @Option(help: "Use only the first N examples.") var limit: Int?
  @Option(help: "Number of samples to draw (default: as many as there are data, at most 10000; 2500 for modes).")
  var samples: Int?
  @Option(help: "Feature network of fid, kid, prdc and is: a file, or a data set (default: the run's own).")
  var features: String?
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "fid.normalize=image stretches each sample to [0, 1] before fid, kid, prdc and is; default none.",
      valueName: "key=value"))
  var changes: [String] = []
  @Flag(help: "Take batch norm's statistics over the whole training split, not the running ones.")
  var gatherNorms = false
  @Option(help: "File for a number per example and metric: a table (.csv) or an array [n, metrics] (.npy).")
  var out: String?
  @OptionGroup var annealing: AnnealingChoice
  @OptionGroup var seed: SeedOption
  @Flag(help: "Print JSON.") var json = false

  private struct Row: Encodable {
    let metric, unit, split: String
    let mean: Double
    let standardError: Double?
    let examples: Int
    let isApproximate: Bool
    let conventions: [String: Convention]?

    private enum Key: String, CodingKey {
      case metric, unit, split, mean, standardError, examples, approximate, conventions
    }

    /// With a null where there is no standard error.
    func encode(to encoder: any Encoder) throws {
      var row = encoder.container(keyedBy: Key.self)
      try row.encode(metric, forKey: .metric)
      try row.encode(unit, forKey: .unit)
      try row.encode(split, forKey: .split)
      try row.encode(mean, forKey: .mean)
      try row.encode(standardError, forKey: .standardError)
      try row.encode(examples, forKey: .examples)
      if isApproximate { try row.encode(true, forKey: .approximate) }
      try row.encodeIfPresent(conventions, forKey: .conventions)
    }
  }

  func validate() throws {
    try check(limit, "--limit", in: 1...Int.max)
    try check(samples, "--samples", in: 2...1_000_000)
    if let out { try checkOutput(out, ".csv", ".npy") }
    if let change = changes.first(where: { !["fid.normalize=image", "fid.normalize=none"].contains($0) }) {
      throw ValidationError("--set: expected fid.normalize=image or fid.normalize=none, got '\(change)'")
    }
  }

  func run() throws {
    let asked = try metrics?.split(separator: ",", omittingEmptySubsequences: false).map { try Metric(String($0)) }
    let reference = try RunReference(target.reference)
    let run = try target.open(source.place)
    let metrics = asked ?? run.settings.design.headline(run.facts)
    guard !metrics.isEmpty else {
      throw MetricError("\(run.settings.model) reports no metric of its own; name some with --metrics")
    }
    try refuseIdle(metrics)
    let selection = try source.selection(run)
    if source.data == nil, let difference = try run.difference(of: selection.dataset) {
      note(
        "\(difference.isOfTarget ? "target" : "data") '\(run.settings.name(of: difference))' changed since the run "
          + "was trained: \(difference.words); "
          + "examples that it learned from may be among those that are measured")
    }
    let meter = Meter("evaluating")
    defer { meter.finish() }
    let measured = try run.measure(
      metrics, on: selection, options, gathersNorms: gatherNorms, perExample: out != nil,
      progress: meter.show)
    meter.finish()
    if let out { try ExampleTable(measured.values, names: names(selection, of: run)).write(to: out) }
    try show(measured)
    if let out, !json { print("\n\(out): a number for each example and metric") }
    // The report is about the best checkpoint and a whole split of the run's own data.
    if source.data == nil, limit == nil, !gatherNorms, reference.checkpoint == nil, source.split ?? .test == .test {
      try record(measured, in: run)
    }
  }

  /// Refuses options that none of the metrics has a use for.
  private func refuseIdle(_ metrics: [Metric]) throws {
    func isAsked(_ names: String...) -> Bool { metrics.contains { names.contains($0.name) } }
    if !isAsked("ais", "bdmc") { try annealing.refuse(because: "neither ais nor bdmc is asked for") }
    let looksAtImages = metrics.contains(where: \.need.features)
    if features != nil, !looksAtImages {
      throw ValidationError("--features has no effect: none of the metrics looks at images through a network")
    }
    if let change = changes.first, !isAsked("fid", "kid", "prdc", "is") {
      throw ValidationError("--set \(change) has no effect: neither fid, kid, prdc nor is is asked for")
    }
    if samples != nil, !looksAtImages, !isAsked("memorization", "wasserstein1", "modes", "code-information") {
      throw ValidationError("--samples has no effect: none of the metrics compares samples with data")
    }
    if metrics.allSatisfy({ $0.name == "code-information" }),
      let (option, _) = [
        ("--data", source.data), ("--split", source.split.map { "\($0)" }), ("--limit", limit.map { "\($0)" }),
      ].first(where: { $0.1 != nil })
    {
      throw ValidationError("\(option) has no effect: code-information looks at samples alone")
    }
  }

  /// The files that the examples come from, where they do.
  private func names(_ selection: Selection, of run: Run) throws -> [String]? {
    try run.examples(selection.split, of: selection.dataset, limit: limit).exampleNames
  }

  private var options: MeasuringOptions {
    var options = MeasuringOptions(place: source.place.options)
    options.annealing = annealing.options
    options.samples = samples
    options.features = features
    options.stretchesSamples = changes.last == "fid.normalize=image"
    options.seed = seed.seed
    options.limit = limit
    return options
  }

  private func record(_ measured: Run.Measured, in run: Run) throws {
    guard let directory = run.directory else { return }
    do {
      let lock = try directory.lock()
      try withExtendedLifetime(lock) { try run.record(measured) }
    } catch TrainingError.locked {
      note("the report is left as it is while the run is being trained")
    }
  }

  private func show(_ result: Run.Measured) throws {
    let rows = result.values.map { found in
      Row(
        metric: found.metric, unit: found.unit, split: result.selection.name, mean: found.value,
        standardError: found.standardError, examples: found.count, isApproximate: found.isApproximate,
        conventions: found.conventions.isEmpty ? nil : Dictionary(uniqueKeysWithValues: found.conventions))
    }
    for value in result.values {
      if let warning = value.warning { note("\(value.metric): \(warning)") }
    }
    if json { return try printJSON(rows) }
    printTable(
      ["metric", "mean", "std. error", "unit", "split", "examples"],
      rows.map {
        [
          $0.metric + ($0.isApproximate ? " (approximate)" : ""), Self.digits($0.mean),
          $0.standardError.map(Self.digits) ?? "",
          $0.unit, $0.split, "\($0.examples)",
        ]
      })
    showConventions(result.values)
  }

  /// Four decimals, or four digits of what is small.
  private static func digits(_ value: Double) -> String {
    String(format: value != 0 && abs(value) < 0.1 ? "%.4g" : "%.4f", value)
  }

  /// What a reader needs to get the same numbers; once for metrics that share it.
  private func showConventions(_ found: [MetricValue]) {
    var groups: [(names: [String], text: String)] = []
    for value in found where !value.conventions.isEmpty {
      let text = value.conventions.map { "\($0.key) \($0.value)" }.joined(separator: "; ")
      if let last = groups.indices.last, groups[last].text == text {
        groups[last].names.append(value.metric)
      } else {
        groups.append(([value.metric], text))
      }
    }
    for group in groups {
      print("\n" + group.names.joined(separator: ", "))
      printParagraph("", width: 2, group.text)
    }
  }
}
