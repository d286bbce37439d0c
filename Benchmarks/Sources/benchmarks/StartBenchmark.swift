import Datasets
import Foundation
import Torch

/// The wait between calling `helmholtz train` and its first complete step.
struct StartBenchmark: Benchmark {
  private let plan: Plan
  private let team: PeerTeam
  private let tool: String

  let name = "From process start to the first step"

  init(_ plan: Plan, _ team: PeerTeam, tool: String) {
    self.plan = plan
    self.team = team
    self.tool = tool
  }

  func run(_ earlier: [Finding]) throws -> Finding {
    guard FileManager.default.isExecutableFile(atPath: tool) else {
      return Finding(
        name: name, unit: "s", rows: [],
        notes: [
          "not measured: no tool at '\(tool)'; build it with 'swift build -c release' or name it with --tool"
        ])
    }
    var notes: [String] = []
    var rows: [Row] = []
    try withTemporaryDirectory { directory in
      let array = directory + "/images.npy"
      try Tensor.full([1000, 28, 28], 255, dtype: .uint8).writeNPY(to: array)
      var lanes = [lane("Helmholtz, 1,000 images", data: array, in: directory)]
      if let reason = Self.absence(of: "mnist") {
        notes.append("not measured: mnist (\(reason))")
      } else {
        lanes.append(lane("Helmholtz, mnist", data: "mnist", in: directory))
      }
      var race = Race(lanes + peerLanes)
      for _ in 0..<plan.rounds { try race.turn() }
      rows = race.rows
      notes += race.notes
    }
    if team.python != nil { notes.append("Peers make their data in memory and read none.") }
    return Finding(name: name, unit: "s", rows: rows, notes: notes)
  }

  private func lane(_ name: String, data: String, in directory: String) -> Race.Lane {
    Race.Lane(name: name, kind: .ours) {
      try seconds(data: data, run: directory + "/" + UUID().uuidString)
    }
  }

  /// Seconds until a run has logged its first step; the run is ended there.
  private func seconds(data: String, run: String) throws -> Double {
    let process = Process()
    let errors = Pipe()
    process.executableURL = URL(fileURLWithPath: tool)
    // Two steps, so that the line of the first comes before the work at the end of a run.
    process.arguments = [
      "train", "vae", "--data", data, "--steps", "2", "--threads", "\(plan.threads)", "--run", run,
      "--set", "training.logEvery=1",
    ]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    var lines = LineReader(errors.fileHandleForReading)
    let started = ContinuousClock.now
    try process.run()
    var said: [String] = []
    while let line = lines.next() {
      said.append(line)
      guard line.contains("1/2") else { continue }
      let seconds = (ContinuousClock.now - started).milliseconds / 1e3
      process.terminate()
      process.waitUntilExit()
      return seconds
    }
    process.waitUntilExit()
    throw PeerError(
      "helmholtz train: expected the line of its first step, got: \(said.joined(separator: "; "))")
  }

  /// Peers that are ready after one step: interpreter, imports, compilation.
  private var peerLanes: [Race.Lane] {
    guard team.python != nil else { return [] }
    let entries: [PeerTeam.Entry] = [
      .init(name: "PyTorch fused Adam", script: "vae_torch.py", arguments: ["--variant", "fused"]),
      .init(name: "JAX, jitted", script: "vae_jax.py"),
    ]
    return entries.map { entry in
      Race.Lane(name: entry.name, kind: .peer) {
        let peer = try team.start(entry, steps: 1, warmup: 1)
        defer { peer.stop() }
        return peer.readySeconds
      }
    }
  }

  /// Why a set cannot be read without a network; nil if it can.
  private static func absence(of name: String) -> String? {
    var options = DatasetOptions.fromEnvironment()
    options.allowsNetwork = false
    do {
      _ = try Dataset.named(name, options).test
      return nil
    } catch {
      return String("\(error)".prefix { $0 != "\n" })
    }
  }
}
