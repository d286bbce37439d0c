/// Who of a game moves when.
public enum Moves: String, Sendable, CaseIterable {
  /// One after the other, each against what the other has become. Goodfellow et al. 2014, Algorithm 1.
  case alternating
  /// Both at once, on one pass through the critic.
  case simultaneous
}
