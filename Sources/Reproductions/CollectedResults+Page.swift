import Figures

extension CollectedResults {
  /// The papers by their keys, in the order of the page.
  private static let papers = [
    ("INFO", "InfoVAE (Zhao et al. 2017)"), ("ADGM", "Auxiliary deep generative models (Maaløe et al. 2016)"),
    ("AVB", "Adversarial variational Bayes (Mescheder et al. 2017)"),
    ("UNI", "On unifying deep generative models (Hu et al. 2018)"), ("ASL", "Auxiliary supervised learning"),
  ]

  /// The page for people.
  var page: Report {
    let verdicts = [
      ("holds", counts.holds), ("does not hold", counts.doesNotHold), ("not decided", counts.notDecided),
      ("no verdict", counts.noVerdict),
    ]
    return Report(
      title: "Published numbers and ours",
      subtitle: ["Every number of five papers, and what the same experiment comes to here. Helmholtz \(version)."],
      summary: [
        .init("published numbers", "\(counts.published)", note: "\(counts.withOurs) with ours beside them"),
        .init(
          "claims of the papers", "\(verdicts.reduce(0) { $0 + $1.1 })",
          note: verdicts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }.joined(separator: ", ")),
      ],
      sections: Self.papers.map { key, title in section(key, title) } + [notes])
  }

  private func section(_ key: String, _ title: String) -> Report.Section {
    let prefix = key.lowercased() + "/"
    let mine = experiments.filter { $0.experiment.hasPrefix(prefix) }
    let claims = mine.flatMap { entry in (entry.result?.claims ?? []).map { (entry, $0) } }
    let open = mine.filter { $0.finished < $0.cells || $0.cells == 0 }
    var blocks: [Report.Block] = [.table(table(numbers.filter { $0.paper == key }))]
    if !claims.isEmpty {
      blocks.append(
        .table(
          DataTable(
            header: ["experiment", "claim", "verdict", "why", "seeds"],
            rows: claims.map { entry, claim in
              [
                "\(entry.experiment), \(entry.scale.rawValue)", claim.claim, claim.words, claim.reason ?? "–",
                "\(entry.result?.seeds.count ?? 0)",
              ]
            }, caption: "What the paper says, and what came out.")))
    }
    if !open.isEmpty {
      blocks.append(
        .table(
          DataTable(
            header: ["experiment", "what it shows", "state", "command"],
            rows: open.map { [$0.experiment, $0.shows, $0.state, $0.command] },
            caption: "Not run, or not to the end.")))
    }
    return Report.Section(title, blocks)
  }

  private func table(_ numbers: [Number]) -> DataTable {
    DataTable(
      header: [
        "where", "system", "data", "metric", "published", "ours (std. error)", "seeds", "budget", "verdict", "machine",
      ],
      rows: numbers.map { number in
        [
          number.place, number.system + (number.origin == .cited ? " (cited)" : ""),
          number.data.isEmpty ? "–" : number.data,
          number.metric, brief(number.published) + (number.deviation.map { " ± \(brief($0))" } ?? ""),
          number.ours?.words ?? "–", number.ours.map { "\($0.seeds)" } ?? "–", number.budget, number.verdict,
          number.machine ?? "–",
        ]
      })
  }

  private var notes: Report.Section {
    Report.Section(
      "How to read it",
      [
        .paragraph(
          "Published numbers are as printed, the deviation over runs behind ±; numbers of InfoVAE's Figure 3 are from its "
            + "authors' plotting script. Ours are means over seeds in the paper's unit; the standard error is over seeds and, "
            + "where a metric has a number for each example, over test examples. A number of a smaller budget than the paper's "
            + "has no verdict of its own: claims are what is judged there. At the paper's budget it is as published within two "
            + "standard errors, the printed deviation among them."),
        .paragraph("Each experiment's own directory has its report, its charts and its runs."),
      ])
  }
}

extension CollectedResults.Number {
  /// Scale, steps and minutes of a seed.
  var budget: String {
    guard let scale else { return "–" }
    let trained = steps.map { $0 > 0 ? ", \($0) steps" : "" } ?? ""
    return scale.rawValue + trained + (minutes.map { ", \(brief(($0 * 10).rounded() / 10)) min" } ?? "")
  }
}
