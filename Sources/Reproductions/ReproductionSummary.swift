import Figures
import Foundation

/// What an experiment came to, as `result.json` and `report.html` have it.
public struct ReproductionSummary: Codable, Sendable {
  /// The experiment as it is declared, and the scale it was run at.
  public let experiment: String
  /// The budget.
  public let scale: Experiment.Scale
  /// What it shows, and what a reader should know of the protocol.
  public let summary, notes: String
  /// The seeds.
  public let seeds: [UInt64]
  /// The paper's claims beside what came out.
  public let claims: [Judgement]
  /// Every metric of every cell over the seeds, in the order of the declaration.
  public let rows: [Row]
  /// What came out of every cell with every seed.
  public let cells: [Results.CellResult]
  /// Why cells were left out, by name; their data were not there.
  public let skipped: [String: String]
  /// What the numbers were obtained with.
  public let machine, commit, version: String
  /// Wall time of training.
  public let seconds: Double

  /// A cell over its seeds.
  public struct Row: Codable, Sendable {
    /// Its name.
    public let cell: String
    /// By metric.
    public let numbers: [String: Results.Mean]
  }

  init(_ experiment: Experiment, _ scale: Experiment.Scale, _ results: Results, version: String) {
    self.experiment = experiment.name
    self.scale = scale
    summary = experiment.summary
    notes = experiment.notes
    seeds = Set(results.cells.map(\.seed)).sorted()
    claims = experiment.claims(scale).map { $0.judged(results, at: scale) }
    rows = results.names.map { name in
      let metrics = Set(results.cells.filter { $0.name == name }.flatMap(\.numbers.keys))
      return Row(
        cell: name,
        numbers: Dictionary(
          uniqueKeysWithValues: metrics.compactMap { metric in
            results.mean(of: metric, name).map { (metric, $0) }
          }))
    }
    cells = results.cells
    skipped = results.skipped
    let machines = Set(results.cells.compactMap(\.machine)).sorted()
    machine = machines.isEmpty ? Machine.description : machines.joined(separator: "; ")
    commit = Machine.commit
    self.version = version
    seconds = results.cells.reduce(0) { $0 + $1.seconds }
  }

  /// The metrics of all cells, sorted.
  public var metrics: [String] { Set(rows.flatMap(\.numbers.keys)).sorted() }

  // MARK: The page

  /// The report for people.
  func page(_ charts: [any Chart]) -> Report {
    let facts = [
      Fact("scale", scale.rawValue), Fact("seeds", seeds.map(String.init).joined(separator: ", ")),
      Fact("machine", machine), Fact("training", "\(Int(seconds.rounded())) s"), Fact("version", version),
      Fact("commit", commit),
    ]
    return Report(
      title: experiment, subtitle: [summary],
      summary: claims.map { Report.Headline($0.claim, $0.words, note: $0.reason) },
      sections: claims.enumerated().map { section($0.offset + 1, $0.element) }
        + [
          Report.Section("Numbers", [.table(table)]),
          Report.Section("Charts", charts.isEmpty ? [] : [.figures(charts.map { figure($0) })]),
          Report.Section(
            "Left out", skipped.sorted { $0.key < $1.key }.map { .paragraph("\($0.key): \($0.value)") }),
          Report.Section("Protocol", [.paragraph(notes), .facts(facts)]),
        ].filter { !$0.blocks.isEmpty })
  }

  private func figure(_ chart: some Chart) -> Figure { Figure(chart, caption: "") }

  private func section(_ number: Int, _ judgement: Judgement) -> Report.Section {
    Report.Section(
      "Claim \(number): \(judgement.words)",
      [
        .paragraph(judgement.claim),
        .table(
          DataTable(
            header: ["number", "paper", "here", "std. error", "seeds"],
            rows: judgement.numbers.map { ["\($0.metric) of \($0.cell)"] + $0.columns.map(Self.orDash) })),
        .table(
          DataTable(
            header: ["expected", "true by", "std. error", "verdict"],
            rows: judgement.comparisons.map { [$0.expected] + $0.columns.map(Self.orDash) })),
      ])
  }

  /// A cell without a number does not keep its column from being one of numbers.
  private static func orDash(_ text: String) -> String { text.isEmpty ? "–" : text }

  private var table: DataTable {
    DataTable(
      header: ["cell"] + metrics,
      rows: rows.map { row in [row.cell] + metrics.map { row.numbers[$0]?.words ?? "–" } },
      caption: "Means over seeds, standard errors in brackets.")
  }
}

extension Results.Mean {
  /// The mean with its standard error in brackets.
  public var words: String { brief(value) + (standardError.map { " (\(String(format: "%.2g", $0)))" } ?? "") }
}

extension Judgement {
  /// The verdict, or that there is none.
  public var words: String { verdict?.rawValue ?? "no verdict" }
}

extension Judgement.Number {
  /// The paper's number, ours, its standard error and the number of seeds; empty where there is none.
  public var columns: [String] {
    [
      paper.map(brief) ?? "", here.map { brief($0.value) } ?? "missing", here?.standardError.map(brief) ?? "",
      here.map { "\($0.seeds)" } ?? "",
    ]
  }
}

extension Judgement.Comparison {
  /// By how much it is true, the standard error, the verdict; empty where there is none.
  public var columns: [String] {
    [
      difference.map { brief($0.value) } ?? "", difference?.standardError.map(brief) ?? "", verdict?.rawValue ?? "",
    ]
  }
}
