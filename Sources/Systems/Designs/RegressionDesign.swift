import Configuration
import Evaluation
import Generative
import Torch

/// A regression of examples on the codes of another run, which stand beside them.
public struct RegressionDesign: Design {
  public var loss = RegressionLossKind.squared
  public var start = RegressionStart.encoder
  public var latent = CodeSettings()
  public var decoder = DecoderSettings()
  public var likelihood = LikelihoodSettings()

  /// The defaults, changed.
  public init(_ change: (inout Self) -> Void = { _ in }) {
    likelihood.family = .gaussian
    change(&self)
  }

  public static var fields: [Field<Self>] {
    [
      Field("loss", "half the squared error, or the absolute error", \.loss, .choice),
      Field(
        "start", "where it starts: at the weights of the decoder in the run of data.codes, or fresh", \.start, .choice),
      Field("latent", "The codes u.", \.latent),
      Field("decoder", "The network g(u).", \.decoder),
      Field("likelihood", "The family whose mean is g(u).", \.likelihood),
    ]
  }

  public func pixels(_ shape: [Int]) -> PixelWish { likelihood.pixels }
  public var headline: [Metric] { [] }
  public var learnsFromPairs: Bool { true }

  public func needOfPairs(_ facts: Facts) -> String? {
    decoder.normalizesSingleValues(facts.shape) ? NetworkLimits.needOfNorm : nil
  }

  public func validate() throws(SettingsError) {
    guard likelihood.networkFamily != nil, !decoder.network.isAutoregressive else {
      throw SettingsError(
        path: "decoder.network", "expected a network whose mean is a prediction, got \(decoder.network.rawValue)")
    }
  }

  public func validate(_ facts: Facts) throws(SettingsError) {
    try likelihood.validate(decoder.network, facts.shape)
    try decoder.validate(
      "decoder", shape: facts.shape, code: latent.dimensions, factor: likelihood.networkFamily?.outputsPerDimension ?? 1
    )
  }

  public func make(_ facts: Facts, using rng: RandomSource) -> any SystemModel {
    // A scale that is learned has no part in a mean.
    var family = likelihood
    if family.scale != .predicted { (family.scale, family.fixedScale) = (.fixed, 1) }
    return CodeRegression(
      family.make(decoder, code: latent.dimensions, shape: facts.shape, using: rng), loss: loss.loss)
  }
}
