/// Why several processes cannot train together, or no longer.
public enum PeersError: Error, Equatable, CustomStringConvertible {
  /// Nobody answers at the meeting place.
  case unreachable(String, reason: String)
  /// Not all processes came in time.
  case incomplete(count: Int, reason: String)
  /// A connection broke: a process has ended, or its machine cannot be reached.
  case lost(String)
  /// A process has ended before the others, and what it said.
  case ended(rank: Int, count: Int, reason: String?)
  /// The environment names a process, but not completely.
  case environment(String)

  public var description: String {
    switch self {
    case .unreachable(let place, let reason): "\(place): cannot meet the other processes there: \(reason)"
    case .incomplete(let count, let reason): "expected \(count) processes to meet, not all came: \(reason)"
    case .lost(let reason): "lost the connection to another process: \(reason)"
    case .ended(let rank, let count, let reason):
      "process \(rank) of 0 to \(count - 1) has ended" + (reason.map { ": \($0)" } ?? "; nothing was heard of it")
    case .environment(let problem): problem
    }
  }
}
