import Configuration
import Evaluation
import Generative
import Networks
import Probability
import Torch

/// How several codes of one example make one bound.
public enum BoundKind: String, Sendable, CaseIterable {
  case mean
  case importanceWeighted = "importance-weighted"

  /// The same in the words of `Autoencoder`.
  var sampleBound: SampleBound {
    switch self {
    case .mean: .mean
    case .importanceWeighted: .importanceWeighted
    }
  }
}

/// The autoencoders: every choice is a value of the one `Autoencoder`.
public struct AutoencoderDesign: Design {
  public var samples = 1
  public var bound = BoundKind.mean
  public var moves = Moves.simultaneous
  public var encoder = EncoderSettings(takesNoise: true) {
    // A start of its deviation is a choice of a Gaussian alone.
    didSet { latent.isOfNoise = isImplicit }
  }
  public var decoder = DecoderSettings()
  public var latent = LatentSettings()
  public var points: PointSettings?
  /// Whether examples are known to be images.
  private var seesImages = false
  public var posterior = PosteriorSettings()
  public var likelihood = LikelihoodSettings()
  public var regularizer = RegularizerSettings()
  public var contrast = ContrastSettings()
  public var adversary = CodeCriticSettings()

  /// The defaults, changed.
  public init(_ change: (inout Self) -> Void = { _ in }) { change(&self) }

  public static var fields: [Field<Self>] {
    [
      Field("samples", "codes drawn per example and step, k", \.samples, .integer(1...100_000)),
      Field("bound", "how one bound is made of several codes", \.bound, .choice),
      Field(
        "moves", "whether autoencoder and critic move in turn or at once", \.moves, .choice,
        unless: { $0.withoutCritic }),
      Field("encoder", "The network of q(z|x).", \.encoder),
      Field("decoder", "The network of p(x|z).", \.decoder),
      Field("latent", "The codes z of p(z) = N(0, I).", \.latent),
      Field(
        "points", "Instead of networks of images, where examples are points.", \.points, initial: PointSettings(),
        unless: {
          if $0.seesImages { return "examples are images" }
          return $0.isMLP && !$0.latent.isOfPoints ? "both networks are mlp" : nil
        }),
      Field(
        "posterior", "The family of q(z|x).", \.posterior,
        unless: { $0.isImplicit ? "encoder.noise is \($0.encoder.noise.noise.rawValue)" : nil }),
      Field("likelihood", "The distribution p(x|z) of an example given its code.", \.likelihood),
      Field("regularizer", "What keeps the codes near the prior.", \.regularizer),
      Field(
        "contrast", "The moments of an adaptive contrast.", \.contrast,
        unless: {
          if !$0.regularizer.isAdaptive { return "there is no adaptive contrast" }
          return $0.encoder.noise.noise == .basis ? "a basis of noises tells its moments" : nil
        }),
      Field(
        "adversary", "The critic of an adversarial divergence, and its optimizer.", \.adversary,
        unless: { $0.withoutCritic }),
    ]
  }

  /// Why there is no critic; nil where there is one.
  private var withoutCritic: String? {
    regularizer.isAdversarial ? nil : "regularizer.divergence is \(regularizer.divergence.rawValue)"
  }

  /// Whether q(z|x) is a sampler without a density.
  private var isImplicit: Bool { encoder.noise.noise != .none }

  public func pixels(_ shape: [Int]) -> PixelWish { settled(shape).likelihood.pixels }

  /// Whether both networks are without convolutions.
  private var isMLP: Bool { encoder.network == .mlp && decoder.network == .mlp }

  public func resolved(_ facts: Facts) -> Self {
    var known = settled(facts.shape)
    known.seesImages = facts.isImage
    return known
  }

  /// The same with the networks, the code and the mean of points, where examples are points and networks of images.
  func settled(_ shape: [Int]) -> Self {
    guard let points, PointSettings.concerns(shape, isMLP: isMLP) else { return self }
    var known = self
    known.encoder.stand(in: points)
    known.decoder.stand(in: points)
    (known.latent.dimensions, known.latent.isOfPoints) = (points.dimensions, true)
    (known.likelihood.mean, known.likelihood.isOfPoints) = (.linear, true)
    return known
  }

  /// A posterior without a density has a bound where a critic estimates it, and none under other divergences.
  public var headline: [Metric] { isImplicit && regularizer.divergence != .criticKL ? [] : [.elbo(samples: 1)] }

  public var isScored: Bool { regularizer.divergence != .criticKL }

  public var adversarySide: SideSettings? { regularizer.isAdversarial ? adversary.critic.side : nil }

  public func needOfPairs(_ facts: Facts) -> String? { settled(facts.shape).needOfPairs(facts.shape) }

  private func needOfPairs(_ shape: [Int]) -> String? {
    if encoder.normalizesSingleValues(shape) || (samples == 1 && decoder.normalizesSingleValues(shape)) {
      return NetworkLimits.needOfNorm
    }
    if regularizer.isAdversarial, adversary.normalizesSingleValues(shape) { return NetworkLimits.needOfNorm }
    if regularizer.isAdaptive, encoder.noise.noise == .basis, samples == 1 {
      return "an adaptive contrast has no deviation of one draw"
    }
    return validatesPairs ? "regularizer.estimator unbiased takes pairs of different codes" : nil
  }

  public var validatesPairs: Bool { regularizer.hasPairs && regularizer.estimator == .unbiased && samples == 1 }

  public func validate() throws(SettingsError) {
    try posterior.validate(regularizer.divergence)
    try posterior.validate(dimension: latent.dimensions)
    if bound == .importanceWeighted, regularizer.divergence != .monteCarloKL {
      throw SettingsError(
        path: "bound",
        "importance-weighted needs regularizer.divergence monte-carlo-kl, got \(regularizer.divergence.rawValue)")
    }
    if regularizer.divergence == .info, regularizer.alpha + regularizer.lambda < 1 {
      throw SettingsError(
        path: "regularizer.lambda",
        "expected alpha + lambda of at least 1, got \(regularizer.alpha) + \(regularizer.lambda)")
    }
    if regularizer.isAdversarial { try adversary.validate() }
    try validateNoise()
    if regularizer.divergence == .criticKL {
      let objective = adversary.critic.objective
      guard objective.tellsLogRatio else {
        let able = AdversarialObjective.allCases.filter(\.tellsLogRatio).map(\.rawValue).joined(separator: ", ")
        throw SettingsError(
          path: "adversary.objective",
          "critic-kl needs an objective whose critic tells log q/p (\(able)), got \(objective.rawValue)")
      }
    }
    if regularizer.isAdaptive, encoder.noise.noise != .basis, contrast.samples < 2 {
      throw SettingsError(
        path: "contrast.samples", "an adaptive contrast has no deviation of one draw: expected at least 2, got 1")
    }
  }

  /// Refuses what an encoder without a density cannot have.
  private func validateNoise() throws(SettingsError) {
    guard isImplicit else { return }
    guard posterior.family == .gaussian else {
      throw SettingsError(
        path: "posterior.family",
        "expected gaussian, as encoder.noise is \(encoder.noise.noise.rawValue), got \(posterior.family.rawValue)")
    }
    let needsDensity: [Divergence] = [.kl, .monteCarloKL, .info]
    if needsDensity.contains(regularizer.divergence) {
      let able = Divergence.allCases.filter { !needsDensity.contains($0) }.map(\.rawValue).joined(separator: ", ")
      throw SettingsError(
        path: "regularizer.divergence",
        "expected one that needs no density of q(z|x) (\(able)), as encoder.noise is \(encoder.noise.noise.rawValue), "
          + "got \(regularizer.divergence.rawValue)")
    }
    if encoder.noise.noise != .basis, encoder.network == .dcgan {
      throw SettingsError(
        path: "encoder.noise", "\(encoder.noise.noise.rawValue) needs network mlp or conv, got dcgan")
    }
    if encoder.noise.noise != .basis, encoder.hidden.isEmpty, encoder.noise.noise == .input || encoder.network == .mlp {
      throw SettingsError(
        path: "encoder.hidden",
        "\(encoder.noise.noise.rawValue) needs at least one layer that noise goes through, got []")
    }
  }

  public func validate(_ facts: Facts) throws(SettingsError) { try settled(facts.shape).validate(facts.shape) }

  private func validate(_ shape: [Int]) throws(SettingsError) {
    try likelihood.validate(decoder.network, shape)
    try encoder.validate(
      "encoder", shape: shape, outputs: latent.dimensions + posterior.outputs(dimension: latent.dimensions))
    if regularizer.isAdversarial { try adversary.validate(dimension: latent.dimensions, shape: shape) }
    try decoder.validate(
      "decoder", shape: shape, code: latent.dimensions, factor: likelihood.networkFamily?.outputsPerDimension ?? 1
    )
  }
}
