import Configuration
import Evaluation
import Generative
import Networks
import Probability
import Torch

/// Codes of sigmoid units.
public struct SigmoidCodeSettings: Settings {
  public var dimensions = 16
  public var batchNorm = true

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field("dimensions", "units of a code", \.dimensions, .integer(1...65_536)),
      Field(
        "batchNorm", "batch norm in front of the sigmoid, so that no unit stays at 0 or 1", \.batchNorm, .flag),
    ]
  }
}

/// Predictability minimization: an `Autoencoder` with codes of sigmoid units under a `PredictabilityRegularizer`.
public struct PredictabilityDesign: Design {
  public var moves = Moves.simultaneous
  public var encoder = EncoderSettings()
  public var decoder = DecoderSettings()
  public var latent = SigmoidCodeSettings()
  public var likelihood = LikelihoodSettings()
  public var regularizer = WarmupSettings()
  public var adversary = PredictorSettings()

  /// The defaults, changed.
  public init(_ change: (inout Self) -> Void = { _ in }) { change(&self) }

  public static var fields: [Field<Self>] {
    [
      Field("moves", "whether autoencoder and predictors move in turn or at once", \.moves, .choice),
      Field("encoder", "The network of the code, in front of its sigmoid units.", \.encoder),
      Field("decoder", "The network of p(x|z).", \.decoder),
      Field("latent", "The code: sigmoid units, whose prior is fair bits.", \.latent),
      Field("likelihood", "The distribution p(x|z) of an example given its code.", \.likelihood),
      Field("regularizer", "The factor on the prediction error beside log p(x|z).", \.regularizer),
      Field("adversary", "The predictors of each unit from the others, and their optimizer.", \.adversary),
    ]
  }

  public func pixels(_ shape: [Int]) -> PixelWish { likelihood.pixels }

  public var headline: [Metric] { [] }

  public var adversarySide: SideSettings? { adversary.side }

  public func needOfPairs(_ facts: Facts) -> String? {
    latent.batchNorm || encoder.normalizesSingleValues(facts.shape) || decoder.normalizesSingleValues(facts.shape)
      ? NetworkLimits.needOfNorm : nil
  }

  public func validate() throws(SettingsError) { try adversary.validate(dimension: latent.dimensions) }

  public func validate(_ facts: Facts) throws(SettingsError) {
    try likelihood.validate(decoder.network, facts.shape)
    try encoder.validate("encoder", shape: facts.shape, outputs: latent.dimensions)
    try decoder.validate(
      "decoder", shape: facts.shape, code: latent.dimensions, factor: likelihood.networkFamily?.outputsPerDimension ?? 1
    )
  }

  public func make(_ facts: Facts, using rng: RandomSource) -> any SystemModel {
    let (shape, dimension) = (facts.shape, latent.dimensions)
    return Autoencoder(
      qz: SigmoidCodes(
        encoder.make(of: shape, using: rng), dimension: dimension, isNormalized: latent.batchNorm, using: rng),
      px: likelihood.make(decoder, code: dimension, shape: shape, using: rng), pz: BernoulliPrior(dimension),
      regularizer: adversary.regularizer(dimension: dimension, using: rng),
      weight: regularizer.schedule(dimensions: shape.reduce(1, *)), moves: moves,
      pretrainSteps: adversary.pretrainSteps)
  }
}
