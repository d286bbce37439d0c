import ArgumentParser
import Evaluation
import Foundation
import Reproductions

/// `helmholtz report --all`
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Put every published number beside ours, on one page.",
    discussion: """
      Example:  helmholtz report --all

      Gathers what 'helmholtz reproduce' has left in a directory, and trains nothing. results.html has each number that \
      the papers print beside ours, with seeds, budget, standard error, verdict and machine, and the command of what \
      was not run; results.json has the same for programs.
      """)

  @Flag(help: "All experiments of all papers.") var all = false
  @Option(
    help: "Take results of this scale alone (default: of each experiment those of paper, or else those of cpu).")
  var scale: Experiment.Scale?
  @Option(help: "Directory that has the results and gets the page.") var out = "reproductions"
  @OptionGroup var place: DataPlace
  @Flag(help: "Print the results as JSON.") var json = false

  func validate() throws {
    guard all else { throw ValidationError("expected --all") }
  }

  func run() throws {
    guard FileManager.default.fileExists(atPath: out) else {
      throw MetricError("\(out): no such directory; 'helmholtz reproduce' makes one")
    }
    try Self.write(AllExperiments(in: out, place: place.options), scale, json: json)
  }

  /// Writes the page, and says what is on it.
  static func write(_ everything: AllExperiments, _ scale: Experiment.Scale?, json: Bool) throws {
    let results = everything.collected(scale, version: Helmholtz.configuration.version)
    try everything.write(results)
    if json { return try printJSON(results) }
    let counts = results.counts
    print("numbers   \(counts.published) published, \(counts.withOurs) with ours beside them")
    let verdicts = [
      ("holds", counts.holds), ("does not hold", counts.doesNotHold), ("not decided", counts.notDecided),
      ("no verdict", counts.noVerdict),
    ].filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
    print("claims    \(verdicts.isEmpty ? "none" : verdicts.joined(separator: ", "))")
    let open = results.experiments.count { $0.finished < $0.cells || $0.cells == 0 }
    print("to run    \(open) of \(results.experiments.count) experiments")
    print("page      \(everything.directory)/results.html\nresults   \(everything.directory)/results.json")
  }
}
