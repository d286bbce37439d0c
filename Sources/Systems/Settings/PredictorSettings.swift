import Configuration
import Generative
import Networks
import Probability
import Torch

/// The networks that predict each unit of a code from the others, and their optimizer.
public struct PredictorSettings: Settings {
  public var hidden = [64]
  public var steps = 1
  public var pretrainSteps = 0
  public var side = SideSettings()

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field(
        "hidden", "widths of the layers of each; [] is linear", \.hidden, NetworkLimits.widths(atLeast: 0)),
      Field("steps", "their steps for each step of the autoencoder", \.steps, .integer(1...1000)),
      Field(
        "pretrainSteps", "rounds at first in which they alone move", \.pretrainSteps,
        .integer(0...SettingType<Int>.largestInteger)),
    ] + SideSettings.fields.map { $0.lifted(to: \.side) }
  }

  /// The regularizer of codes of a length.
  func regularizer<Posterior: PathwiseSampler, Prior: CodePrior>(
    dimension: Int, using rng: RandomSource
  ) -> PredictabilityRegularizer<Posterior, Prior> {
    PredictabilityRegularizer(UnitPredictors(dimension, hidden: hidden, using: rng), steps: steps)
  }

  /// Refuses codes of a length that they cannot predict, and networks that are too large.
  func validate(dimension: Int) throws(SettingsError) {
    guard dimension >= 2 else {
      throw SettingsError(
        path: "latent.dimensions", "expected at least 2, as each unit is predicted from the others, got \(dimension)")
    }
    try NetworkLimits.check(
      "adversary", kind: "", isMLP: true,
      weights: Double(dimension) * NetworkLimits.dense([dimension - 1] + hidden + [1]), shape: [dimension])
  }
}
