import ArgumentParser
import Foundation
import Torch

/// What a user waits for, measured; with `--peer` beside PyTorch and JAX in the same run.
@main
struct Benchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmarks",
    abstract: "Measure steps, start-up, data and memory; with --peer beside PyTorch and JAX.",
    discussion: """
      Example:  make bench PEERS=1 BENCH_FLAGS="--filter step --rounds 15"

      Numbers are medians over rounds. Rounds of ours, of the machine's matrix products and of every peer \
      take turns, so that what slows the machine down for a while slows all of them.
      """)

  @Option(help: "Rounds of each contender.") var rounds = 7
  @Option(help: "Training steps in a round.") var steps = 100
  @Option(help: "Steps of the memory benchmark.") var longSteps = 10_000
  @Option(help: "Threads of ours and of every peer.") var threads = 2
  @Option(help: "Run the benchmarks whose name contains this.") var filter = ""
  @Flag(help: "Run the peers too.") var peer = false
  @Option(help: "The Python that has the peers (see 'make peers').") var python =
    ".deps/peers/bin/python"
  @Option(help: "The built tool, for the start-up benchmark.") var tool = Benchmarks.defaultTool
  @Flag(help: "Name the benchmarks and leave.") var list = false
  @Flag(help: "Print JSON.") var json = false

  /// Where `swift build -c release` puts it.
  private static let defaultTool = ".build/release/helmholtz"

  func validate() throws {
    for (name, value) in [
      ("--rounds", rounds), ("--steps", steps), ("--long-steps", longSteps), ("--threads", threads),
    ] where value < 1 {
      throw ValidationError("\(name): expected at least 1, got \(value)")
    }
    if peer, !FileManager.default.isExecutableFile(atPath: python) {
      throw ValidationError("--peer: no Python at '\(python)'; install the peers with 'make peers'")
    }
  }

  func run() throws {
    let chosen = all.filter { filter.isEmpty || $0.name.localizedCaseInsensitiveContains(filter) }
    if list { return print(chosen.map(\.name).joined(separator: "\n")) }
    if chosen.isEmpty {
      throw ValidationError("--filter: no benchmark's name contains '\(filter)'; see --list")
    }
    // A peer that has died is an error of its next round, not a signal to this process.
    signal(SIGPIPE, SIG_IGN)
    Runtime.tuneAllocator()
    Runtime.threads = threads
    let machine = Machine.current
    var results: [Finding] = []
    for benchmark in chosen {
      meter("measuring: \(benchmark.name)")
      let finding = try benchmark.run(results)
      meter("")
      if !json { show(finding.table + "\n") }
      results.append(finding)
    }
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      print(
        String(
          decoding: try encoder.encode(Run(machine: machine, benchmarks: results)), as: UTF8.self))
    } else {
      show(machine.text)
    }
  }

  /// Prints at once, into a pipe too: a benchmark takes minutes.
  private func show(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

  /// Says on a terminal what goes on; the next text takes its place.
  private func meter(_ text: String) {
    guard isatty(STDERR_FILENO) == 1 else { return }
    FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8))
  }

  private struct Run: Encodable {
    let machine: Machine
    let benchmarks: [Finding]
  }

  /// All benchmarks, in the order they run.
  private var all: [any Benchmark] {
    let plan = Plan(rounds: rounds, steps: steps, threads: threads)
    let team = PeerTeam(python: peer ? python : nil, plan: plan)
    return [
      StepBenchmark(plan, team, precision: .float32, data: .held),
      StepBenchmark(plan, team, precision: .float32, data: .fresh),
      StepBenchmark(plan, team, precision: .bf16, data: .held),
      ConvolutionBenchmark.mmdVAE(plan, team),
      ConvolutionBenchmark.mutualInformation(plan, team),
      ConvolutionBenchmark.pixelCNN(plan, team),
      FewLabelsBenchmark(plan, team),
      GameBenchmark.avbAC(plan, team),
      GameBenchmark.eightSchools(plan, team), GameBenchmark.dcgan(plan, team),
      ActivationBenchmark(plan),
      SamplingBenchmark(plan),
      BatchBenchmark(plan, team, augments: false),
      BatchBenchmark(plan, team, augments: true),
      LoadBenchmark(plan),
      StartBenchmark(plan, team, tool: tool),
      MemoryBenchmark(plan, steps: longSteps),
    ] + PosteriorBenchmark.all(plan, team) + [DensityBenchmark(plan, team)] + AnnealingBenchmark.all(plan, team)
      + MetricBenchmark.all(plan, team)
  }
}
