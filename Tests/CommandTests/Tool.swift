import Datasets
import Foundation
import TestSupport
import Testing
import Torch

/// What a command left behind.
struct Finished {
  /// The exit code, or minus the signal that ended it.
  let status: Int
  let output: String
  let errors: String

  /// The lines of its output.
  var lines: [String] { output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
}

/// The built executable in a directory of its own, with a cache of its own and no data of the user's.
struct Tool {
  let directory: String

  /// Runs `body` with the tool in a fresh directory.
  static func run<Result>(_ body: (Tool) throws -> Result) throws -> Result {
    try withTemporaryDirectory { try body(Tool(directory: $0)) }
  }

  func path(_ name: String) -> String { directory + "/" + name }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name)))) }

  func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

  /// The executable beside the test bundle.
  static let executable: URL = {
    let places =
      [URL(fileURLWithPath: CommandLine.arguments[0]), Bundle.main.bundleURL]
      + Bundle.allBundles.map(\.bundleURL)
    let candidates = places.map { $0.deletingLastPathComponent().appendingPathComponent("helmholtz") }
    guard let found = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
      preconditionFailure("no executable 'helmholtz' in \(candidates.map(\.path))")
    }
    return found
  }()

  /// A command that is still running.
  final class Running: @unchecked Sendable {
    private let process = Process()
    private let ended = DispatchSemaphore(value: 0)
    private let files: [FileHandle]
    private let names: [String]

    /// Longer than any command of these tests takes on a busy machine.
    private static let limit = 300.0

    fileprivate init(
      _ executable: URL, _ arguments: [String], in directory: String, with variables: [String: String] = [:]
    ) throws {
      let id = UUID().uuidString
      names = ["out", "err"].map { directory + "/.\($0)-\(id)" }
      files = try names.map { name in
        _ = FileManager.default.createFile(atPath: name, contents: nil)
        return try FileHandle(forWritingTo: URL(fileURLWithPath: name))
      }
      process.executableURL = executable
      process.arguments = arguments
      process.currentDirectoryURL = URL(fileURLWithPath: directory)
      var environment = ProcessInfo.processInfo.environment
      environment["HELMHOLTZ_CACHE"] = directory + "/cache"
      environment["HELMHOLTZ_DATA"] = nil
      environment["OMP_NUM_THREADS"] = "1"
      environment["SWIFT_BACKTRACE"] = "enable=no"
      process.environment = environment.merging(variables) { $1 }
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = files[0]
      process.standardError = files[1]
      process.terminationHandler = { [ended] _ in ended.signal() }
      try process.run()
    }

    var identifier: Int32 { process.processIdentifier }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    var isRunning: Bool { process.isRunning }

    func wait(sourceLocation: SourceLocation = #_sourceLocation) throws -> Finished {
      if ended.wait(timeout: .now() + Self.limit) == .timedOut {
        signal(SIGKILL)
        Issue.record("the command took more than \(Self.limit) seconds", sourceLocation: sourceLocation)
        ended.wait()
      }
      for file in files { try file.close() }
      let texts = try names.map { try String(contentsOfFile: $0, encoding: .utf8) }
      for name in names { try FileManager.default.removeItem(atPath: name) }
      let code = Int(process.terminationStatus)
      return Finished(
        status: process.terminationReason == .uncaughtSignal ? -code : code, output: texts[0], errors: texts[1])
    }
  }

  /// Starts a command, with these variables in its environment.
  func start(_ arguments: [String], with variables: [String: String] = [:]) throws -> Running {
    try Running(Self.executable, arguments, in: directory, with: variables)
  }

  /// Runs a command to its end.
  func callAsFunction(_ arguments: String...) throws -> Finished { try start(arguments).wait() }
  func callAsFunction(_ arguments: [String]) throws -> Finished { try start(arguments).wait() }

  /// Runs a command that must succeed.
  @discardableResult
  func succeed(
    _ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Finished {
    let finished = try start(arguments).wait()
    #expect(
      finished.status == 0, "\(arguments.joined(separator: " ")): \(finished.errors)",
      sourceLocation: sourceLocation)
    return finished
  }

  @discardableResult
  func succeed(
    _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Finished {
    try succeed(arguments, sourceLocation: sourceLocation)
  }

  /// Runs a shell script in which `$TOOL` is the executable.
  func shell(_ script: String) throws -> Finished {
    try Running(
      URL(fileURLWithPath: "/bin/sh"), ["-c", "TOOL='\(Self.executable.path)'; " + script], in: directory
    ).wait()
  }
}

// MARK: Tiny runs

extension Tool {
  /// `points.npy`, 130 points around a ring, and what trains a model on them within a second.
  func points() throws -> [String] {
    let rng = RandomSource(seed: 4)
    let angle = rng.uniform([130]) * 6.2831853
    let x = Tensor.stacked([angle.cos(), angle.sin()], axis: 1) + rng.normal([130, 2]) * 0.1
    try x.writeNPY(to: path("points.npy"))
    return ["train", "vae", "--data", "points.npy", "--set", "likelihood.family=gaussian"] + Self.tiny
  }

  /// Writes labelled strokes and names their file: few, as all of a set are made before some are taken.
  func strokes(_ count: Int = 60) throws -> String {
    let drawn = try Strokes.examples(count: count, seed: 3)
    let size = Strokes.size
    guard case .bytes(let pixels) = drawn.storage else { preconditionFailure("strokes: expected bytes") }
    try Tensor(pixels, shape: [count, size, size]).writeNPY(to: path("strokes.npy"))
    try Tensor(drawn.labels!.map(Int64.init)).writeNPY(to: path("strokes.labels.npy"))
    return "strokes.npy"
  }

  /// `images.npy`, 70 grey images of 8 x 8, bright on one side, and what trains a convolutional model on them.
  func images() throws -> [String] {
    let rng = RandomSource(seed: 5)
    let slope = Tensor.range(8, dtype: .float32) / 8  // [8]
    let sign = (rng.uniform([70, 1, 1]) .> 0.5).to(.float32)
    let x = (slope * sign + (1 - slope) * (1 - sign) + rng.uniform([70, 8, 8]) * 0.2) * 200
    try x.to(.uint8).writeNPY(to: path("images.npy"))
    return [
      "train", "vae", "--data", "images.npy", "--set", "encoder.network=dcgan", "--set",
      "decoder.network=dcgan", "--set", "encoder.channels=[3, 4]", "--set", "decoder.channels=[4, 3]",
    ] + Self.small
  }

  private static let tiny = ["--set", "encoder.hidden=[16]", "--set", "decoder.hidden=[16]"] + small

  private static let small = [
    "--set", "latent.dimensions=2", "--set", "training.batchSize=20", "--set", "training.logEvery=5",
  ]

  /// All weights of a run's checkpoint, as bytes.
  func weights(_ run: String, _ checkpoint: String = "last") throws -> [String: [UInt8]] {
    try Safetensors(contentsOf: path(run + "/checkpoints/\(checkpoint).safetensors")).tensors
      .filter { $0.key.hasPrefix("model.") }.mapValues { $0.bytes() }
  }

  /// Everything in a run's last checkpoint that decides how it goes on.
  func state(_ run: String) throws -> [String: [UInt8]] {
    try Safetensors(contentsOf: path(run + "/checkpoints/last.safetensors")).tensors.mapValues { $0.bytes() }
  }

  /// Waits until a run's log has a line.
  func waitForLog(_ run: String, _ command: Running) {
    while command.isRunning, !exists(run + "/metrics.jsonl") || logIsEmpty(run) { usleep(5000) }
  }

  private func logIsEmpty(_ run: String) -> Bool {
    do { return try bytes(run + "/metrics.jsonl").isEmpty } catch { return true }
  }
}

extension [String] {
  /// The settings of a run, for a list of arguments.
  func setting(_ changes: String...) -> [String] { self + changes.flatMap { ["--set", $0] } }
}
