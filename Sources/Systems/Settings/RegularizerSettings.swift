import Configuration
import Generative
import Probability
import Torch

/// How the codes are kept near the prior. To add one: a case here, and its line in `AutoencoderDesign`.
public enum Divergence: String, Sendable, CaseIterable {
  case kl
  case monteCarloKL = "monte-carlo-kl"
  case none, mmd, stein, ksd, adversarial
  /// The KL of a posterior without a density, by a critic of examples and codes.
  case criticKL = "critic-kl"
  /// Both a KL of single codes and a divergence of their marginal.
  case info
}

/// A divergence of the codes' marginal.
public enum MarginalDivergence: String, Sendable, CaseIterable { case mmd, stein, adversarial }

/// What a critic tells the posterior from.
public enum ContrastKind: String, Sendable, CaseIterable { case prior, adaptive }

/// Kernels of the distance between codes.
public enum KernelKind: String, Sendable, CaseIterable {
  case infovae, gaussian, imq
  case imqWAE = "imq-wae"
}

/// What a weight is counted in.
public enum WeightUnit: String, Sendable, CaseIterable { case example, dimension }

/// A factor on the terms of a bound over the run.
public struct WarmupSettings: Settings {
  public var weight = 1.0
  public var unit = WeightUnit.example
  public var warmupEpochs = 0

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field("weight", "its factor, beta", \.weight, .number(.atLeast(0))),
      Field(
        "unit", "what the factor is relative to: log p(x|z) per example, or per dimension of x", \.unit, .choice),
      Field(
        "warmupEpochs", "epochs over which the factor rises from 0", \.warmupEpochs,
        .integer(0...1_000_000)),
    ]
  }

  /// The factor over the run, for examples of `dimensions` numbers.
  func schedule(dimensions: Int) -> Schedule {
    let end = unit == .dimension ? weight * Double(dimensions) : weight
    return warmupEpochs == 0 ? .constant(end) : .linear(start: 0, end: end, until: .epochs(warmupEpochs))
  }
}

/// The term that keeps the codes near the prior.
public struct RegularizerSettings: Settings {
  public var divergence = Divergence.kl
  public var contrast = ContrastKind.prior
  public var factor = WarmupSettings()
  public var kernel = KernelKind.infovae
  public var bandwidth: Double?
  public var estimator = PairEstimator.biased
  public var beta = 0.5
  public var priorSamples = 200
  public var alpha = 0.0
  public var lambda = 1000.0
  public var marginal = MarginalDivergence.mmd

  public init() {}

  /// The divergence, where it is of a batch as a whole.
  var divergenceOfBatches: Divergence? { [.mmd, .stein, .ksd, .info].contains(divergence) ? divergence : nil }

  public static var fields: [Field<Self>] {
    func unless(_ has: @escaping (Self) -> Bool) -> (Self) -> String? {
      { settings in
        if has(settings) { return nil }
        return settings.divergence == .info
          ? "the marginal is \(settings.marginal.rawValue)" : "the divergence is \(settings.divergence.rawValue)"
      }
    }
    let isInfo = unless { $0.divergence == .info }
    return [
      Field("divergence", "how their distance is measured", \.divergence, .choice),
      Field(
        "contrast", "what the critic of critic-kl tells q(z|x) from: the prior, or a Gaussian with q's moments",
        \.contrast, .choice, unless: unless { $0.divergence == .criticKL }),
    ]
      + WarmupSettings.fields.map { field in
        field.lifted(to: \.factor, unless: { $0.divergence == .none ? "the divergence is none" : nil })
      } + [
        Field(
          "kernel", "kernel of mmd: exp(-r2/d2), exp(-r2/2s2), (1 + r2)^(-1/2) or 2d/(2d + r2)", \.kernel, .choice,
          unless: unless(\.hasMMD)),
        Field(
          "bandwidth",
          "width s of the gaussian kernel (null: root of d), or h of stein's exp(-r2/h) (null: median2 / log n)",
          \.bandwidth, .optional(.number(.above(0))),
          unless: {
            if $0.hasMMD { return $0.kernel == .gaussian ? nil : "the kernel is \($0.kernel.rawValue)" }
            return unless(\.hasStein)($0)
          }),
        Field(
          "beta", "power of the kernel of ksd, (1 + r2)^(-beta)", \.beta, .number(.above(0)), unless: unless(\.hasKSD)),
        Field("estimator", "estimator of mmd or ksd", \.estimator, .choice, unless: unless(\.hasPairs)),
        Field(
          "priorSamples", "draws from the prior for mmd", \.priorSamples, .integer(2...1_000_000),
          unless: unless(\.hasMMD)),
        Field(
          "alpha", "weight in (1 - alpha) KL(q(z|x), p(z)) + (alpha + lambda - 1) D(q(z), p(z))", \.alpha,
          .number(.any),
          unless: isInfo),
        Field("lambda", "lambda of the formula under alpha", \.lambda, .number(.any), unless: isInfo),
        Field("marginal", "D of the formula under alpha", \.marginal, .choice, unless: isInfo),
      ]
  }

  private func has(_ plain: Divergence, _ marginal: MarginalDivergence) -> Bool {
    divergence == plain || (divergence == .info && self.marginal == marginal)
  }

  var hasMMD: Bool { has(.mmd, .mmd) }
  var hasStein: Bool { has(.stein, .stein) }
  var hasKSD: Bool { divergence == .ksd }
  /// Whether it is a mean over pairs of codes.
  var hasPairs: Bool { hasMMD || hasKSD }
  /// Whether there is a critic.
  public var isAdversarial: Bool { has(.adversarial, .adversarial) || divergence == .criticKL }
  /// Whether the critic tells q(z|x) from a Gaussian with its moments.
  var isAdaptive: Bool { divergence == .criticKL && contrast == .adaptive }

  /// The kernel for codes of a length.
  func radialKernel(dimension: Int) -> RadialKernel {
    switch kernel {
    case .infovae: .infoVAE(dimension: dimension)
    case .gaussian: .gaussian(sigma: bandwidth ?? Double(dimension).squareRoot())
    case .imq: .inverseMultiquadric(c: 1, beta: 0.5)
    case .imqWAE: .inverseQuadratic(scale: Double(2 * dimension))
    }
  }
}

/// Draws that the moments of an adaptive contrast are of.
public struct ContrastSettings: Settings {
  public var samples = 16

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field(
        "samples", "draws of each example's code that its moments are estimated by", \.samples, .integer(1...100_000))
    ]
  }
}
