import Configuration
import Evaluation
import Generative
import Networks
import Probability
import Torch

/// The kinds of a GAN's networks.
public enum GANNetworkKind: String, Sendable, CaseIterable { case mlp, dcgan }

/// Where codes come from.
public enum PriorKind: String, Sendable, CaseIterable {
  /// N(0, I).
  case gaussian
  /// Uniform on [-1, 1].
  case uniform
}

/// The last nonlinearity of a generator.
public enum GeneratorOutput: String, Sendable, CaseIterable {
  /// Pixels in [0, 1].
  case sigmoid
  /// Pixels in [-1, 1].
  case tanh
  /// Any numbers.
  case linear
}

/// The codes of a GAN.
public struct GANLatentSettings: Settings {
  public var dimensions = 100
  public var prior = PriorKind.uniform

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field("dimensions", "length of a code", \.dimensions, .integer(1...65_536)),
      Field("prior", "distribution of codes: N(0, I), or uniform on [-1, 1]", \.prior, .choice),
    ]
  }

  var codePrior: any CodePrior {
    switch prior {
    case .gaussian: StandardNormal(dimensions)
    case .uniform: UniformPrior(dimensions, low: -1, high: 1)
    }
  }
}

/// The layers of a GAN's network.
public struct GANNetworkSettings: Settings {
  public var network: GANNetworkKind?
  public var hidden = [256, 256]
  public var channels: [Int]

  public init(channels: [Int]) { self.channels = channels }

  public static var fields: [Field<Self>] {
    [
      Field("network", "its kind; null is dcgan for images and mlp for points", \.network, .optional(.choice)),
      Field(
        "hidden", "widths of the layers of mlp", \.hidden, NetworkLimits.widths(atLeast: 0),
        unless: { $0.network == .dcgan ? "the network is dcgan" : nil }),
      Field(
        "channels", "feature maps of each stage of dcgan, stride 2", \.channels, NetworkLimits.widths(atLeast: 1),
        unless: { $0.network == .mlp ? "the network is mlp" : nil }),
    ]
  }

  func kind(_ shape: [Int]) -> GANNetworkKind { network ?? (shape.count == 3 ? .dcgan : .mlp) }
}

/// The network from codes to examples.
public struct GeneratorSettings: Settings {
  public var layers = GANNetworkSettings(channels: [128, 64])
  public var output: GeneratorOutput?

  public init() {}

  public static var fields: [Field<Self>] {
    GANNetworkSettings.fields.map { $0.lifted(to: \.layers) } + [
      Field(
        "output", "its last nonlinearity; null is sigmoid for images and linear for points", \.output,
        .optional(.choice))
    ]
  }

  func output(_ shape: [Int]) -> GeneratorOutput { output ?? (shape.count == 3 ? .sigmoid : .linear) }

  func make(from dimension: Int, to shape: [Int], using rng: RandomSource) -> any Network {
    let body: any Network =
      layers.kind(shape) == .mlp
      ? MLP([dimension], hidden: layers.hidden, using: rng)
      : DCGANDecoder(dimension, imageShape: shape, channels: layers.channels, using: rng)
    let activation: Activation =
      switch output(shape) {
      case .sigmoid: .sigmoid
      case .tanh: .tanh
      case .linear: .identity
      }
    return ShapedNetwork(body, shape: shape, activation: activation, using: rng)
  }
}

/// The critic of examples, and its optimizer.
public struct ExampleCriticSettings: Settings {
  public var layers = GANNetworkSettings(channels: [64, 128])
  public var batchNorm: Bool?
  public var spectralNorm = false
  public var critic = CriticSettings()

  public init() {}

  public static var fields: [Field<Self>] {
    GANNetworkSettings.fields.map { $0.lifted(to: \.layers) } + [
      Field(
        "batchNorm", "batch norm in dcgan; null means false with a penalty or spectral norm, else true",
        \.batchNorm, .optional(.flag), unless: { $0.layers.network == .mlp ? "the network is mlp" : nil }),
      Field("spectralNorm", "divide each weight by its largest singular value", \.spectralNorm, .flag),
    ] + CriticSettings.fields.map { $0.lifted(to: \.critic) }
  }

  private var isNormalized: Bool { batchNorm ?? (critic.criticPenalty == .none && !spectralNorm) }

  /// Whether batch norm in it sees one value of an example.
  func normalizesSingleValues(_ shape: [Int]) -> Bool {
    isNormalized && layers.kind(shape) == .dcgan && layers.channels.count > 1
      && NetworkLimits.endsInOnePixel(layers.channels, shape)
  }

  func make(_ shape: [Int], using rng: RandomSource) -> CodeCritic {
    let body: any Network =
      layers.kind(shape) == .mlp
      ? MLP(
        shape, hidden: layers.hidden, activation: .leakyReLU(slope: 0.2), isSpectrallyNormalized: spectralNorm,
        using: rng)
      : DCGANEncoder(
        shape, channels: layers.channels, isNormalized: isNormalized, isSpectrallyNormalized: spectralNorm, using: rng)
    return CodeCritic(body, isSpectrallyNormalized: spectralNorm, using: rng)
  }
}

/// Generative adversarial networks: every choice is a value of the one `GAN`.
public struct GANDesign: Design {
  public var moves = Moves.alternating
  public var latent = GANLatentSettings()
  public var generator = GeneratorSettings()
  public var adversary = ExampleCriticSettings()

  /// The defaults, changed.
  public init(_ change: (inout Self) -> Void = { _ in }) { change(&self) }

  public static var fields: [Field<Self>] {
    [
      Field("moves", "whether critic and generator move in turn or at once", \.moves, .choice),
      Field("latent", "The codes z.", \.latent),
      Field("generator", "The network x = G(z).", \.generator),
      Field("adversary", "The critic that tells generated examples from data, and its optimizer.", \.adversary),
    ]
  }

  public func pixels(_ shape: [Int]) -> PixelWish {
    switch generator.output(shape) {
    case .sigmoid: .unit("generator.output", "sigmoid")
    case .tanh: .symmetric("generator.output", "tanh")
    case .linear: .asTheyAre("generator.output", "linear")
    }
  }

  public var headline: [Metric] { [] }
  public var adversarySide: SideSettings? { adversary.critic.side }
  public var isScored: Bool { false }

  public func resolved(_ facts: Facts) -> Self {
    var known = self
    known.generator.layers.network = generator.layers.kind(facts.shape)
    known.adversary.layers.network = adversary.layers.kind(facts.shape)
    return known
  }

  public func needOfPairs(_ facts: Facts) -> String? {
    let shape = facts.shape
    let generates =
      generator.layers.kind(shape) == .dcgan && NetworkLimits.endsInOnePixel(generator.layers.channels, shape)
    return generates || adversary.normalizesSingleValues(shape) ? NetworkLimits.needOfNorm : nil
  }

  public func validate(_ facts: Facts) throws(SettingsError) {
    let (shape, code) = (facts.shape, latent.dimensions)
    let kind = generator.layers.kind(shape)
    let size = shape.reduce(1, *)
    try NetworkLimits.check(
      "generator", kind: kind.rawValue, isMLP: kind == .mlp,
      weights: kind == .mlp
        ? NetworkLimits.dense([code] + generator.layers.hidden + [size])
        : NetworkLimits.convolutions(
          generator.layers.channels, kernel: 25, features: generator.layers.channels[0], shape: shape, dense: [code]),
      shape: shape)
    if kind == .dcgan { try NetworkLimits.checkSides("generator", generator.layers.channels, shape) }
    let judge = adversary.layers.kind(shape)
    try NetworkLimits.check(
      "adversary", kind: judge.rawValue, isMLP: judge == .mlp,
      weights: judge == .mlp
        ? NetworkLimits.dense([size] + adversary.layers.hidden + [1])
        : NetworkLimits.convolutions(
          adversary.layers.channels, kernel: 25, features: adversary.layers.channels.last!, shape: shape, dense: [1]),
      shape: shape)
  }

  public func make(_ facts: Facts, using rng: RandomSource) -> any SystemModel {
    GAN(
      pz: latent.codePrior, generator: generator.make(from: latent.dimensions, to: facts.shape, using: rng),
      critic: adversary.make(facts.shape, using: rng), objective: adversary.critic.objective,
      penalty: adversary.critic.criticPenalty, steps: adversary.critic.steps, moves: moves,
      pretrainSteps: adversary.critic.pretrainSteps)
  }
}
