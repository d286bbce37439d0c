import Configuration
import Evaluation
import Generative
import Networks
import Torch

/// How the three losses of a `VAEGAN` are made.
public struct LayerLossSettings: Settings {
  public var layer = 3
  public var weight = 1e-6
  public var reconstructions = false
  public var margin: Double? = 0.35
  public var balance = 0.68

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field(
        "layer", "stages of the critic in front of the layer in which reconstructions are compared", \.layer,
        .integer(1...NetworkLimits.deepest)),
      Field(
        "weight", "weight of the reconstruction error beside the game, in the decoder's loss", \.weight,
        .number(.atLeast(0))),
      Field("judged", "whether the critic is shown reconstructions beside samples", \.reconstructions, .flag),
      Field(
        "margin",
        "critic or decoder rests while the critic's cost of one side is farther than this below or above the balance, in "
          + "nats; null lets both move always", \.margin, .optional(.number(.above(0)))),
      Field(
        "balance", "the critic's cost of one side around which both move, in nats", \.balance, .number(.above(0)),
        unless: { $0.margin == nil ? "reconstruction.margin is null" : nil }),
    ]
  }

  var design: VAEGAN.Design {
    var design = VAEGAN.Design()
    (design.layer, design.reconstructionWeight) = (layer, weight)
    (design.judgesReconstructions, design.margin, design.balance) = (reconstructions, margin, balance)
    return design
  }
}

/// The encoder of a `VAEGAN`: the layers of a critic with a Gaussian behind them.
public struct VAEGANDesign: Design {
  public var latent = CodeSettings()
  public var encoder = GANNetworkSettings(channels: [64, 128, 256])
  public var generator = GeneratorSettings()
  public var reconstruction = LayerLossSettings()
  public var adversary = ExampleCriticSettings()

  /// The paper's layers for faces, changed.
  public init(_ change: (inout Self) -> Void = { _ in }) {
    latent.dimensions = 128
    encoder.hidden = [2048]
    generator.layers.channels = [256, 128, 32]
    generator.output = .tanh
    adversary.layers.channels = [32, 128, 256, 256]
    adversary.layers.hidden = [512]
    change(&self)
  }

  public var reasonForOneProcess: String? { "who moves in a round goes by the costs of its whole batch" }

  public static var fields: [Field<Self>] {
    [
      Field("latent", "The codes z of p(z) = N(0, I).", \.latent),
      Field("encoder", "The network of q(z|x).", \.encoder),
      Field("generator", "The network x = G(z).", \.generator),
      Field("reconstruction", "The likelihood in a layer of the critic.", \.reconstruction),
      Field("adversary", "The critic that tells generated examples from data, and its optimizer.", \.adversary),
    ]
  }

  public func pixels(_ shape: [Int]) -> PixelWish { generator.pixels(shape) }
  public var headline: [Metric] { [] }
  public var adversarySide: SideSettings? { adversary.critic.side }
  public var isScored: Bool { false }

  public func resolved(_ facts: Facts) -> Self {
    var known = self
    known.encoder.network = encoder.kind(facts.shape)
    known.generator.layers.network = generator.layers.kind(facts.shape)
    known.adversary.layers.network = adversary.layers.kind(facts.shape)
    return known
  }

  public func needOfPairs(_ facts: Facts) -> String? {
    let encodes = encoder.kind(facts.shape) == .dcgan
    return encodes || generator.needsPairs(facts.shape) || adversary.needsPairs(facts.shape)
      ? NetworkLimits.needOfNorm : nil
  }

  /// Objectives whose critic's cost of one side is softplus(V) and softplus(-V).
  private static let logistic: [AdversarialObjective] = [.minimax, .nonSaturating, .jensenShannon]

  public func validate() throws(SettingsError) {
    let objective = adversary.critic.objective
    guard reconstruction.margin == nil || Self.logistic.contains(objective) else {
      throw SettingsError(
        path: "reconstruction.margin",
        "who rests goes by the costs of a critic that tells a probability; set it to null under \(objective.rawValue)")
    }
    for (path, kind) in [("encoder", encoder.network), ("adversary", adversary.layers.network)] where kind == .residual
    {
      throw SettingsError(path: "\(path).network", "expected mlp or dcgan, got residual")
    }
    for (path, value) in [
      ("smoothing", adversary.handicap.smoothing), ("instanceNoise", adversary.handicap.instanceNoise),
      ("pretrainSteps", Double(adversary.critic.pretrainSteps)), ("steps", Double(adversary.critic.steps - 1)),
    ] where value > 0 {
      throw SettingsError(path: "adversary.\(path)", "vae-gan moves its three players at once and has no such choice")
    }
    guard adversary.critic.criticPenalty == .none, generator.steps == 1 else {
      throw SettingsError(
        path: adversary.critic.criticPenalty == .none ? "generator.steps" : "adversary.penalty",
        "vae-gan moves its three players at once and has no such choice")
    }
  }

  public func validate(_ facts: Facts) throws(SettingsError) {
    let shape = facts.shape
    try encoder.validate(
      "encoder", shape, inputs: shape.reduce(1, *), outputs: 2 * latent.dimensions, features: encoder.channels.last!,
      dense: [2 * latent.dimensions] + encoder.hidden(shape).reversed())
    try generator.validate(shape, code: latent.dimensions)
    try adversary.validate(shape)
    let layers = adversary.layers
    let stages = layers.kind(shape) == .mlp ? layers.hidden(shape).count : layers.channels.count
    guard reconstruction.layer <= stages else {
      throw SettingsError(
        path: "reconstruction.layer", "expected at most the \(stages) stages of the critic, got \(reconstruction.layer)"
      )
    }
  }

  public func make(_ facts: Facts, using rng: RandomSource) -> any SystemModel {
    let shape = facts.shape
    var design = reconstruction.design
    design.objective = adversary.critic.objective
    var reading = ExampleCriticSettings()
    reading.layers = encoder
    reading.batchNorm = true
    let qz = GaussianNetwork(
      reading.makeBody(shape, classes: nil, using: rng), dimension: latent.dimensions, using: rng)
    let network = generator.make(from: latent.dimensions, to: shape, using: rng)
    guard let body = adversary.makeBody(shape, classes: nil, using: rng) as? any StagedNetwork else {
      preconditionFailure("VAEGANDesign: expected mlp or dcgan")
    }
    return VAEGAN(qz: qz, generator: network, body: body, design: design, using: rng)
  }
}
