import Datasets
import Evaluation
import Figures
import Foundation
import Generative
import Torch
import Training

/// Writes the figures and the report of a run from its log and its model.
public struct RunReport {
  private let run: RunDirectory
  private let title: String
  private let configuration: String
  private let card: ModelCard
  private let scaling: PixelScaling

  /// How many examples a picture shows.
  private static let shown = 64

  /// A report on a run; `scaling` brings what the model says of pixels back to [0, 1].
  public init(
    run: RunDirectory, title: String, configuration: String, card: ModelCard,
    scaling: PixelScaling = .unit
  ) {
    self.scaling = scaling
    self.run = run
    self.title = title
    self.configuration = configuration
    self.card = card
  }

  /// Draws samples and reconstructions where examples are images, curves always, and writes the page.
  ///
  /// - Parameters:
  ///   - model: at the checkpoint the page is about; nil for one that draws nothing.
  ///   - examples: for reconstructions.
  ///   - split: which examples these are.
  public func write(
    model: (any LatentVariableModel)?, examples: Tensor, of split: String, using rng: RandomSource
  ) throws {
    let records = try MetricsLog.records(run.metrics)
    var sections = try [model.flatMap { try pictures($0, examples, split, rng) }].compactMap(\.self)
    sections.append(.init("Training", [.figures(try curves(records))]))
    sections.append(
      .init(
        "Model",
        [
          .facts(card.conditionals.map { .init($0.symbol, $0.family) } + card.players.map { .init($0.player, $0.loss) })
        ]))
    sections.append(.init("Configuration", [.preformatted(configuration)]))
    let report = Report(
      title: title,
      subtitle: ["\(run.path)", "\(card.parameterCount) parameters"],
      summary: headlines(records), sections: sections)
    try report.write(to: URL(fileURLWithPath: run.report))
  }

  private func pictures(
    _ model: any LatentVariableModel, _ examples: Tensor, _ split: String, _ rng: RandomSource
  ) throws -> Report.Section? {
    let shape = model.exampleShape
    var figures: [Figure] = []
    if Pictures.canShow(shape) {
      let samples = try save(
        ImageGrid(try images(Pictures.samples(of: model, count: Self.shown, using: rng)), columns: 8),
        "samples.png")
      figures.append(Figure(samples, caption: "Means of p(x|z) at draws of z from the prior."))
      let x = examples.narrowed(0, 0..<min(Self.shown / 2, examples.size(0)))
      let again = Pictures.reconstructions(of: x, by: model, using: rng)
      let grid = try save(
        ImageGrid(originals: try images(x), reconstructions: try images(again)),
        "reconstructions.png")
      figures.append(
        Figure(grid, caption: "Examples of the \(split) split, each beside its reconstruction."))
    } else if shape == [2] {
      let drawn = withoutGradients {
        model.likelihood(model.prior.sample([2000], using: rng)).sample([], using: rng)
      }
      let groups = [points("data", examples), points("model", drawn)]
      let plot = ScatterPlot(title: "Samples", x: "x1", y: "x2", groups: groups)
      try plot.write(to: URL(fileURLWithPath: run.figures + "/samples.svg"))
      figures.append(Figure(plot, caption: "Draws from p(x) beside examples of the \(split) split."))
    }
    return figures.isEmpty ? nil : .init("Samples and reconstructions", [.figures(figures)])
  }

  private func images(_ x: Tensor) throws -> [PixelImage] {
    try Pictures.images(scaling.intensities(x))
  }

  private func points(_ name: String, _ x: Tensor) -> ScatterPlot.Group {
    let values = x.to(.float64)
    return .init(name, x: values.at(0, axis: 1).array(), y: values.at(1, axis: 1).array())
  }

  private func save(_ grid: ImageGrid, _ name: String) throws -> PixelImage {
    let image = grid.render()
    try image.write(to: URL(fileURLWithPath: run.figures + "/" + name))
    return image
  }

  private typealias Records = [MetricsLog.Entry]

  /// One chart for the loss beside the validation bound, one for the terms.
  private func curves(_ records: Records) throws -> [Figure] {
    let train = records.filter { $0.kind == .train }
    let validation = records.filter { $0.kind == .validation }
    let series = { (name: String, key: String, from: Records, sign: Double) in
      let rows = from.filter { $0.values[key] != nil }
      return LineChart.Series(
        name, x: rows.map { Double($0.step) }, y: rows.map { sign * $0.values[key]! })
    }
    let terms = Set(train.flatMap(\.values.keys)).filter { $0.hasSuffix("_nats") && !$0.hasSuffix("loss_nats") }
    let losses = Set(train.flatMap(\.values.keys)).filter { $0.hasSuffix("loss_nats") }.sorted()
    let bound = LineChart(
      title: "Loss", x: Axis("step"), y: Axis("loss", unit: "nats"),
      series: losses.map { series($0.replacingOccurrences(of: "_nats", with: ""), $0, train, 1) }
        + (validation.isEmpty ? [] : [series("validation (minus the bound)", "bound_nats", validation, -1)]))
    let parts = LineChart(
      title: "Terms of the loss", x: Axis("step"), y: Axis("term", unit: "nats"),
      series: terms.sorted().map { series($0.replacingOccurrences(of: "_nats", with: ""), $0, train, 1) })
    try bound.write(to: URL(fileURLWithPath: run.figures + "/loss.svg"))
    try parts.write(to: URL(fileURLWithPath: run.figures + "/terms.svg"))
    return [
      Figure(bound, caption: "Mean over the rounds since the last point; validation with fixed noise."),
      Figure(parts, caption: "What the loss is made of."),
    ]
  }

  /// A key of the log as a person reads it: `iwae:100_nats` is the IWAE-100 in nats.
  private static func nameAndUnit(_ key: String) -> (name: String, unit: String) {
    for (suffix, unit) in [("_nats", " nats"), ("_bits_per_dimension", " bits/dimension")]
    where key.hasSuffix(suffix) {
      return (key.dropLast(suffix.count).uppercased().replacingOccurrences(of: ":", with: "-"), unit)
    }
    return (key, "")
  }

  private func headlines(_ records: Records) -> [Report.Headline] {
    var shown: [Report.Headline] = []
    let evaluation = records.last { $0.kind == .evaluation }
    let (numbers, split) = (evaluation?.values ?? [:], evaluation?.split ?? "")
    for (key, value) in numbers.sorted(by: { $0.key < $1.key })
    where !["step", "epoch"].contains(key) && !key.hasSuffix("_error") && key != "examples" {
      let (name, unit) = Self.nameAndUnit(key)
      // The error's size decides how many digits mean something.
      let digits = (numbers[key + "_error"] ?? 1) < 0.01 ? 4 : 2
      let error = numbers[key + "_error"].map { String(format: " ± %.*f", digits, $0) } ?? ""
      shown.append(.init("\(split) \(name)", String(format: "%.*f", digits, value) + error + unit))
    }
    if let best = records.filter({ $0.kind == .validation }).compactMap({ $0.values["bound_nats"] }).max() {
      shown.append(.init("best validation bound", String(format: "%.2f nats", best), note: "higher is better"))
    }
    if let last = records.last(where: { $0.kind == .train }) {
      shown.append(.init("steps", "\(last.step)"))
      if let seconds = last.values["training_seconds"] {
        shown.append(.init("training time", String(format: "%.0f s", seconds)))
      }
    }
    return shown
  }
}
