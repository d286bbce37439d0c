import ArgumentParser
import Foundation
import Watch

/// `helmholtz watch RUNS`
struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Show runs on a live page in the browser.",
    discussion: """
      Examples:

        helmholtz watch runs
        helmholtz watch reproductions --port 9000
        helmholtz watch runs --host 0.0.0.0 --token "$(openssl rand -hex 16)"

      The page lists every run below the directory, as it goes on: state, curves, samples, settings and warnings, and up \
      to six runs in the same charts. It only reads. Only this machine can open it, unless --host says otherwise; then \
      every request has to bring the token. Ctrl-C ends it.
      """)

  @Argument(help: ArgumentHelp("A run, or a directory that has runs at any depth.", valueName: "runs"))
  var directory: String
  @Option(help: "Port; 0 takes a free one.") var port = 8080
  @Option(help: "Address to listen on; other machines reach 0.0.0.0. Needs --token.") var host = "127.0.0.1"
  @Option(help: "Secret of at least 16 characters that every request must bring.") var token: String?

  /// A shorter secret can be guessed.
  private static let leastToken = 16

  func validate() throws {
    guard (0...65_535).contains(port) else { throw ValidationError("--port: expected 0 to 65535, got \(port)") }
    if let token, token.count < Self.leastToken {
      throw ValidationError("--token: expected at least \(Self.leastToken) characters, got \(token.count)")
    }
  }

  func run() throws {
    let root = try RunRoot(directory)
    let address = try WatchAddress(host: host, port: port)
    guard address.isLoopback || token != nil else {
      throw ValidationError("--host \(host) needs --token: others than this machine could read the runs")
    }
    let server = try WatchServer(root, at: address, token: token)
    let signals = Signals()
    let page = try waiting { try await server.start() }
    FileHandle.standardOutput.write(Data("\(page)  (Ctrl-C ends it)\n".utf8))
    while signals.received == nil { usleep(Self.pause) }
    try waiting { await server.stop() }
  }

  /// Microseconds between two looks for a signal.
  private static let pause = UInt32(100_000)
}

/// Waits on a thread of its own for what is asynchronous.
private func waiting<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
  let ended = DispatchSemaphore(value: 0)
  // Written before the signal and read behind it.
  nonisolated(unsafe) var result: Result<Value, any Error>?
  Task {
    do { result = .success(try await body()) } catch { result = .failure(error) }
    ended.signal()
  }
  ended.wait()
  guard let result else { preconditionFailure("waiting: expected a result behind the signal") }
  return try result.get()
}
