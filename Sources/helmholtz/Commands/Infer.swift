import ArgumentParser
import Foundation
import Inference
import Runs
import Torch
import Training

/// `helmholtz infer TARGET --method M --out s.npy`
struct Infer: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw from a density by a fit, by chains or by particles.",
    discussion: """
      Example:  helmholtz infer eight-schools --method avb-ac --out s.npy

      Targets: \(NamedTarget.names.joined(separator: ", ")).

      Methods: avb and avb-ac (adversarial variational Bayes, without and with adaptive contrast), advi-meanfield and \
      advi-fullrank (Gaussians), hmc, nuts, svgd.

      A run that was stopped or killed goes on with the same command and --run DIR. docs/inference.md says what each \
      number means.
      """)

  @Argument(help: "A density.") var target: String
  @Option(help: "How to draw from it.") var method: String
  @Option(help: "File for the draws (.npy), N rows.") var out: String
  @Option(help: "Rounds of a fit or of svgd, at most; steps of a chain's warm-up.") var iterations: Int?
  @Option(help: "Number of draws, over all chains (default: 10000; 500 by svgd).") var samples: Int?
  @Option(help: "Number of chains; divides the samples.") var chains: Int?
  @Option(help: "Keep every N-th step of a chain (default: 50).") var thin: Int?
  @Option(help: "When a Gaussian's fit is over: converge or stan (default: converge).") var rule: GaussianRule?
  @OptionGroup var seed: SeedOption
  @Option(help: "Draws to compare with, a column for each coordinate.") var reference: String?
  @Option(help: "Data of eight-schools: authors, div10 or textbook (default: authors).") var variant: String?
  @Option(help: "File of the mean of gaussian.") var mean: String?
  @Option(help: "File of the covariance of gaussian.") var covariance: String?
  @Option(help: "CSV file of logistic, with names in its first line.") var data: String?
  @Option(help: "Column of labels 0 and 1 of logistic.") var label: String?
  @Option(name: .customLong("run"), help: "Directory of the run (default: runs/infer-TARGET-METHOD-N).")
  var directory: String?
  @Flag(help: "Go on with a run that is there, and refuse to begin one.") var resume = false
  @Option(help: "Number of CPU threads; 0 uses all cores.") var threads: Int?
  @Flag(help: "Print the result as JSON.") var json = false
  @Flag(help: "Show no progress.") var quiet = false

  func validate() throws {
    try checkOutput(out, ".npy")
    try check(threads, "--threads", in: 0...4096)
    if resume, directory == nil { throw ValidationError("--resume belongs to --run") }
    let limits = [
      ("--iterations", iterations, 1_000_000_000), ("--samples", samples, 10_000_000), ("--chains", chains, 100_000),
      ("--thin", thin, 1_000_000),
    ]
    for (name, value, most) in limits {
      if let value, value > most { throw ValidationError("\(name): expected at most \(most), got \(value)") }
    }
  }

  func run() throws {
    do { try infer() } catch let error as InferenceError where error.isUsage { throw ValidationError("\(error)") }
  }

  private func infer() throws {
    var options = NamedTarget.Options()
    (options.variant, options.mean, options.covariance) = (variant, mean, covariance)
    (options.data, options.label) = (data, label)
    var settings = InferenceSettings(try .named(method))
    (settings.iterations, settings.samples, settings.chains) = (iterations, samples, chains)
    (settings.thinning, settings.rule, settings.seed, settings.threads) = (thin, rule, seed.seed, threads)
    let named = try NamedTarget(target, options)
    let draws = try reference.map { try named.target.reference(contentsOf: $0) }
    try checkWritable(out)
    let run = try InferenceRun(named.target, settings, details: named.details)
    let (signals, bar) = (Signals(), ProgressBar(isSilent: quiet))
    var place = directory
    let found: InferenceRun.Found?
    if let directory {
      if resume, !FileManager.default.fileExists(atPath: directory) { _ = try RunDirectory(directory).existing() }
      found = try run.carryOut(in: RunDirectory(directory), reference: draws, observer: bar) { signals.received != nil }
    } else {
      found = try run.carryOut(
        numbered: "runs/infer-\(target)-\(method)-", reference: draws, observer: bar, began: { place = $0.path },
        shouldStop: { signals.received != nil })
    }
    bar.finish()
    guard let found else {
      note("stopped; go on with the same command and --run \(place!) --resume")
      throw ExitCode(128 + (signals.received ?? 0))
    }
    try found.draws.writeNPY(to: out)
    for text in found.result.notes { note(text) }
    if json { return print(try found.result.json()) }
    show(found.result, RunDirectory(place!))
  }

  private func show(_ result: InferenceResult, _ run: RunDirectory) {
    func text(_ value: Double?) -> String { value.map { $0.isFinite ? String(format: "%.4f", $0) : "undefined" } ?? "" }
    let k = "k = \(InferenceResult.neighbours)"
    var rows = [["draws", "\(result.samples) in \(out)"]]
    if let bound = result.bound.value {
      let name = result.bound.kind == .exact ? "bound" : "approximate bound"
      rows.append([name, "\(text(bound)) ± \(text(result.bound.standardError)) nats"])
    }
    if let logZ = result.logEvidence { rows.append(["log Z", "\(text(logZ)) nats"]) }
    for (name, value) in [("to", result.klToReference), ("from", result.klFromReference)] where value != nil {
      rows.append(["KL \(name) the reference", "\(text(value)) nats (nearest neighbours, \(k))"])
    }
    for mode in result.modes ?? [] { rows.append(["mass of \(mode.name)", text(mode.mass)]) }
    if let divergences = result.divergences { rows.append(["divergences", "\(divergences)"]) }
    rows += [["time", String(format: "%.1f s", result.seconds)], ["run", run.path], ["report", run.report]]
    printTable(["", ""], rows)
    guard result.rHat != nil || result.ks != nil else { return }
    print("")
    let names = result.columns + (result.ks?.keys.filter { !result.columns.contains($0) }.sorted() ?? [])
    let columns = [("R-hat", result.rHat), ("ESS", result.ess), ("KS to the reference", result.ks)].filter { $1 != nil }
    printTable([""] + columns.map(\.0), names.map { name in [name] + columns.map { text($0.1?[name]) } })
  }
}

extension GaussianRule: ExpressibleByArgument {}

/// Refuses a file that this user may not write, before any work.
private func checkWritable(_ path: String) throws(FileError) {
  let isThere = FileManager.default.fileExists(atPath: path)
  let parent = parentDirectory(of: path)
  let place = parent.isEmpty ? "." : parent
  // A file is replaced by another: what counts is the directory.
  guard access(place, W_OK) == 0 else {
    throw FileError(
      path, "cannot write the file\(isThere ? "" : " in '\(place)'"): \(String(cString: strerror(errno)))")
  }
}
