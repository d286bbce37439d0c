import Configuration
import Networks
import Torch

/// What stands behind the Gaussian of an encoder.
public enum PosteriorFamily: String, Sendable, CaseIterable {
  /// Nothing.
  case gaussian
  /// Planar layers. Rezende & Mohamed 2015.
  case planar
  /// Inverse autoregressive layers. Kingma et al. 2016.
  case iaf
}

/// The family of q(z|x).
public struct PosteriorSettings: Settings {
  public var family = PosteriorFamily.gaussian
  public var length = 8
  public var hidden = 128
  public var context = 32

  public init() {}

  public static var fields: [Field<Self>] {
    let isGaussian = { (settings: Self) in settings.family == .gaussian ? "the family is gaussian" : nil }
    let isNotIAF = { (settings: Self) in
      settings.family == .iaf ? nil : "the family is \(settings.family.rawValue)"
    }
    return [
      Field(
        "family", "its family: a Gaussian, or one whose draws go through planar or inverse autoregressive layers",
        \.family, .choice),
      Field("length", "layers behind the Gaussian", \.length, .integer(1...1000), unless: isGaussian),
      Field("hidden", "width of each layer", \.hidden, .integer(1...NetworkLimits.widest), unless: isNotIAF),
      Field(
        "context", "numbers that each layer is given of x", \.context, .integer(1...NetworkLimits.widest),
        unless: isNotIAF),
    ]
  }

  /// Numbers that the encoder gives beside the Gaussian's, for codes of a length.
  func outputs(dimension: Int) -> Int {
    switch family {
    case .gaussian: 0
    case .planar: PlanarLayers.outputs(dimension: dimension, layers: length)
    case .iaf: context
    }
  }

  /// Refuses a divergence that needs a Gaussian.
  func validate(_ divergence: Divergence) throws(SettingsError) {
    guard family == .gaussian || divergence == .monteCarloKL else {
      throw SettingsError(
        path: "regularizer.divergence",
        "posterior.family \(family.rawValue) needs monte-carlo-kl, got \(divergence.rawValue)")
    }
  }

  /// Refuses codes of a length that the family cannot have, and layers that are too large.
  func validate(dimension: Int) throws(SettingsError) {
    guard family == .iaf else { return }
    guard dimension >= 2 else {
      throw SettingsError(
        path: "latent.dimensions", "posterior.family iaf needs at least 2 dimensions, got \(dimension)")
    }
    let weights = Double(length) * Double(hidden) * Double(context + 3 * dimension)
    guard weights <= NetworkLimits.largest else {
      throw SettingsError(
        path: "posterior", "expected layers of at most \(Int(NetworkLimits.largest)) weights, got \(Int(weights))")
    }
  }

  /// Planar layers of an encoder's features.
  func planar(_ base: GaussianNetwork, using rng: RandomSource) -> FlowPosterior<PlanarLayers> {
    FlowPosterior(base, PlanarLayers(base.featureCount, dimension: base.dimension, layers: length, using: rng))
  }

  /// Inverse autoregressive layers of an encoder's features.
  func inverseAutoregressive(
    _ base: GaussianNetwork, using rng: RandomSource
  ) -> FlowPosterior<InverseAutoregressiveLayers> {
    FlowPosterior(
      base,
      InverseAutoregressiveLayers(
        base.featureCount, dimension: base.dimension, layers: length, hidden: hidden, context: context, using: rng))
  }
}
