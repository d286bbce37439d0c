import ArgumentParser
import Datasets
import Evaluation
import Foundation
import Reproductions
import Runs
import Torch
import Training

/// `helmholtz reproduce info/table-1`
struct Reproduce: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Repeat a table or a figure of a paper, or all of them.",
    discussion: """
      Example:  helmholtz reproduce info/table-1 --scale smoke
                helmholtz reproduce --list
                helmholtz reproduce --all --scale cpu --jobs 2

      Every cell of the experiment is trained and measured once with every seed, at its last checkpoint. Stopped or \
      killed, the same command goes on; with more --seeds it adds to what is there. The directory gets result.json, \
      report.html, the charts, and a run for each cell and seed. With --all, experiments follow each other in \
      directories of their own, what lacks its data is left out, and results.html has every published number beside \
      ours (see 'helmholtz report').

      Several machines may share a directory: each does its --shard, such as 1/3, 2/3 and 3/3, and the command without \
      one then gathers what is there.

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

  @Argument(help: "The paper's key and the table or figure, such as info/table-1.") var experiment: String?
  @Flag(help: "All experiments of all papers.") var all = false
  @Flag(help: "Say of every experiment what it shows, how long it takes and what there is of it.") var list = false
  @Option(
    help: "Budget: smoke (only to see that it runs), cpu (two hours a seed at most) or paper (the paper's own).")
  var scale: Experiment.Scale?
  @Option(help: "Number of seeds (default: 1 at scale smoke, else 3 unless the experiment has more).") var seeds: Int?
  @Option(
    help: "Directory of the results (default: reproductions/EXPERIMENT-SCALE; with --all or --list: reproductions).")
  var out: String?
  @Option(help: "Number of CPU threads of a cell; 0 uses all cores, or its share of them with --jobs.")
  var threads: Int?
  @Option(help: "Cells that are worked on side by side; they come out as one after the other with as many --threads.")
  var jobs = 1
  @Option(help: "The share I/N of the cells, for one of N machines (default: a launcher's).") var shard: Shard?
  @Option(
    help: "A set, a file or a folder of images in the place of the experiment's data; folders have images of its size.")
  var data: String?
  @OptionGroup var place: DataPlace
  @Flag(help: "Print the result as JSON.") var json = false
  @Flag(help: "Show no progress.") var quiet = false

  func validate() throws {
    try check(threads, "--threads", in: 0...4096)
    try check(seeds, "--seeds", in: 1...1000)
    try check(jobs, "--jobs", in: 1...4096)
    guard [experiment != nil, all, list].count(where: \.self) == 1 else {
      throw ValidationError("expected an experiment, --all or --list")
    }
    if scale == nil, !list { throw ValidationError("Missing expected argument '--scale <scale>'") }
    if all || list, data != nil { throw ValidationError("--data is for one experiment") }
    if list, seeds != nil || threads != nil || jobs != 1 || shard != nil {
      throw ValidationError("--list takes --scale and --out alone")
    }
  }

  func run() throws {
    if list { return try showList() }
    if all { return try runAll(scale!) }
    let chosen = try Experiment.named(experiment!)
    let directory = out ?? AllExperiments(place: place.options).path(of: chosen.name, scale!)
    let reproduction = Reproduction(
      chosen, scale: scale!, seeds: seeds, in: directory, place: place.options, threads: threadsOfCell, data: data)
    switch try run(reproduction, Signals(), before: 0) {
    case .stopped: preconditionFailure("reproduce: a stopped experiment leaves the command")
    case .shared(let finished, let count): showShare(finished, of: count)
    case .finished(let summary): try json ? printJSON(summary) : show(summary, directory)
    }
  }

  /// Those that were asked for, or a share of the cores.
  private var threadsOfCell: Int? {
    let asked = threads.flatMap { $0 > 0 ? $0 : nil }
    return jobs == 1 ? threads : asked ?? max(1, ProcessInfo.processInfo.activeProcessorCount / jobs)
  }

  /// The share that was asked for, or that of the place which a launcher gave this process.
  private func share() throws -> Shard? {
    try shard ?? Seat.fromEnvironment().flatMap { Shard($0.rank + 1, of: $0.count) }
  }

  /// Works on an experiment, or leaves the command where that was stopped.
  private func run(_ reproduction: Reproduction, _ signals: Signals, before: Int) throws -> Reproduction.Outcome {
    let (quiet, jobs, name) = (quiet, jobs, reproduction.experiment.name)
    let lines = ProgressLines()
    defer { lines.finish() }
    let outcome = try reproduction.run(
      version: Helmholtz.configuration.version, jobs: jobs, shard: share(), before: before,
      announcing: { cell, number, count in
        if !quiet { lines.say("\(name) \(number)/\(count): \(cell)") }
        return ProgressBar(isSilent: quiet, name: jobs > 1 ? cell : nil, in: lines)
      }, shouldStop: { signals.received != nil })
    if case .stopped = outcome {
      print("stopped; the same command goes on")
      throw ExitCode(128 + (signals.received ?? SIGINT))
    }
    return outcome
  }

  private func showShare(_ finished: Int, of count: Int) {
    print(
      "\(finished) of \(count) cells are finished"
        + (finished < count ? "; others have their shares" : "; the command without --shard gathers them"))
  }

  // MARK: All

  /// Works on everything. What lacks its data is left out; what fails does not keep the others from being done.
  private func runAll(_ scale: Experiment.Scale) throws {
    let everything = AllExperiments(in: out ?? "reproductions", place: place.options)
    let signals = Signals()
    var (before, failures): (Int, [String]) = (0, [])
    var (finished, count) = (0, 0)
    for reproduction in everything.reproductions(scale, seeds: seeds, threads: threadsOfCell) {
      let name = reproduction.experiment.name
      defer { before += reproduction.count }
      do {
        if case .shared(let mine, let all) = try run(reproduction, signals, before: before) {
          (finished, count) = (finished + mine, count + all)
        }
      } catch let stopped as ExitCode {
        throw stopped
      } catch {
        let lacksData = if case .unavailable? = error as? DatasetError { true } else { false }
        note("\(name) \(lacksData ? "was left out" : "failed"): \(error)")
        if !lacksData { failures.append(name) }
      }
    }
    if try share() != nil {
      showShare(finished, of: count)
    } else {
      try ReportCommand.write(everything, scale, json: json)
    }
    if !failures.isEmpty { throw MetricError("failed: \(failures.joined(separator: ", "))") }
  }

  /// One line for every experiment: its name, what it shows, minutes, and what there is of it.
  private func showList() throws {
    let scale = scale ?? .cpu
    let everything = AllExperiments(in: out ?? "reproductions", place: place.options)
    let entries = everything.list(scale, version: Helmholtz.configuration.version)
    if json { return try printJSON(entries) }
    let names = entries.map(\.experiment.count).max() ?? 0
    let facts = entries.map { entry in
      "  \(entry.minutes.map { "\($0)" } ?? "?") min  \(entry.state)"
    }
    // A line is cut only where a person reads it.
    let room = isatty(STDOUT_FILENO) == 1 ? textWidth - names - 2 - (facts.map(\.count).max() ?? 0) : .max
    for (entry, facts) in zip(entries, facts) {
      let shows = entry.shows.count > room ? entry.shows.prefix(max(0, room - 1)) + "…" : entry.shows[...]
      print(entry.experiment.padding(toLength: names + 2, withPad: " ", startingAt: 0) + shows + facts)
    }
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

extension Shard: ExpressibleByArgument {
  /// `2/3`.
  public init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1] else { return nil }
    self.init(number, of: count)
  }
}
