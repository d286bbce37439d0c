import Foundation

/// Starts the peers of a benchmark, if peers are wanted.
struct PeerTeam {
  /// The Python that has them; nil: none are wanted.
  let python: String?
  let plan: Plan

  /// One peer to start.
  struct Entry {
    let name: String
    let script: String
    var arguments: [String] = []
    var tunedMalloc = false
  }

  private static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("peers")

  /// Starts every entry, one after the other, and tells which could not and why.
  func start(_ entries: [Entry], steps: Int, warmup: Int = Plan.warmup) -> (
    peers: [Peer], notes: [String]
  ) {
    var peers: [Peer] = []
    var notes: [String] = []
    for entry in entries where python != nil {
      do {
        peers.append(try start(entry, steps: steps, warmup: warmup))
      } catch {
        notes.append("not measured: \(error)")
      }
    }
    return (peers, notes)
  }

  /// Starts one peer and waits until it has warmed up.
  func start(_ entry: Entry, steps: Int, warmup: Int) throws -> Peer {
    let shared = ["--steps", "\(steps)", "--warmup", "\(warmup)", "--threads", "\(plan.threads)"]
    return try Peer(
      entry.name, python: python ?? "python3",
      arguments: [Self.directory.appendingPathComponent(entry.script).path] + entry.arguments
        + shared
        + (entry.tunedMalloc ? ["--malloc", "tuned"] : []),
      environment: entry.tunedMalloc ? Peer.tunedMalloc : [:])
  }
}

extension Peer {
  /// This peer in a race.
  func lane(flops: Double? = nil) -> Race.Lane {
    Race.Lane(name: name, kind: .peer, flops: flops, round: round)
  }
}
