/// Why a run cannot start or had to stop.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// A number that is no number: whose, where, in which round.
  case nonFinite(player: String, quantity: String, step: Int)
  /// The bound on the validation set is no number.
  case nonFiniteBound(step: Int)
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
    case .nonFiniteBound(let step):
      "step \(step): the validation bound is not finite; no checkpoint holds it"
    case .locked(let path): "\(path): another process is training in this run directory"
    case .exists(let path):
      "\(path): the directory holds a run already; continue it with 'helmholtz resume' or name another one"
    case .missing(let path, let what): "\(path): \(what)"
    case .mismatch(let path, let expected, let found): "\(path): expected \(expected), found \(found)"
    }
  }
}
