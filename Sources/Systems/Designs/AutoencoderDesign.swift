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
  public var encoder = EncoderSettings()
  public var decoder = DecoderSettings()
  public var latent = LatentSettings()
  public var posterior = PosteriorSettings()
  public var likelihood = LikelihoodSettings()
  public var regularizer = RegularizerSettings()
  public var adversary = CodeCriticSettings()

  /// The defaults, changed.
  public init(_ change: (inout Self) -> Void = { _ in }) { change(&self) }

  public static var fields: [Field<Self>] {
    [
      Field("samples", "codes drawn per example and step, k", \.samples, .integer(1...100_000)),
      Field("bound", "how one bound is made of several codes", \.bound, .choice),
      Field("encoder", "The network of q(z|x).", \.encoder),
      Field("decoder", "The network of p(x|z).", \.decoder),
      Field("latent", "The codes z of p(z) = N(0, I).", \.latent),
      Field("posterior", "The family of q(z|x).", \.posterior),
      Field("likelihood", "The distribution p(x|z) of an example given its code.", \.likelihood),
      Field("regularizer", "What keeps the codes near the prior.", \.regularizer),
      Field(
        "adversary", "The critic of an adversarial divergence, and its optimizer.", \.adversary,
        unless: {
          $0.regularizer.isAdversarial ? nil : "regularizer.divergence is \($0.regularizer.divergence.rawValue)"
        }),
    ]
  }

  public func pixels(_ shape: [Int]) -> PixelWish { likelihood.pixels }

  public var headline: [Metric] { [.elbo(samples: 1)] }

  public var adversarySide: SideSettings? { regularizer.isAdversarial ? adversary.critic.side : nil }

  public func needOfPairs(_ facts: Facts) -> String? {
    if encoder.normalizesSingleValues(facts.shape) || (samples == 1 && decoder.normalizesSingleValues(facts.shape)) {
      return NetworkLimits.needOfNorm
    }
    return validatesPairs ? "regularizer.estimator unbiased takes pairs of different codes" : nil
  }

  public var validatesPairs: Bool { regularizer.hasMMD && regularizer.estimator == .unbiased && samples == 1 }

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
    if regularizer.isAdversarial, adversary.sees == .xz, adversary.hidden.isEmpty {
      throw SettingsError(path: "adversary.hidden", "a critic of x and z needs at least one layer, got []")
    }
  }

  public func validate(_ facts: Facts) throws(SettingsError) {
    try likelihood.validate(decoder.network, facts.shape)
    try encoder.validate(
      "encoder", shape: facts.shape, outputs: latent.dimensions + posterior.outputs(dimension: latent.dimensions))
    try decoder.validate(
      "decoder", shape: facts.shape, code: latent.dimensions, factor: likelihood.networkFamily?.outputsPerDimension ?? 1
    )
  }

  public func make(_ facts: Facts, using rng: RandomSource) -> any SystemModel {
    let (dimension, size) = (latent.dimensions, facts.shape.reduce(1, *))
    let qz = GaussianNetwork(
      encoder.make(of: facts.shape, using: rng), dimension: dimension, initialScale: latent.initialScale, using: rng)
    let px = makeLikelihood(facts.shape, using: rng)
    func model<Posterior: Conditional & Summarized, Regularizer: LatentRegularizer>(
      _ qz: Posterior, _ chosen: Regularizer
    ) -> any SystemModel
    where
      Posterior.Input == Tensor, Posterior.Output == Regularizer.Posterior, Regularizer.Prior == StandardNormal
    {
      Autoencoder(
        qz: qz, px: px, pz: StandardNormal(dimension), regularizer: chosen,
        weight: regularizer.factor.schedule(dimensions: size), samples: samples, sampleBound: bound.sampleBound)
    }
    func mmd() -> MMDRegularizer<DiagonalGaussian, StandardNormal> {
      MMDRegularizer(
        kernel: regularizer.radialKernel(dimension: dimension), estimator: regularizer.estimator,
        priorSamples: regularizer.priorSamples)
    }
    func stein() -> SteinRegularizer<DiagonalGaussian> {
      SteinRegularizer(bandwidth: regularizer.bandwidth.map { .fixed($0) } ?? .median)
    }
    func critic() -> CriticRegularizer<DiagonalGaussian, StandardNormal> {
      adversary.regularizer(dimension: dimension, examples: size, using: rng)
    }
    func info<Marginal: LatentRegularizer>(_ marginal: Marginal) -> any SystemModel
    where Marginal.Posterior == DiagonalGaussian, Marginal.Prior == StandardNormal {
      model(qz, InformationRegularizer(alpha: regularizer.alpha, lambda: regularizer.lambda, marginal: marginal))
    }
    func scored<Posterior: Conditional & Summarized>(_ qz: Posterior) -> any SystemModel
    where Posterior.Input == Tensor, Posterior.Output: ScoredSampler {
      model(qz, MonteCarloKL<Posterior.Output, StandardNormal>())
    }
    return switch (regularizer.divergence, regularizer.marginal) {
    case (.kl, _): model(qz, ClosedFormKL())
    case (.monteCarloKL, _):
      switch posterior.family {
      case .gaussian: scored(qz)
      case .planar: scored(posterior.planar(qz, using: rng))
      case .iaf: scored(posterior.inverseAutoregressive(qz, using: rng))
      }
    case (.none, _): model(qz, NoRegularizer<DiagonalGaussian, StandardNormal>())
    case (.mmd, _): model(qz, mmd())
    case (.stein, _): model(qz, stein())
    case (.adversarial, _): model(qz, critic())
    case (.info, .mmd): info(mmd())
    case (.info, .stein): info(stein())
    case (.info, .adversarial): info(critic())
    }
  }

  /// p(x|z) with fresh parameters.
  private func makeLikelihood(_ shape: [Int], using rng: RandomSource) -> any Likelihood {
    if decoder.network.isAutoregressive {
      let family = likelihood.pixelFamily!
      return AutoregressiveLikelihood(
        decoder.makePixels(of: shape, family, codes: latent.dimensions, using: rng), family)
    }
    let family = likelihood.networkFamily!
    return NetworkLikelihood(
      decoder.make(
        from: latent.dimensions, to: [shape[0] * family.outputsPerDimension] + shape.dropFirst(), using: rng),
      family, shape: shape, using: rng)
  }
}
