import Configuration
import Generative
import Networks
import Probability
import Torch

/// The kinds of a GAN's networks.
public enum GANNetworkKind: String, Sendable, CaseIterable { case mlp, dcgan, residual }

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

/// The noise that a GAN makes examples of.
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

/// The parts of a GAN's code that are recovered from examples.
public struct RecoveredCodeSettings: Settings {
  public var categorical: [Int] = []
  public var continuous = 0
  public var weight = 1.0

  public init() {}

  public static var fields: [Field<Self>] {
    let unused = { (settings: Self) in settings.isEmpty ? "no parts of the code are recovered" : nil }
    return [
      Field(
        "categorical", "numbers of classes of the parts c1, c2, ... that are classes", \.categorical,
        .list(of: .integer(2...10_000), plural: "whole numbers from 2 to 10000", count: 0...16)),
      Field("continuous", "further parts, numbers uniform on [-1, 1]", \.continuous, .integer(0...1000)),
      Field("weight", "weight of their recovery in both losses", \.weight, .number(.atLeast(0)), unless: unused),
    ]
  }

  /// Whether nothing is recovered.
  var isEmpty: Bool { categorical.isEmpty && continuous == 0 }

  /// Numbers of a code that are recovered.
  var length: Int { categorical.reduce(continuous, +) }

  /// The parts, whose numbers begin at `start`, behind the noise.
  func parts(behind start: Int) -> [NamedCode] {
    let kinds =
      categorical.map { NamedCode.Kind.categorical($0) }
      + [NamedCode.Kind](repeating: .uniform(low: -1, high: 1), count: continuous)
    var start = start
    return kinds.enumerated().map { index, kind in
      let length = if case .categorical(let classes) = kind { classes } else { 1 }
      defer { start += length }
      return NamedCode("c\(index + 1)", kind, at: start..<start + length)
    }
  }
}

/// Weights of generated examples in their generator's loss.
public struct ImportanceSettings: Settings {
  public var weighted = false
  public var samples: Int?

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field("weighted", "whether generated examples weigh D/(1 - D), normalized", \.weighted, .flag),
      Field(
        "samples", "examples among which weights are normalized, k; null is the batch", \.samples,
        .optional(.integer(1...1_000_000)), unless: { $0.weighted ? nil : "importance.weighted is false" }),
    ]
  }

  var importance: GANRules.Importance? { weighted ? samples.map { .groups($0) } ?? .batch : nil }
}

/// The layers of a GAN's network.
public struct GANNetworkSettings: Settings {
  public var network: GANNetworkKind?
  public var hidden: [Int]?
  public var channels: [Int]

  public init(channels: [Int]) { self.channels = channels }

  public static var fields: [Field<Self>] {
    [
      Field("network", "its kind; null is dcgan for images and mlp for points", \.network, .optional(.choice)),
      Field(
        "hidden",
        "widths of the layers of mlp, or of dense layers of dcgan on the side of the code or verdict; null is "
          + "[256, 256] in mlp, [] in dcgan",
        \.hidden, .optional(NetworkLimits.widths(atLeast: 0)),
        unless: { $0.network == .residual ? "the network is residual" : nil }),
      Field(
        "channels", "feature maps of each stage of dcgan or residual, which halve or double the sides", \.channels,
        NetworkLimits.widths(atLeast: 1), unless: { $0.network == .mlp ? "the network is mlp" : nil }),
    ]
  }

  func kind(_ shape: [Int]) -> GANNetworkKind { network ?? (shape.count == 3 ? .dcgan : .mlp) }

  /// The widths of dense layers.
  func hidden(_ shape: [Int]) -> [Int] { hidden ?? (kind(shape) == .mlp ? [256, 256] : []) }

  /// Refuses an mlp without layers, which a class could not join.
  func requireLayers(_ path: String, _ shape: [Int]) throws(SettingsError) {
    guard kind(shape) != .mlp || !hidden(shape).isEmpty else {
      throw SettingsError(path: "\(path).hidden", "a class joins every layer of an mlp: expected at least one, got []")
    }
  }

  /// Refuses sizes that examples of this shape cannot have.
  func validate(
    _ path: String, _ shape: [Int], inputs: Int, outputs: Int, features: Int, dense: [Int]
  ) throws(SettingsError) {
    let kind = kind(shape)
    try NetworkLimits.check(
      path, kind: kind.rawValue, isMLP: kind == .mlp,
      weights: kind == .mlp
        ? NetworkLimits.dense([inputs] + hidden(shape) + [outputs])
        : NetworkLimits.convolutions(
          channels, kernel: kind == .dcgan ? 25 : 18, features: features, shape: shape, dense: dense),
      shape: shape)
  }
}

/// The network from codes to examples.
public struct GeneratorSettings: Settings {
  public var layers = GANNetworkSettings(channels: [128, 64])
  public var output: GeneratorOutput?
  public var steps = 1

  public init() {}

  public static var fields: [Field<Self>] {
    GANNetworkSettings.fields.map { $0.lifted(to: \.layers) } + [
      Field(
        "output", "its last nonlinearity; null is sigmoid for images and linear for points", \.output,
        .optional(.choice)),
      Field("steps", "its steps in a round", \.steps, .integer(1...1000)),
    ]
  }

  func output(_ shape: [Int]) -> GeneratorOutput { output ?? (shape.count == 3 ? .sigmoid : .linear) }

  /// What examples should be that look like its own.
  func pixels(_ shape: [Int]) -> PixelWish {
    switch output(shape) {
    case .sigmoid: .unit("generator.output", "sigmoid")
    case .tanh: .symmetric("generator.output", "tanh")
    case .linear: .asTheyAre("generator.output", "linear")
    }
  }

  /// Whether there is batch norm in it, which has no statistics of one example.
  func needsPairs(_ shape: [Int]) -> Bool {
    layers.kind(shape) != .mlp
  }

  func validate(_ shape: [Int], code: Int) throws(SettingsError) {
    try layers.validate(
      "generator", shape, inputs: code, outputs: shape.reduce(1, *), features: layers.channels[0],
      dense: [code] + layers.hidden(shape))
    if layers.kind(shape) == .residual { try NetworkLimits.checkSides("generator", layers.channels, shape) }
  }

  func make(from dimension: Int, to shape: [Int], classes: Int? = nil, using rng: RandomSource) -> any Network {
    let hidden = layers.hidden(shape)
    let body: any Network
    switch layers.kind(shape) {
    case .mlp:
      let network = MLP([dimension], hidden: hidden, using: rng)
      body = classes.map { ClassMLP(network, classes: $0, using: rng) } ?? network
    case .dcgan:
      body = DCGANDecoder(
        dimension, imageShape: shape, channels: layers.channels, hidden: hidden, classes: classes, using: rng)
    case .residual:
      body = ResidualImageDecoder(dimension, imageShape: shape, channels: layers.channels, classes: classes, using: rng)
    }
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
  public var handicap = HandicapSettings()
  public var critic = CriticSettings()

  public init() {}

  public static var fields: [Field<Self>] {
    GANNetworkSettings.fields.map { $0.lifted(to: \.layers) } + [
      Field(
        "batchNorm", "batch norm in dcgan; null means false with a penalty or spectral norm, else true",
        \.batchNorm, .optional(.flag),
        unless: {
          $0.layers.network.flatMap { $0 == .dcgan ? nil : "the network is \($0.rawValue)" }
        }),
      Field("spectralNorm", "divide each weight by its largest singular value", \.spectralNorm, .flag),
    ] + HandicapSettings.fields.map { $0.lifted(to: \.handicap) }
      + CriticSettings.fields.map { $0.lifted(to: \.critic) }
  }

  /// How the critic plays, as far as it is the critic's own.
  var rules: GANRules { critic.rules(handicap) }

  private var isNormalized: Bool { batchNorm ?? (critic.criticPenalty == .none && !spectralNorm) }

  /// Whether there is batch norm in it, which has no statistics of one example.
  func needsPairs(_ shape: [Int]) -> Bool {
    isNormalized && layers.kind(shape) == .dcgan && layers.channels.count + layers.hidden(shape).count > 1
  }

  /// Refuses choices that contradict each other, whatever the data are.
  func validate() throws(SettingsError) { try handicap.validate(critic.objective) }

  func validate(_ shape: [Int]) throws(SettingsError) {
    try layers.validate(
      "adversary", shape, inputs: shape.reduce(1, *), outputs: 1, features: layers.channels.last!,
      dense: [1] + layers.hidden(shape).reversed())
  }

  func make(_ shape: [Int], classes: Int? = nil, using rng: RandomSource) -> CodeCritic {
    CodeCritic(
      makeBody(shape, classes: classes, using: rng), classes: classes, isSpectrallyNormalized: spectralNorm, using: rng)
  }

  func makeBody(_ shape: [Int], classes: Int?, using rng: RandomSource) -> any Network {
    let hidden = layers.hidden(shape)
    switch layers.kind(shape) {
    case .mlp:
      let network = MLP(
        shape, hidden: hidden, activation: .leakyReLU(slope: 0.2), isSpectrallyNormalized: spectralNorm, using: rng)
      return classes.map { ClassMLP(network, classes: $0, using: rng) } ?? network
    case .dcgan:
      return DCGANEncoder(
        shape, channels: layers.channels, hidden: hidden, classes: classes, isNormalized: isNormalized,
        isSpectrallyNormalized: spectralNorm, using: rng)
    case .residual:
      return ResidualImageEncoder(
        shape, channels: layers.channels, classes: classes, isSpectrallyNormalized: spectralNorm, using: rng)
    }
  }
}
