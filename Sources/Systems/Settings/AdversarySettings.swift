import Configuration
import Generative
import Networks
import Probability
import Torch

/// Penalties on a critic's gradient.
public enum PenaltyKind: String, Sendable, CaseIterable {
  case none
  /// (|grad V| - 1)^2 between draws of both sides.
  case gradient
  /// |grad V|^2 at draws of the prior or the data.
  case r1
}

/// What all critics have: the game they play, what keeps them in bounds, and an optimizer.
public struct CriticSettings: Settings {
  public var objective = AdversarialObjective.jensenShannon
  public var penalty: PenaltyKind?
  public var penaltyWeight = 10.0
  public var steps = 1
  public var pretrainSteps = 0
  public var side = SideSettings()

  public init() {}

  public static var fields: [Field<Self>] {
    gameFields + SideSettings.fields.map { $0.lifted(to: \.side) }
  }

  /// All but the optimizer.
  static var gameFields: [Field<Self>] {
    [
      Field("objective", "its loss and that of the other side", \.objective, .choice),
      Field(
        "penalty", "penalty on its gradient; null is gradient for wasserstein, none otherwise", \.penalty,
        .optional(.choice)),
      Field(
        "penaltyWeight", "weight of the penalty", \.penaltyWeight, .number(.atLeast(0)),
        unless: { $0.penaltyKind == .none ? "there is no penalty" : nil }),
      Field("steps", "its steps for each step of the other side", \.steps, .integer(1...1000)),
      Field(
        "pretrainSteps", "rounds at first in which it alone moves", \.pretrainSteps,
        .integer(0...SettingType<Int>.largestInteger)),
    ]
  }

  private var penaltyKind: PenaltyKind { penalty ?? (objective == .wasserstein ? .gradient : .none) }

  /// The penalty as the game wants it.
  var criticPenalty: CriticPenalty {
    switch penaltyKind {
    case .none: .none
    case .gradient: .unitGradient(weight: penaltyWeight)
    case .r1: .r1(weight: penaltyWeight)
    }
  }
}
