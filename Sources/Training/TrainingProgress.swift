import Datasets
import Foundation
import Generative

/// What a run knows of its past, apart from tensors: a checkpoint's manifest.
public struct TrainingProgress: Codable, Equatable, Sendable {
  /// Complete rounds.
  public var step = 0
  /// Rounds in an epoch of this run.
  public var stepsPerEpoch = 1
  /// Batches that have been read of each feed, by its name.
  public var places: [String: Int] = [:]
  /// The best validation score so far.
  public var bestScore: Double?
  /// Where it was reached.
  public var bestStep: Int?
  /// Validations since then.
  public var validationsSinceBest = 0
  /// The learning rate's factor by plateau, by side.
  public var rateFactors: [String: Double] = [:]
  /// Validations without improvement that count towards the next fall of the rate, by side.
  public var plateauWaits: [String: Int] = [:]
  /// Training time, without validation and checkpoints.
  public var seconds = 0.0
  /// Threads of the run: convolutions differ in the last bits between counts.
  public var threads = 1
  /// Processes that the run was trained by together; nil for one.
  public var processes: Int?
  /// The seed of the run.
  public var seed: UInt64 = 0

  /// A run that has not begun.
  public init() {}

  /// Beyond any count of steps, and small enough to be counted on from.
  private static let largestCount = 1 << 53

  /// Whether a run can have come to this; a file may claim anything.
  var isPossible: Bool {
    let counts = [step, validationsSinceBest, bestStep ?? 0] + places.values + plateauWaits.values
    return stepsPerEpoch >= 1 && threads >= 1 && processes ?? 1 >= 1
      && counts.allSatisfy { (0...Self.largestCount).contains($0) }
      && rateFactors.values.allSatisfy { $0.isFinite && $0 >= 0 } && seconds.isFinite
  }

  /// The factor that plateaus have made of a side's learning rate.
  func rateFactor(_ side: Player.Side) -> Double { rateFactors[side.rawValue] ?? 1 }

  /// Takes note of a validation; returns whether it is the best so far.
  mutating func record(_ score: Double, rises: Bool, plateaus: [Player.Side: PlateauDecay] = [:]) -> Bool {
    let isBest = bestScore.map { rises ? score > $0 : score < $0 } ?? true
    if isBest {
      bestScore = score
      bestStep = step
      validationsSinceBest = 0
    } else {
      validationsSinceBest += 1
    }
    for (side, plateau) in plateaus {
      let wait = isBest ? 0 : plateauWaits[side.rawValue, default: 0] + 1
      let isOver = wait >= plateau.patience
      plateauWaits[side.rawValue] = isOver ? 0 : wait
      if isOver { rateFactors[side.rawValue] = rateFactor(side) * plateau.factor }
    }
    return isBest
  }
}
