import Generative
import Networks
import Probability
import Torch

/// What keeps the codes near the prior. To add one: a case here, and its line in `AutoencoderFactory`.
public enum Divergence: String, Sendable, CaseIterable {
  case kl
  case monteCarloKL = "monte-carlo-kl"
  case none, mmd, stein, adversarial
  /// Both a KL of single codes and a divergence of their marginal.
  case info
}

/// A divergence of the codes' marginal.
public enum MarginalDivergence: String, Sendable, CaseIterable { case mmd, stein, adversarial }

/// Kernels of the distance between codes.
public enum KernelKind: String, Sendable, CaseIterable {
  case infovae, gaussian, imq
  case imqWAE = "imq-wae"
}

/// What a weight is counted in.
public enum WeightUnit: String, Sendable, CaseIterable { case example, dimension }

/// The critic of an adversarial divergence.
public struct CriticSettings: Settings {
  public var objective = AdversarialObjective.jensenShannon
  public var hidden = [512, 512]
  public var steps = 1
  public var learningRate: Double?
  public var gradientPenalty = 10.0

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field("objective", "the game it plays", \.objective, .choice),
      Field(
        "hidden", "its layers", \.hidden,
        .list(of: .integer(1...65_536), plural: "whole numbers from 1 to 65536", count: 1...16)),
      Field("steps", "its moves for one of the autoencoder", \.steps, .integer(1...1000)),
      Field(
        "learningRate", "Adam's step size for it; null is a third of the autoencoder's", \.learningRate,
        .optional(.number(.above(0)))),
      Field("gradientPenalty", "of wasserstein", \.gradientPenalty, .number(.atLeast(0))),
    ]
  }

  /// A third: a critic as fast as its encoder makes the game circle.
  private static let defaultShare = 1.0 / 3

  /// Its step size, given the autoencoder's.
  func learningRate(_ own: Double) -> Double { learningRate ?? own * Self.defaultShare }

  /// The regularizer for codes of a length.
  func regularizer<Posterior: PathwiseSampler, Prior: CodePrior>(
    dimension: Int, using rng: RandomSource
  ) -> CriticRegularizer<Posterior, Prior> {
    CriticRegularizer(
      CodeCritic(MLP([dimension], hidden: hidden, activation: .leakyReLU(slope: 0.2), using: rng), using: rng),
      objective: objective,
      penalty: objective == .wasserstein ? .unitGradient(weight: gradientPenalty) : .none, steps: steps)
  }
}

/// The term that keeps the codes near the prior.
public struct RegularizerSettings: Settings {
  public var divergence = Divergence.kl
  public var weight = 1.0
  public var unit = WeightUnit.example
  public var warmupEpochs = 0
  public var kernel = KernelKind.infovae
  public var bandwidth: Double?
  public var estimator = PairEstimator.biased
  public var priorSamples = 200
  public var alpha = 0.0
  public var lambda = 1000.0
  public var marginal = MarginalDivergence.mmd
  public var critic = CriticSettings()

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field("divergence", "how it is measured", \.divergence, .choice),
      Field("weight", "its factor, beta", \.weight, .number(.atLeast(0))),
      Field(
        "unit", "what the factor is of: an example's log likelihood, or its mean by dimension of x", \.unit, .choice),
      Field(
        "warmupEpochs", "epochs over which the factor rises from 0", \.warmupEpochs,
        .integer(0...1_000_000)),
      Field("kernel", "of mmd: exp(-r2/d2), exp(-r2/2s2), (1 + r2)^(-1/2) or 2d/(2d + r2)", \.kernel, .choice),
      Field(
        "bandwidth",
        "of the gaussian kernel, s (null: the root of d), or of stein, h of exp(-r2/h) (null: median2 / log n)",
        \.bandwidth, .optional(.number(.above(0)))),
      Field("estimator", "of mmd", \.estimator, .choice),
      Field("priorSamples", "draws from the prior for mmd", \.priorSamples, .integer(2...1_000_000)),
      Field(
        "alpha", "of info: (1 - alpha) KL(q(z|x), p(z)) + (alpha + lambda - 1) D(q(z), p(z))", \.alpha, .number(.any)),
      Field("lambda", "of info", \.lambda, .number(.any)),
      Field("marginal", "D of info", \.marginal, .choice),
      Field("critic", "The critic of an adversarial divergence.", \.critic),
    ]
  }

  /// The factor over the run, for examples of `dimensions` numbers.
  func schedule(dimensions: Int) -> Schedule {
    let end = unit == .dimension ? weight * Double(dimensions) : weight
    return warmupEpochs == 0
      ? .constant(end) : .linear(start: 0, end: end, over: .epochs(warmupEpochs))
  }

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
