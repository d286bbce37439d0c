/// How far a training run has come: what schedules and warm-ups are asked with.
public struct Clock: Sendable, Equatable {
  /// Complete rounds.
  public var step: Int
  /// Rounds in an epoch.
  public var stepsPerEpoch: Int

  /// - Parameter stepsPerEpoch: at least 1; a run without data has epochs of one step.
  public init(step: Int = 0, stepsPerEpoch: Int = 1) {
    precondition(stepsPerEpoch >= 1, "Clock: expected at least 1 step in an epoch, got \(stepsPerEpoch)")
    self.step = step
    self.stepsPerEpoch = stepsPerEpoch
  }

  /// Complete epochs, with fractions.
  public var epoch: Double { Double(step) / Double(stepsPerEpoch) }
}

/// A length of training, counted in rounds or in passes over the training set.
public enum Span: Sendable, Equatable {
  /// Rounds of the game.
  case steps(Int)
  /// Passes over the training set.
  case epochs(Int)

  /// The length in rounds.
  public func steps(_ clock: Clock) -> Int {
    switch self {
    case .steps(let count): count
    case .epochs(let count): count * clock.stepsPerEpoch
    }
  }
}
