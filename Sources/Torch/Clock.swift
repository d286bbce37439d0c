/// How far a training run has come: what schedules and warm-ups are asked with.
public struct Clock: Sendable, Equatable {
  /// Complete rounds.
  public var step: Int
  /// Rounds in an epoch.
  public var stepsPerEpoch: Int

  /// Rounds of the whole run; nil where nobody knows.
  public var length: Int?

  /// - Parameters:
  ///   - stepsPerEpoch: at least 1; a run without data has epochs of one step.
  ///   - length: rounds of the whole run, where it is known.
  public init(step: Int = 0, stepsPerEpoch: Int = 1, length: Int? = nil) {
    precondition(stepsPerEpoch >= 1, "Clock: expected at least 1 step in an epoch, got \(stepsPerEpoch)")
    self.step = step
    self.stepsPerEpoch = stepsPerEpoch
    self.length = length
  }

  /// Complete epochs, with fractions.
  public var epoch: Double { Double(step) / Double(stepsPerEpoch) }

  /// The part of the run that is over, from 0 to 1; 0 for a run whose length nobody knows.
  public var progress: Double { length.map { min(1, Double(step) / Double(max(1, $0))) } ?? 0 }
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
