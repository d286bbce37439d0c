import Foundation

/// What a run knows of its past, apart from tensors: a checkpoint's manifest.
public struct Progress: Codable, Equatable, Sendable {
  /// Complete rounds.
  public var step = 0
  /// The best validation bound so far, nats.
  public var bestBound: Double?
  /// Where it was reached.
  public var bestStep: Int?
  /// Validations since then.
  public var validationsSinceBest = 0
  /// The learning rate's factor by plateau.
  public var rateFactor = 1.0
  /// Validations without improvement that count towards the next fall of the rate.
  public var plateauWait = 0
  /// Training time, without validation and checkpoints.
  public var seconds = 0.0
  /// Threads of the run: convolutions differ in the last bits between counts.
  public var threads = 1
  /// The seed of the run.
  public var seed: UInt64 = 0

  /// Whether a run can have come to this; a file may claim anything.
  var isPossible: Bool {
    step >= 0 && validationsSinceBest >= 0 && plateauWait >= 0 && threads >= 1 && (bestStep ?? 0) >= 0
      && rateFactor.isFinite && rateFactor >= 0 && seconds.isFinite
  }

  /// Takes note of a validation; returns whether it is the best so far.
  mutating func record(bound: Double, plateau: PlateauDecay?) -> Bool {
    let isBest = bestBound.map { bound > $0 } ?? true
    if isBest {
      bestBound = bound
      bestStep = step
      validationsSinceBest = 0
      plateauWait = 0
    } else {
      validationsSinceBest += 1
      plateauWait += 1
    }
    if let plateau, plateauWait >= plateau.patience {
      rateFactor *= plateau.factor
      plateauWait = 0
    }
    return isBest
  }
}
