import Datasets
import Figures
import Foundation
import Generative
import Inference
import Torch
import Training

/// The figures and the page of inference for a density.
struct InferenceReport {
  private let target: Target
  private let result: InferenceResult
  private let draws: Tensor
  private let reference: Tensor?
  private let configuration: String

  /// - Parameters:
  ///   - draws: `[n, d]`.
  ///   - reference: what they are compared with, `[m, d]`.
  init(_ target: Target, _ result: InferenceResult, _ draws: Tensor, reference: Tensor?, configuration: String) {
    (self.target, self.result, self.draws) = (target, result, draws)
    (self.reference, self.configuration) = (reference, configuration)
  }

  /// Draws the figures and writes the page.
  func write(in run: RunDirectory) throws {
    let records = try MetricsLog.records(run.metrics).filter { $0.kind == .train }
    var sections = [Report.Section("Draws", try drawn(in: run))]
    sections.append(.init("Columns", [.table(table)]))
    let notes = result.notes.map { $0 + "." } + Alarms.summaries(records.map { ($0.step, $0.values) })
    if !notes.isEmpty { sections.append(.init("Notes", notes.map { .paragraph($0) })) }
    let curves = try curves(records, in: run)
    if !curves.isEmpty { sections.append(.init("Work", [.figures(curves)])) }
    sections.append(.init("Configuration", [.preformatted(configuration)]))
    let report = Report(
      title: "\(result.target) by \(result.method.rawValue)", subtitle: [run.path, "\(result.samples) draws"],
      summary: headlines, sections: sections)
    try report.write(to: URL(fileURLWithPath: run.report))
  }

  // MARK: Numbers

  private var headlines: [Report.Headline] {
    var shown: [Report.Headline] = []
    func add(_ name: String, _ value: Double?, _ unit: String = "", note: String? = nil) {
      if let value { shown.append(.init(name, String(format: "%.4f", value) + unit, note: note)) }
    }
    if let value = result.bound.value {
      let error = result.bound.standardError.map { String(format: " ± %.4f", $0) } ?? ""
      let isExact = result.bound.kind == .exact
      shown.append(
        .init(
          isExact ? "bound" : "approximate bound", String(format: "%.4f", value) + error + " nats",
          note: isExact
            ? "by the density of q; its mean is at most log Z" : "by a critic; it is no bound and may lie above log Z"))
    }
    add("log Z", result.logEvidence, " nats", note: "exact")
    let k = "nearest neighbours, k = \(InferenceResult.neighbours)"
    add("KL to the reference", result.klToReference, " nats", note: k)
    add("KL from the reference", result.klFromReference, " nats", note: k)
    for mode in result.modes ?? [] { add("mass of \(mode.name)", mode.mass) }
    if let divergences = result.divergences { shown.append(.init("divergences", "\(divergences)")) }
    shown.append(.init("time", String(format: "%.0f s", result.seconds)))
    return shown
  }

  /// A row for each coordinate, and for what is derived of them.
  private var table: DataTable {
    let moments = [draws.mean(0), draws.variance(0).sqrt()].map { $0.array(Double.self) }
    func text(_ value: Double?, _ format: String) -> String {
      value.map { $0.isFinite ? String(format: format, $0) : "–" } ?? "–"
    }
    var header = ["column", "mean", "sd"]
    if result.rHat != nil { header += ["R-hat", "ESS"] }
    if result.ks != nil { header.append("KS to the reference") }
    func row(_ name: String, mean: Double, sd: Double) -> [String] {
      [name, text(mean, "%.4f"), text(sd, "%.4f")]
        + (result.rHat.map { [text($0[name], "%.3f"), text(result.ess?[name], "%.0f")] } ?? [])
        + (result.ks.map { [text($0[name], "%.4f")] } ?? [])
    }
    let rows = result.columns.indices.map { row(result.columns[$0], mean: moments[0][$0], sd: moments[1][$0]) }
    let derived = target.derived.map { derived in
      let values = derived.value(draws)
      return row(derived.name, mean: values.mean().item(), sd: values.variance(0).sqrt().item())
    }
    return DataTable(header: header, rows: rows + derived)
  }

  // MARK: Figures

  /// Coordinates that the corner plot shows at most, and its draws.
  private static let (mostColumns, mostDraws) = (5, 10_000)

  /// Densities of the first coordinates and their pairs.
  private func drawn(in run: RunDirectory) throws -> [Report.Block] {
    let count = min(Self.mostColumns, target.dimension)
    func set(_ name: String, _ x: Tensor) -> CornerPlot.Draws {
      let rows = x.narrowed(0, 0..<min(Self.mostDraws, x.size(0))).to(.float64)
      return .init(name, (0..<count).map { rows.at($0, axis: 1).array(Double.self) })
    }
    let plot = CornerPlot(
      title: "Draws of \(result.target) by \(result.method.rawValue)", names: Array(target.columns.prefix(count)),
      draws: set(reference == nil ? "" : result.method.rawValue, draws),
      reference: reference.map { set("reference", $0) },
      side: count > 3 ? 150 : 190)
    try plot.write(to: URL(fileURLWithPath: run.figures + "/corner.svg"))
    let shown = count < target.dimension ? "The first \(count) of \(target.dimension) coordinates. " : ""
    return [
      .figures([
        Figure(
          plot,
          caption: shown
            + "Densities by a Gaussian kernel, half as wide as Scott's rule; lines enclose half and nine tenths."
        )
      ])
    ]
  }

  /// A chart for every quantity of the log.
  private func curves(_ records: [MetricsLog.Entry], in run: RunDirectory) throws -> [Figure] {
    let passed = ["step", "epoch", "training_seconds"]
    let keys = Set(records.flatMap(\.values.keys)).subtracting(passed)
      .filter { !$0.hasPrefix("learning_rate") && !$0.hasSuffix("gradient_norm") && !$0.hasSuffix("loss_nats") }
      .sorted()
    return try keys.map { key in
      let (name, unit) = LossUnit.parts(of: key)
      let title = name.replacing("_", with: " ")
      let rows = records.filter { $0.values[key] != nil }
      var series = [LineChart.Series(title, x: rows.map { Double($0.step) }, y: rows.map { $0.values[key]! })]
      if let logZ = result.logEvidence, name.hasSuffix("bound"), let first = rows.first, let last = rows.last {
        series.append(
          LineChart.Series(
            "log Z", x: [Double(first.step), Double(last.step)], y: [logZ, logZ], isDashed: true))
      }
      let chart = LineChart(
        title: title, x: Axis("step"), y: Axis(title, unit: unit == .nats ? unit.rawValue : nil), series: series)
      try chart.write(to: URL(fileURLWithPath: "\(run.figures)/\(name).svg"))
      return Figure(chart, caption: Self.caption(name))
    }
  }

  private static func caption(_ name: String) -> String {
    switch name {
    case "bound": "The bound of log Z over the draws of a step."
    case "approximate_bound": "log f less log q as the critic has it: an estimate of a bound, and none itself."
    case "divergence": "What the critic tells q and its contrast apart by; 0 where it cannot."
    case "critic_saturated": "Rounds in which the critic was sure of 99 % of a batch, as a share."
    case "acceptance": "The mean acceptance of a step, over chains."
    case "step_size": "Leapfrog steps, in units of the scales."
    case "divergences": "Trajectories that lost the energy, in all after the warm-up."
    case "gradients": "Gradients that a step took."
    case "direction": "The mean length of the direction in which particles move."
    default: "Over the steps."
    }
  }
}
