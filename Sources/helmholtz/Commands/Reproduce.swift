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

      Every cell of the experiment is trained and measured once; stopped or killed, the same command goes on. The \
      directory gets result.json, the charts, and a run for each cell.

      \(Experiment.all.map { "  \($0.name)  \($0.summary)" }.joined(separator: "\n"))
      """)

  @Argument(help: "The paper's key and the table or figure, such as info/table-1.") var experiment: String
  @Option(help: "Budget: smoke (only to see that it runs), cpu (two hours at most) or paper (the paper's own).")
  var scale: Experiment.Scale
  @Option(help: "Directory of the results (default: reproductions/EXPERIMENT-SCALE).") var out: String?
  @Option(help: "Number of CPU threads; 0 uses all cores.") var threads: Int?
  @OptionGroup var place: DataPlace
  @Flag(help: "Print the result as JSON.") var json = false
  @Flag(help: "Show no progress.") var quiet = false

  func validate() throws { try check(threads, "--threads", in: 0...4096) }

  func run() throws {
    let chosen = try Experiment.named(experiment)
    let name = experiment.replacing("/", with: "-")
    let directory = out ?? "reproductions/\(name)-\(scale.rawValue)"
    let signals = Signals()
    let report = try Reproduction(chosen, scale: scale, in: directory, place: place.options, threads: threads).run(
      version: Helmholtz.configuration.version,
      announcing: { cell, number, count in
        if !quiet { note("\(experiment) \(number)/\(count): \(cell)") }
        return ProgressBar(isSilent: quiet)
      }, shouldStop: { signals.received != nil })
    guard let report else {
      print("stopped; the same command goes on")
      throw ExitCode(128 + (signals.received ?? SIGINT))
    }
    if json { return try printJSON(report) }
    show(report, directory)
  }

  private func show(_ report: Reproduction.Summary, _ directory: String) {
    let metrics = Set(report.cells.flatMap(\.numbers.keys)).sorted()
    printTable(
      ["cell"] + metrics,
      report.cells.map { cell in
        [cell.name] + metrics.map { cell.numbers[$0].map { String(format: "%.4g", $0.value) } ?? "" }
      })
    for verdict in report.claims {
      let answer = verdict.holds.map { $0 ? "holds" : "does not hold" } ?? "cannot be told at this scale"
      print("")
      printParagraph("claim", width: 8, verdict.claim)
      if !verdict.paper.isEmpty { printParagraph("paper", width: 8, Self.list(verdict.paper)) }
      if !verdict.found.isEmpty { printParagraph("here", width: 8, Self.list(verdict.found)) }
      printParagraph("", width: 8, answer)
    }
    print("\nresult  \(directory)/result.json")
  }

  private static func list(_ numbers: [String: Double]) -> String {
    numbers.sorted { $0.key < $1.key }.map { "\($0.key) \(String(format: "%.4g", $0.value))" }.joined(separator: ", ")
  }
}

extension Experiment.Scale: ExpressibleByArgument {}
