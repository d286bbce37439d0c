import Datasets
import Evaluation
import Figures
import Foundation
import Generative
import Torch
import Training

/// Writes the figures and the report of a run from its log and its model.
public struct RunReport {
  let run: RunDirectory
  private let title: String
  private let configuration: String
  private let card: ModelCard
  private let scaling: PixelScaling
  private let stages: [(name: String, run: RunDirectory)]

  /// How many examples a picture shows.
  static let shown = 64

  /// A report on a run; `scaling` brings what the model says of pixels back to [0, 1], and `stages` are the runs that it
  /// is made of.
  public init(
    run: RunDirectory, title: String, configuration: String, card: ModelCard,
    scaling: PixelScaling = .unit, stages: [(name: String, run: RunDirectory)] = []
  ) {
    self.scaling = scaling
    self.stages = stages
    self.run = run
    self.title = title
    self.configuration = configuration
    self.card = card
  }

  /// Draws samples and reconstructions where examples are images, curves always, and writes the page.
  ///
  /// - Parameters:
  ///   - model: at the checkpoint the page is about.
  ///   - examples: for reconstructions.
  ///   - split: which examples these are.
  ///   - domains: examples of each domain, of a model that translates them.
  public func write(
    model: any Module, examples: Tensor, of split: String, domains: [Domain: Tensor] = [:], using rng: RandomSource
  ) throws {
    let records = try MetricsLog.records(run.metrics)
    var sections = try [(model.inUse as? any Generator).flatMap { try pictures($0, examples, split, rng) }].compactMap(
      \.self)
    if let translator = model as? any Translator {
      sections += try [translations(by: translator, domains, split, rng)].compactMap(\.self)
    }
    let choice = try TrialRecord(in: run).map { [Report.Block.paragraph($0.sentence + ".")] } ?? []
    if stages.isEmpty {
      sections.append(.init("Training", choice + warnings(records) + [.figures(try curves(records))]))
    }
    for (name, stage) in stages {
      // A run that stands in for a stage may have come without its log.
      let isThere = FileManager.default.fileExists(atPath: stage.metrics)
      let records = isThere ? try MetricsLog.records(stage.metrics) : []
      sections.append(.init("Stage: \(name)", warnings(records) + [.figures(try curves(records, prefix: name + "-"))]))
    }
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
    _ model: any Generator, _ examples: Tensor, _ split: String, _ rng: RandomSource
  ) throws -> Report.Section? {
    let shape = model.exampleShape
    var figures: [Figure] = []
    if Pictures.canShow(shape) {
      let samples = try save(
        ImageGrid(try images(Pictures.samples(of: model, count: Self.shown, using: rng)), columns: 8),
        "samples.png")
      figures.append(Figure(samples, caption: Self.caption(model)))
      if let model = model.inUse as? any Encoder & Decoder {
        let x = examples.narrowed(0, 0..<min(Self.shown / 2, examples.size(0)))
        let again = Pictures.reconstructions(of: x, by: model, using: rng)
        let grid = try save(
          ImageGrid(originals: try images(x), reconstructions: try images(again)),
          "reconstructions.png")
        figures.append(
          Figure(
            grid, caption: "Examples of the \(split) split, each beside its reconstruction: \(model.portrayal)."))
      }
    } else if Pictures.canPlot(shape) {
      let drawn = withoutGradients { model.examples(2000, as: .draws, using: rng) }
      figures.append(
        try save(
          Pictures.plot([("data", examples), ("model", drawn)], title: "Samples"), "samples.svg",
          caption: "Draws from p(x) beside examples of the \(split) split."))
    }
    let title = figures.count > 1 ? "Samples and reconstructions" : "Samples"
    return figures.isEmpty ? nil : .init(title, [.figures(figures)])
  }

  /// What samples are, as a sentence: a model without a mean to show gives draws.
  private static func caption(_ model: any Generator) -> String {
    let words = model.portrayal.prefix(1).uppercased() + model.portrayal.dropFirst()
    return words + (model.inUse is any Decoder ? " at draws of z from the prior." : ".")
  }

  func images(_ x: Tensor) throws -> [PixelImage] {
    try Pictures.images(scaling.intensities(x))
  }

  func save(_ chart: some Chart, _ name: String, caption: String) throws -> Figure {
    try chart.write(to: URL(fileURLWithPath: run.figures + "/" + name))
    return Figure(chart, caption: caption)
  }

  func save(_ grid: ImageGrid, _ name: String) throws -> PixelImage {
    let image = grid.render()
    try image.write(to: URL(fileURLWithPath: run.figures + "/" + name))
    return image
  }

  private typealias Records = [MetricsLog.Entry]

  /// What went wrong in the game, and what was found in the last evaluation.
  private func warnings(_ records: Records) -> [Report.Block] {
    let evaluation = records.last { $0.kind == .evaluation }
    return Alarms.summaries(records.map { ($0.step, $0.values) }).map { .paragraph($0) }
      + (evaluation?.warning.map { [.paragraph("On the \(evaluation?.split ?? "") split, \($0).")] } ?? [])
  }

  /// One chart for the losses beside the validation score, one for the terms of each unit.
  ///
  /// - Parameter prefix: of the names of their files.
  private func curves(_ records: Records, prefix: String = "") throws -> [Figure] {
    let train = records.filter { $0.kind == .train }
    let validation = records.filter { $0.kind == .validation }
    func series(_ name: String, _ key: String, _ from: Records, sign: Double = 1) -> LineChart.Series {
      let rows = from.filter { $0.values[key] != nil }
      return .init(name, x: rows.map { Double($0.step) }, y: rows.map { sign * $0.values[key]! })
    }
    let keys = Set(train.flatMap(\.values.keys)).filter { !LogKey.isOfTraining($0) }.sorted()
    let losses = keys.filter(LogKey.isLoss)
    let units = Set(losses.map { LossUnit.parts(of: $0).unit })
    let score = Self.score(validation)
    let loss = LineChart(
      title: "Loss", x: Axis("step"), y: Axis("loss", unit: units == [.nats] ? LossUnit.nats.rawValue : nil),
      series: losses.map { series(LossUnit.parts(of: $0).name, $0, train) }
        + (score.map { [series("validation (minus the \($0.name))", $0.key, validation, sign: -1)] } ?? []))
    try loss.write(to: URL(fileURLWithPath: "\(run.figures)/\(prefix)loss.svg"))
    let caption = "Mean over the rounds since the last point" + (score != nil ? "; validation with fixed noise." : ".")
    var figures = [Figure(loss, caption: caption)]
    for unit in LossUnit.allCases {
      let terms = keys.filter { !LogKey.isLoss($0) && LossUnit.parts(of: $0).unit == unit }
      guard !terms.isEmpty else { continue }
      let chart = LineChart(
        title: "Terms of the loss", x: Axis("step"), y: Axis("term", unit: unit == .none ? nil : unit.rawValue),
        series: terms.map { series(LossUnit.parts(of: $0).name, $0, train) })
      let name = unit == .nats ? "terms" : "terms-\(unit.rawValue)"
      try chart.write(to: URL(fileURLWithPath: "\(run.figures)/\(prefix)\(name).svg"))
      figures.append(Figure(chart, caption: "What the loss is made of."))
    }
    return figures
  }

  /// What validations are compared by: its key, and its name and unit as a person reads them.
  private static func score(_ validation: Records) -> (key: String, name: String, unit: String)? {
    guard let key = validation.first.flatMap({ LogKey.score($0.values) }) else { return nil }
    let (name, unit) = LossUnit.parts(of: key)
    return (key, name.replacing("_", with: " "), unit == .none ? "" : " " + unit.rawValue)
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
    let validation = records.filter { $0.kind == .validation }
    if let score = Self.score(validation), let best = validation.compactMap({ $0.values[score.key] }).max() {
      shown.append(
        .init(
          "best validation \(score.name)", String(format: "%.2f", best) + score.unit, note: "higher is better"))
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
