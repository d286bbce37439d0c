import Configuration
import Generative
import Networks
import Probability
import Torch

/// What a critic is given.
public enum CriticView: String, Sendable, CaseIterable { case z, xz }

/// The critic of an autoencoder's codes.
public struct CodeCriticSettings: Settings {
  /// The kinds of its network.
  public enum Network: String, Sendable, CaseIterable {
    case mlp
    case innerProduct = "inner-product"
    case joint, conv, residual
  }

  public var network = Network.mlp
  public var hidden = [512, 512]
  public var features = 8192
  public var channels = [64, 128, 256, 512]
  public var width = 256
  public var blocks = 5
  public var sees = CriticView.z
  public var baseMeasure = false
  public var critic = CriticSettings()

  public init() {
    // One as fast as the encoder makes the game circle.
    critic.side.learningRate = TrainingSettings().learningRate / 3
  }

  public static var fields: [Field<Self>] {
    func only(_ kinds: Network...) -> (Self) -> String? {
      { kinds.contains($0.network) ? nil : "the network is \($0.network.rawValue)" }
    }
    return [
      Field(
        "network",
        "its kind: layers; two networks of x and z that meet in an inner product, or layers of both, each plus networks "
          + "of x and of z alone; convolutions of x with z added to every layer; residual layers of both",
        \.network, .choice),
      Field(
        "hidden", "widths of its layers; [] is linear, for a critic of z", \.hidden, NetworkLimits.widths(atLeast: 0),
        unless: only(.mlp, .innerProduct, .joint)),
      Field(
        "features", "length of what meets in the inner product", \.features, .integer(1...NetworkLimits.widest),
        unless: only(.innerProduct)),
      Field(
        "channels", "feature maps of each stage of conv, stride 2", \.channels, NetworkLimits.widths(atLeast: 1),
        unless: only(.conv)),
      Field("width", "width of residual layers", \.width, .integer(1...NetworkLimits.widest), unless: only(.residual)),
      Field("blocks", "residual blocks of two layers", \.blocks, .integer(1...256), unless: only(.residual)),
      Field(
        "sees", "what it is given: codes, or examples and codes", \.sees, .choice, unless: only(.mlp)),
      Field(
        "baseMeasure", "add |z|^2 / 2 to the log ratio that it tells, so that the network learns log q(z|x)",
        \.baseMeasure, .flag,
        unless: {
          $0.critic.objective.baseMeasure == nil
            ? "the objective is \($0.critic.objective.rawValue), whose critic has no such term" : nil
        }),
    ] + CriticSettings.fields.map { $0.lifted(to: \.critic) }
  }

  private static let activation = Activation.leakyReLU(slope: 0.2)

  /// The critic of codes of a length and examples of a shape.
  func judge(dimension: Int, shape: [Int], using rng: RandomSource) -> any Critic {
    let size = shape.reduce(1, *)
    let judge: any Critic =
      switch (network, sees) {
      case (.mlp, .z):
        CodeCritic(MLP([dimension], hidden: hidden, activation: Self.activation, using: rng), using: rng)
      case (.mlp, .xz):
        JointCritic(
          JointMLP(
            [size, dimension], hidden: hidden, activation: Self.activation, initialization: .uniformFanIn, using: rng),
          using: rng)
      case (.innerProduct, _):
        InnerProductCritic(size: size, dimension: dimension, hidden: hidden, features: features, using: rng)
      case (.joint, _): SummedCritic(size: size, dimension: dimension, hidden: hidden, using: rng)
      case (.residual, _):
        ResidualCritic(
          ResidualMLP(size + dimension, width: width, blocks: blocks, activation: Self.activation, using: rng),
          using: rng)
      case (.conv, _):
        ConvCritic(
          ConvEncoder(
            shape, channels: channels, kernel: 5, hidden: [], activation: Self.activation, isNormalized: true,
            using: rng),
          dimension: dimension, using: rng)
      }
    guard baseMeasure, critic.objective.baseMeasure != nil else { return judge }
    return MeasuredCritic(judge, for: critic.objective)
  }

  /// Whether batch norm in it sees one value of an example.
  func normalizesSingleValues(_ shape: [Int]) -> Bool {
    network == .conv && channels.count > 1 && NetworkLimits.endsInOnePixel(Array(channels.dropLast()), shape)
  }

  /// The regularizer for codes of a length and examples of a shape.
  func regularizer<Posterior: PathwiseSampler, Prior: CodePrior>(
    dimension: Int, shape: [Int], using rng: RandomSource
  ) -> CriticRegularizer<Posterior, Prior> {
    CriticRegularizer(
      judge(dimension: dimension, shape: shape, using: rng), objective: critic.objective,
      penalty: critic.criticPenalty, steps: critic.steps)
  }

  /// The regularizer that estimates a KL, for codes of a length and examples of a shape.
  func contrast<Posterior: PathwiseSampler, Prior: CodePrior>(
    _ contrast: Contrast, dimension: Int, shape: [Int], using rng: RandomSource
  ) -> ContrastRegularizer<Posterior, Prior> {
    ContrastRegularizer(
      judge(dimension: dimension, shape: shape, using: rng), contrast: contrast, objective: critic.objective,
      penalty: critic.criticPenalty, steps: critic.steps)
  }

  /// Refuses choices that contradict each other.
  func validate() throws(SettingsError) {
    let seesBoth = network == .joint || (network == .mlp && sees == .xz)
    if hidden.isEmpty, seesBoth {
      throw SettingsError(path: "adversary.hidden", "a critic of x and z needs at least one layer, got []")
    }
  }

  /// Refuses what codes of a length and examples of a shape cannot have.
  func validate(dimension: Int, shape: [Int]) throws(SettingsError) {
    let size = shape.reduce(1, *)
    let weights: Double =
      switch network {
      case .mlp: NetworkLimits.dense([(sees == .z ? 0 : size) + dimension] + hidden + [1])
      case .innerProduct:
        NetworkLimits.dense([size] + hidden + [features + 1])
          + NetworkLimits.dense([dimension] + hidden + [features + 1])
      case .joint: 3 * NetworkLimits.dense([size + dimension] + hidden + [1])
      case .residual: Double(size + dimension) * Double(width) + 2 * Double(blocks) * Double(width) * Double(width)
      case .conv:
        NetworkLimits.convolutions(channels, kernel: 25, features: channels.last!, shape: shape, dense: [1])
      }
    try NetworkLimits.check(
      "adversary", kind: network.rawValue, isMLP: network != .conv, weights: weights, shape: shape)
  }
}
