import Configuration
import Generative
import Torch

/// What makes a critic's task harder, so that it does not run ahead of the other side.
public struct HandicapSettings: Settings {
  public var smoothing = 0.0
  public var instanceNoise = 0.0
  public var noiseEpochs: Int?

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field(
        "smoothing", "how much a real example counts as generated, one-sided label smoothing", \.smoothing,
        .number(.halfOpen(0, 1))),
      Field("instanceNoise", "deviation of noise on all that it sees", \.instanceNoise, .number(.atLeast(0))),
      Field(
        "noiseEpochs", "epochs over which the noise falls to 0; null keeps it", \.noiseEpochs,
        .optional(.integer(1...1_000_000)), unless: { $0.instanceNoise > 0 ? nil : "there is no instance noise" }),
    ]
  }

  /// The deviation of the noise over the run.
  var noise: Schedule {
    noiseEpochs.map { .linear(start: instanceNoise, end: 0, until: .epochs($0)) } ?? .constant(instanceNoise)
  }

  /// Refuses labels that are smoothed under an objective that has none.
  func validate(_ objective: AdversarialObjective) throws(SettingsError) {
    let able: [AdversarialObjective] = [.jensenShannon, .nonSaturating, .minimax, .leastSquares]
    guard smoothing == 0 || able.contains(objective) else {
      throw SettingsError(
        path: "adversary.smoothing",
        "labels are smoothed under \(able.map(\.rawValue).joined(separator: ", ")), got \(objective.rawValue)")
    }
  }
}

extension CriticSettings {
  /// How a game against this critic is played, as far as that is the critic's own.
  func rules(_ handicap: HandicapSettings) -> GANRules {
    var rules = GANRules()
    (rules.objective, rules.penalty) = (objective, criticPenalty)
    (rules.criticSteps, rules.pretrainSteps) = (steps, pretrainSteps)
    (rules.smoothing, rules.instanceNoise) = (handicap.smoothing, handicap.noise)
    return rules
  }
}
