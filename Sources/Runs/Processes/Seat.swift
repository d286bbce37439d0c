import Foundation
import Torch

/// A process's place among those that train one run together.
///
/// Launchers tell it by the environment: `torchrun` by RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, Slurm's `srun` by
/// SLURM_PROCID, SLURM_STEP_NUM_TASKS and the nodes' names, Open MPI's `mpirun` by OMPI_COMM_WORLD_RANK and
/// OMPI_COMM_WORLD_SIZE. MASTER_ADDR and MASTER_PORT say where the processes meet under each of them.
public struct Seat: Equatable, Sendable {
  /// Which process this is, from 0.
  public let rank: Int
  /// How many there are.
  public let count: Int
  /// How many of them run on this machine.
  public let localCount: Int
  /// The machine where they meet, that of process 0.
  public let host: String
  /// The port there; 0 for any free one, where the process is its own launcher.
  public let port: Int
  /// Whether the meeting place lives in this process; `torchrun` has one of its own.
  public let isHost: Bool
  /// What keeps a launcher's attempts apart that meet at one place.
  public let attempt: String

  init(
    rank: Int, count: Int, localCount: Int? = nil, host: String = "127.0.0.1", port: Int, isHost: Bool? = nil,
    attempt: String = "0"
  ) {
    (self.rank, self.count, self.host, self.port, self.attempt) = (rank, count, host, port, attempt)
    self.localCount = localCount ?? count
    self.isHost = isHost ?? (rank == 0)
  }

  /// The seat that a launcher has given this process; nil where there is none, or no other process.
  ///
  /// - Throws: `PeersError.environment` for one that cannot be.
  public static func fromEnvironment(_ environment: [String: String] = ProcessInfo.processInfo.environment)
    throws(PeersError) -> Seat?
  {
    let reader = Reader(environment: environment)
    var found = try reader.torchrun()
    if found == nil { found = try reader.slurm() }
    if found == nil { found = try reader.openMPI() }
    guard let seat = found else { return nil }
    guard (0..<seat.count).contains(seat.rank) else {
      throw .environment("expected a process number from 0 to \(seat.count - 1) in the environment, got \(seat.rank)")
    }
    return seat.count > 1 ? seat : nil
  }

  /// The variables that a process on this machine is given this seat by.
  var environment: [String: String] {
    [
      "RANK": "\(rank)", "LOCAL_RANK": "\(rank)", "WORLD_SIZE": "\(count)", "LOCAL_WORLD_SIZE": "\(localCount)",
      "MASTER_ADDR": host, "MASTER_PORT": "\(port)",
    ]
  }
}

/// What launchers leave in the environment.
private struct Reader {
  let environment: [String: String]

  private func number(_ key: String) throws(PeersError) -> Int? {
    guard let text = environment[key] else { return nil }
    guard let number = Int(text), number >= 0 else {
      throw .environment("the environment's \(key): expected a number from 0 up, got '\(text)'")
    }
    return number
  }

  private func port() throws(PeersError) -> Int? {
    guard let port = try number("MASTER_PORT") else { return nil }
    guard (1...65535).contains(port) else {
      throw .environment("the environment's MASTER_PORT: expected a port from 1 to 65535, got \(port)")
    }
    return port
  }

  func torchrun() throws(PeersError) -> Seat? {
    guard let rank = try number("RANK"), let count = try number("WORLD_SIZE") else { return nil }
    guard let host = environment["MASTER_ADDR"], let port = try port() else {
      if count == 1 { return nil }
      throw .environment(
        "the environment has RANK and WORLD_SIZE, but not MASTER_ADDR and MASTER_PORT, where the processes meet")
    }
    let hasPlace = environment["TORCHELASTIC_USE_AGENT_STORE"] == "True"
    return Seat(
      rank: rank, count: count, localCount: try number("LOCAL_WORLD_SIZE"), host: host, port: port,
      isHost: rank == 0 && !hasPlace, attempt: environment["TORCHELASTIC_RESTART_COUNT"] ?? "0")
  }

  /// A script that `sbatch` runs is no step of the job: it is one process, whatever the job may start.
  func slurm() throws(PeersError) -> Seat? {
    let isStep = environment["SLURM_STEP_ID"] != nil || environment["MASTER_ADDR"] != nil
    var tasks = try number("SLURM_STEP_NUM_TASKS")
    if tasks == nil { tasks = try number("SLURM_NTASKS") }
    guard isStep, let rank = try number("SLURM_PROCID"), let count = tasks else { return nil }
    guard let host = environment["MASTER_ADDR"] ?? environment["SLURM_STEP_NODELIST"].flatMap(Self.first) else {
      throw .environment("the environment has SLURM_PROCID, but neither MASTER_ADDR nor SLURM_STEP_NODELIST")
    }
    let local = environment["SLURM_STEP_TASKS_PER_NODE"].flatMap { Int($0.prefix { $0.isNumber }) }
    let job = try number("SLURM_JOB_ID") ?? 0
    return Seat(
      rank: rank, count: count, localCount: local, host: host, port: try port() ?? Self.firstPort + job % Self.ports,
      attempt: environment["SLURM_STEP_ID"] ?? "0")
  }

  func openMPI() throws(PeersError) -> Seat? {
    guard let rank = try number("OMPI_COMM_WORLD_RANK"), let count = try number("OMPI_COMM_WORLD_SIZE") else {
      return nil
    }
    let local = try number("OMPI_COMM_WORLD_LOCAL_SIZE")
    guard let host = environment["MASTER_ADDR"] ?? (local == count ? "127.0.0.1" : nil) else {
      throw .environment("the processes of mpirun run on several machines: set MASTER_ADDR to that of process 0")
    }
    return Seat(rank: rank, count: count, localCount: local, host: host, port: try port() ?? Self.firstPort)
  }

  /// Where processes meet that were not told a port.
  private static let firstPort = 29500
  /// Jobs on one machine meet at different ones.
  private static let ports = 2000

  /// The first name of a list such as `node[03-05,9],other`.
  private static func first(of list: String) -> String? {
    let head = list.prefix { $0 != "[" && $0 != "," }
    guard list.dropFirst(head.count).first == "[" else { return head.isEmpty ? nil : String(head) }
    return String(head + list.dropFirst(head.count + 1).prefix { $0.isNumber })
  }
}
