import ArgumentParser
import Foundation
import Reproductions
import Torch
import Training

/// `helmholtz reproduce info/table-1`
struct Reproduce: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Repeat a table or a figure of a paper.",
    discussion: """
      Example:  helmholtz reproduce info/table-1 --scale smoke

      Every cell of the experiment is trained and measured once with every seed, at its last checkpoint. Stopped or \
      killed, the same command goes on; with more --seeds it adds to what is there. The directory gets result.json, \
      report.html, the charts, and a run for each cell and seed.

      What the paper claims gets a verdict:

        holds           true by more than two standard errors
        does not hold   false by more than two standard errors
        not decided     neither, or too few seeds: it takes three at scale cpu

      Standard errors are over seeds, and over test examples by paired differences where a metric has a number for \
      each example. A claim of several comparisons holds if all are true, and does not if one is false. At scale \
      smoke there are no verdicts.

      \(list)
      """)

  /// The experiments with what they show.
  private static var list: String {
    Experiment.all.flatMap { paragraph("  \($0.name)", width: 22, $0.summary, columns: 79) }.joined(separator: "\n")
  }

  @Argument(help: "The paper's key and the table or figure, such as info/table-1.") var experiment: String
  @Option(
    help: "Budget: smoke (only to see that it runs), cpu (two hours a seed at most) or paper (the paper's own).")
  var scale: Experiment.Scale
  @Option(help: "Number of seeds (default: 1 at scale smoke, else 3 unless the experiment has more).") var seeds: Int?
  @Option(help: "Directory of the results (default: reproductions/EXPERIMENT-SCALE).") var out: String?
  @Option(help: "Number of CPU threads; 0 uses all cores.") var threads: Int?
  @Option(
    help: "A set, a file or a folder of images in the place of the experiment's data; folders have images of its size.")
  var data: String?
  @OptionGroup var place: DataPlace
  @Flag(help: "Print the result as JSON.") var json = false
  @Flag(help: "Show no progress.") var quiet = false

  func validate() throws {
    try check(threads, "--threads", in: 0...4096)
    try check(seeds, "--seeds", in: 1...1000)
  }

  func run() throws {
    let chosen = try Experiment.named(experiment)
    let name = experiment.replacing("/", with: "-")
    let directory = out ?? "reproductions/\(name)-\(scale.rawValue)"
    let signals = Signals()
    let reproduction = Reproduction(
      chosen, scale: scale, seeds: seeds, in: directory, place: place.options, threads: threads, data: data)
    let summary = try reproduction.run(
      version: Helmholtz.configuration.version,
      announcing: { cell, number, count in
        if !quiet { note("\(experiment) \(number)/\(count): \(cell)") }
        return ProgressBar(isSilent: quiet)
      }, shouldStop: { signals.received != nil })
    guard let summary else {
      print("stopped; the same command goes on")
      throw ExitCode(128 + (signals.received ?? SIGINT))
    }
    if json { return try printJSON(summary) }
    show(summary, directory)
  }

  // MARK: For people

  private func show(_ summary: ReproductionSummary, _ directory: String) {
    let seeds = summary.seeds.map(String.init).joined(separator: ", ")
    printParagraph("", width: 0, "\(summary.experiment) at scale \(summary.scale.rawValue): \(summary.summary)")
    print("seed\(summary.seeds.count == 1 ? "" : "s") \(seeds); standard errors in brackets")
    showNumbers(summary)
    for (cell, reason) in summary.skipped.sorted(by: { $0.key < $1.key }) {
      printParagraph("", width: 2, "\(cell) was left out: \(reason)")
    }
    for (index, claim) in summary.claims.enumerated() { show(claim, number: index + 1) }
    if !summary.claims.isEmpty {
      let verdicts = Dictionary(grouping: summary.claims, by: \.words).mapValues(\.count)
      let counts = ["holds", "does not hold", "not decided", "no verdict"].compactMap { word in
        verdicts[word].map { "\($0) \(word)" }
      }
      let only = summary.scale.leastSeeds == nil ? "; scale \(summary.scale.rawValue) shows only that all runs" : ""
      print("\nverdicts  \(counts.joined(separator: ", "))\(only)")
    }
    print("\nresult    \(directory)/result.json\nreport    \(directory)/report.html")
  }

  /// A table of all cells, in as many parts as the width takes.
  private func showNumbers(_ summary: ReproductionSummary) {
    let names = [""] + summary.rows.map(\.cell)
    var part = [names]
    func width(_ columns: [[String]]) -> Int {
      columns.reduce(0) { $0 + 2 + ($1.map(\.count).max() ?? 0) }
    }
    func show(_ columns: [[String]]) {
      print("")
      let rows = names.indices.map { row in columns.map { $0[row] } }
      printTable(rows[0], Array(rows.dropFirst()))
    }
    for metric in summary.metrics {
      let column = [metric] + summary.rows.map { $0.numbers[metric]?.words ?? "" }
      if part.count > 1, width(part + [column]) > textWidth {
        show(part)
        part = [names]
      }
      part.append(column)
    }
    if part.count > 1 { show(part) }
  }

  /// The claim with its verdict, then the paper's numbers beside ours, then what was compared.
  private func show(_ claim: Judgement, number: Int) {
    print("\nclaim \(number): \(claim.words)")
    printParagraph("", width: 2, claim.claim)
    if let reason = claim.reason { printParagraph("", width: 2, "(\(reason))") }
    print("")
    printTable(
      ["  number", "paper", "here", "std. error", "seeds"],
      claim.numbers.map { ["  \($0.metric) of \($0.cell)"] + $0.columns })
    print("")
    printTable(
      ["  true by", "std. error", "verdict", "expected"],
      claim.comparisons.map { comparison in
        var columns = comparison.columns
        columns[0] = "  " + columns[0]
        return columns + [comparison.expected]
      })
  }
}

extension Experiment.Scale: ExpressibleByArgument {}
