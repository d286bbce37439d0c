import Datasets
import Foundation
import Torch
import Training

/// The processes that train a run together, as one of them sees it: who they are, and whether all still live.
///
/// Process 0 makes or opens the run and writes its files. The others are told the directory, read settings, data and
/// checkpoint there, and compute. So all need the same file system.
public final class Crew {
  /// The others and this one.
  public let peers: Peers
  private let watch: PeerWatch
  private let children: [Process]

  private init(_ peers: Peers, _ watch: PeerWatch, _ children: [Process]) {
    (self.peers, self.watch, self.children) = (peers, watch, children)
  }

  /// The key that the run's directory is told under.
  private static func directoryKey(_ seat: Seat) -> String { "helmholtz/\(seat.attempt)/directory" }

  /// Gathers the others around a run that has begun, as process 0.
  ///
  /// - Parameters:
  ///   - seat: what a launcher gave this process; nil starts `processes - 1` others on this machine, with the arguments of
  ///     this one.
  public static func lead(_ run: Run, seat: Seat?, processes: Int) throws -> Crew {
    guard let directory = run.directory else { preconditionFailure("Crew: expected a run in a directory") }
    let seat = seat ?? Seat(rank: 0, count: processes, port: 0)
    try run.settings.refuseProcesses(seat.count)
    let store = try PeerStore(host: seat.host, port: seat.port, isServer: seat.isHost)
    try store.set(directoryKey(seat), absolutePath(directory.path))
    let isLauncher = seat.port == 0
    let children = try isLauncher ? (1..<seat.count).map { try launch(seat, rank: $0, port: store.port) } : []
    do { return try join(run, seat, store, children) } catch {
      for child in children { child.terminate() }
      throw error
    }
  }

  /// Joins process 0, and opens the run that it tells of.
  public static func follow(_ seat: Seat, place: DatasetOptions) throws -> (crew: Crew, run: Run) {
    let store = try PeerStore(host: seat.host, port: seat.port, isServer: false)
    try store.wait(for: directoryKey(seat), seconds: patience)
    guard let path = try store.note(directoryKey(seat)) else {
      preconditionFailure("Crew: expected the note that was waited for")
    }
    let run = try Run.follow(RunDirectory(path), place: place)
    return (try join(run, seat, store, []), run)
  }

  /// How long the others may take to read their data, in seconds.
  private static let patience = 1800.0

  private static func join(_ run: Run, _ seat: Seat, _ store: PeerStore, _ children: [Process]) throws -> Crew {
    if run.settings.training.threads == 0 {
      let cores = ProcessInfo.processInfo.activeProcessorCount
      Runtime.threads = max(1, cores / max(1, seat.localCount))
    }
    let prefix = "helmholtz/\(seat.attempt)"
    let peers = try Peers(
      store, rank: seat.rank, count: seat.count, name: prefix, address: PeerStore.localAddress(towards: seat.host),
      sharesNorms: run.settings.training.syncNorms)
    let own = try PeerStore(host: seat.host, port: store.port, isServer: false, seconds: PeerWatch.silence)
    return Crew(peers, PeerWatch(own, rank: seat.rank, count: seat.count, prefix: prefix), children)
  }

  private static func launch(_ seat: Seat, rank: Int, port: Int) throws -> Process {
    let process = Process()
    process.executableURL = Bundle.main.executableURL
    process.arguments = Array(CommandLine.arguments.dropFirst())
    let own = Seat(rank: rank, count: seat.count, localCount: seat.count, host: seat.host, port: port, isHost: false)
    process.environment = ProcessInfo.processInfo.environment.merging(own.environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    // What it has to say, this process says.
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// Runs `body`, in which all processes do the same.
  ///
  /// - Throws: what `body` throws; where that is because another process has ended, `PeersError.ended` with its number.
  public func work<Result>(_ body: (Peers) throws -> Result) throws -> Result {
    do {
      let result = try body(peers)
      // Nobody leaves while another may still ask for it.
      _ = try peers.any(false)
      watch.finish()
      for child in children { child.waitUntilExit() }
      return result
    } catch {
      defer { for child in children where child.isRunning { child.terminate() } }
      if Self.isLoss(error), let found = watch.verdict() { throw found }
      watch.say("\(error)")
      throw error
    }
  }

  /// Whether an error may be another process's end.
  private static func isLoss(_ error: any Error) -> Bool {
    if case PeersError.lost = error { return true }
    return "\(error)".contains("gloo")
  }
}
