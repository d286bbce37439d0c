import Torch

/// Why a run cannot start or had to stop.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// A number that is not finite: whose, where, in which round.
  case nonFinite(player: String, quantity: String, step: Int)
  /// An operation that libtorch could not do, in which round, and whether there are checkpoints.
  case failed(TensorError, step: Int, isKept: Bool)
  /// The score on the validation set is not finite.
  case nonFiniteScore(String, step: Int)
  /// What goes by a validation score, in a run that has none.
  case noScore(String)
  /// The players of a game do not share out its parameters.
  case players(String)
  /// A game reads a feed that it was not given.
  case missingFeed(String, has: [String])
  /// A batch that several processes cannot share in equal parts.
  case indivisible(Int, processes: Int, feed: String)
  /// Somebody else trains in this directory.
  case locked(String)
  /// There is a run already.
  case exists(String)
  /// There is no run, or no such checkpoint.
  case missing(String, String)
  /// A checkpoint that belongs to something else.
  case mismatch(String, expected: String, found: String)

  public var description: String {
    switch self {
    case .nonFinite(let player, let quantity, let step):
      "step \(step): player '\(player)': \(quantity) is not finite; no checkpoint holds it"
    case .failed(let error, let step, let isKept):
      "step \(step): \(error); " + (error.isOutOfMemory ? "smaller batches or networks need less; " : "")
        + (isKept ? "the last checkpoint stays" : "there is no checkpoint yet")
    case .nonFiniteScore(let key, let step):
      "step \(step): the validation score '\(key)' is not finite; no checkpoint holds it"
    case .noScore(let what): "\(what) goes by a score on validation examples; this run has none"
    case .players(let problem): "the game's players: \(problem)"
    case .missingFeed(let feed, let others):
      "the game reads the feed '\(feed)'; there is \(others.isEmpty ? "none" : others.joined(separator: ", "))"
    case .indivisible(let count, let processes, let feed):
      "expected batches that \(processes) processes can share in equal parts, got \(count) examples of the feed '\(feed)'"
    case .locked(let path): "\(path): another process is training in this run directory"
    case .exists(let path):
      "\(path): the directory holds a run already; continue it with 'helmholtz resume' or name another one"
    case .missing(let path, let what): "\(path): \(what)"
    case .mismatch(let path, let expected, let found): "\(path): expected \(expected), found \(found)"
    }
  }
}
