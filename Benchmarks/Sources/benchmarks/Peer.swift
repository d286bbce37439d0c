import Foundation

/// A script of `Benchmarks/peers` as a child process: it warms up, says that it is ready, and runs a round on `go`.
final class Peer {
  let name: String
  /// Seconds from its start to its first words.
  private(set) var readySeconds = 0.0
  private let process = Process()
  private let input = Pipe()
  private var output: LineReader
  private var errors: FileHandle?

  /// glibc reads these before `main`: they keep freed pages in the process, as `Runtime.tuneAllocator` does for ours.
  static let tunedMalloc = [
    "MALLOC_MMAP_THRESHOLD_": "1073741824", "MALLOC_TRIM_THRESHOLD_": "2000000000",
    "MALLOC_TOP_PAD_": "268435456",
  ]

  /// Starts the script and waits until it is ready.
  init(_ name: String, python: String, arguments: [String], environment: [String: String]) throws {
    self.name = name
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = input
    process.standardOutput = pipe
    output = LineReader(pipe.fileHandleForReading)
    let started = ContinuousClock.now
    try start()
    readySeconds = (ContinuousClock.now - started).milliseconds / 1e3
  }

  /// Its words on standard error go to a file without a name, from which a failure is told.
  private func start() throws {
    try withTemporaryDirectory { directory in
      let file = URL(fileURLWithPath: directory + "/errors")
      try Data().write(to: file)
      process.standardError = try FileHandle(forWritingTo: file)
      errors = try FileHandle(forReadingFrom: file)
    }
    try process.run()
    guard let line = output.next(), line.contains("\"ready\"") else { throw try failure() }
  }

  /// Why it ended: its last words, or its status where it had none.
  private func failure() throws -> PeerError {
    stop()
    let words = String(decoding: try errors?.readToEnd() ?? Data(), as: UTF8.self)
    let status =
      "it ended with \(process.terminationReason == .exit ? "status" : "signal") "
      + "\(process.terminationStatus)"
    return PeerError("\(name): \(words.split(separator: "\n").last.map(String.init) ?? status)")
  }

  deinit { stop() }

  /// One round; milliseconds per step or batch.
  func round() throws -> Double { try answer(to: "go", ["ms_per_step", "ms_per_batch"]) }

  /// What a step needs beyond the process at rest, in megabytes, of a script that knows how to come to rest.
  func stepMegabytes() throws -> Double { try answer(to: "memory", ["step_megabytes"]) }

  /// The first of these fields in the line that it says to `word`.
  private func answer(to word: String, _ keys: [String]) throws -> Double {
    guard process.isRunning else { throw try failure() }
    try input.fileHandleForWriting.write(contentsOf: Data((word + "\n").utf8))
    guard let line = output.next(),
      let fields = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
      let value = keys.compactMap({ fields[$0] }).first as? Double
    else { throw try failure() }
    return value
  }

  /// Ends the process and waits for it.
  func stop() {
    guard process.isRunning else { return }
    // The end of its input is the end of a peer.
    input.fileHandleForWriting.closeFile()
    process.waitUntilExit()
  }
}

/// A peer that cannot run.
struct PeerError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Lines of a pipe, as they come.
struct LineReader {
  private let handle: FileHandle
  private var rest = Data()

  init(_ handle: FileHandle) { self.handle = handle }

  /// The next line without its end; nil at the end of the stream.
  mutating func next() -> String? {
    while true {
      if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: rest[..<end], as: UTF8.self)
        rest = Data(rest[rest.index(after: end)...])
        return line
      }
      let more = handle.availableData
      if more.isEmpty { return nil }
      rest += more
    }
  }
}
