import Configuration
import Evaluation
import Generative
import Networks
import Probability
import Torch

/// What an encoder without a decoder ascends.
public struct InformationSettings: Settings {
  public var estimator = InformationEstimator.jsd
  public var global = 1.0
  public var local: Double?
  public var layer = 2
  public var units = 2048
  /// Whether examples have no places: there is no local term.
  var isWhole = false

  public init() {}

  public static var fields: [Field<Self>] {
    let hasNone = { (settings: Self) -> String? in
      settings.isWhole || settings.local == 0 ? "there is no local term" : nil
    }
    return [
      Field(
        "estimator",
        "how information is estimated: by softplus, among the examples of a batch, or as Donsker and Varadhan do",
        \.estimator, .choice),
      Field("global", "weight of the information of the whole example", \.global, .number(.atLeast(0))),
      Field(
        "local", "weight of the information of each place; null is 1, or 0 without convolutions", \.local,
        .optional(.number(.atLeast(0)))),
      Field(
        "layer", "stages of the encoder in front of the map whose places are seen", \.layer,
        .integer(1...NetworkLimits.deepest), unless: hasNone),
      Field("units", "width of the networks that judge pairs", \.units, .integer(2...NetworkLimits.widest)),
    ]
  }
}

/// The weight of a critic of codes.
public struct PriorWeightSettings: Settings {
  public var weight = 0.1

  public init() {}

  public static var fields: [Field<Self>] {
    [Field("weight", "weight of what the encoder descends against the critic", \.weight, .number(.atLeast(0)))]
  }
}

/// Encoders without a decoder: every choice is a value of the one `InfoMax`.
public struct InfoMaxDesign: Design {
  public var encoder = EncoderSettings()
  public var latent = CodeSettings()
  public var points: PointSettings? = PointSettings()
  public var information = InformationSettings()
  public var regularizer = PriorWeightSettings()
  public var adversary = CodeCriticSettings()
  /// Whether examples are known to be images.
  private var seesImages = false

  /// The defaults, changed.
  public init(_ change: (inout Self) -> Void = { _ in }) { change(&self) }

  public var reasonForOneProcess: String? { "its estimates of information take all pairs of a batch" }

  public static var fields: [Field<Self>] {
    [
      Field("encoder", "The network of z = E(x).", \.encoder),
      Field("latent", "The codes z.", \.latent),
      Field(
        "points", "Instead of a network of images, where examples are points.", \.points, initial: PointSettings(),
        unless: {
          if $0.seesImages { return "examples are images" }
          return $0.encoder.network == .mlp && !$0.latent.isOfPoints ? "the network is mlp" : nil
        }),
      Field("information", "What codes say of examples, and of places in them.", \.information),
      Field("regularizer", "What keeps the codes near N(0, I).", \.regularizer),
      Field("adversary", "The critic that tells codes from draws of N(0, I), and its optimizer.", \.adversary),
    ]
  }

  public func pixels(_ shape: [Int]) -> PixelWish { .asTheyAre("model", "infomax") }
  public var headline: [Metric] { [] }
  public var adversarySide: SideSettings? { adversary.critic.side }
  public var isScored: Bool { false }

  public func resolved(_ facts: Facts) -> Self {
    var known = settled(facts.shape)
    known.seesImages = facts.isImage
    return known
  }

  /// The same with the network and the code of points, where examples are points and the network is one of images.
  private func settled(_ shape: [Int]) -> Self {
    var known = self
    if let points, PointSettings.concerns(shape, isMLP: encoder.network == .mlp) {
      known.encoder.stand(in: points)
      (known.latent.dimensions, known.latent.isOfPoints) = (points.dimensions, true)
    }
    known.information.isWhole = known.encoder.network == .mlp
    return known
  }

  /// The weight of the local term, in settings that are settled.
  private var localWeight: Double { information.local ?? (information.isWhole ? 0 : 1) }

  public func needOfPairs(_ facts: Facts) -> String? { "information is estimated from pairs of different examples" }

  public func validate() throws(SettingsError) { try adversary.validate() }

  public func validate(_ facts: Facts) throws(SettingsError) { try settled(facts.shape).validate(facts.shape) }

  private func validate(_ shape: [Int]) throws(SettingsError) {
    try encoder.validate("encoder", shape: shape, outputs: latent.dimensions)
    try adversary.validate(dimension: latent.dimensions, shape: shape)
    if encoder.network == .mlp, encoder.joinsInput {
      throw SettingsError(path: "encoder.joinsInput", "an encoder whose layers are looked at has none of it, got true")
    }
    if information.isWhole, localWeight > 0 {
      throw SettingsError(
        path: "information.local",
        "expected 0 or null, as "
          + (shape.count == 1
            ? "examples of shape \(shape) are no images and have the global term only"
            : "an mlp has no map of places and the global term only") + ", got \(localWeight)")
    }
    if information.global == 0, localWeight == 0 {
      throw SettingsError(
        path: "information.global", "expected a global or a local weight above 0, got 0 and 0")
    }
    guard localWeight == 0 || information.layer <= encoder.channels.count else {
      throw SettingsError(
        path: "information.layer",
        "expected at most the \(encoder.channels.count) stages of encoder.channels, got \(information.layer)")
    }
    let features = encoder.network == .mlp ? encoder.hidden.last ?? shape.reduce(1, *) : encoder.mapSize(shape)
    let units = Double(information.units)
    try NetworkLimits.check(
      "information", kind: "", isMLP: true,
      weights: 4 * units * units + 2 * units * (Double(features) + 2 * Double(latent.dimensions)), shape: shape)
  }

  public func make(_ facts: Facts, using rng: RandomSource) -> any SystemModel {
    settled(facts.shape).made(facts.shape, using: rng)
  }

  private func made(_ shape: [Int], using rng: RandomSource) -> any SystemModel {
    var rules = InfoMax.Rules()
    (rules.estimator, rules.units) = (information.estimator, information.units)
    (rules.globalWeight, rules.localWeight, rules.localStages) = (information.global, localWeight, information.layer)
    (rules.priorWeight, rules.pretrainSteps) = (regularizer.weight, adversary.critic.pretrainSteps)
    guard let network = encoder.make(of: shape, using: rng) as? any StagedNetwork else {
      preconditionFailure("InfoMaxDesign: expected a network of stages")
    }
    return InfoMax(
      network, shape: shape, dimension: latent.dimensions,
      regularizer: adversary.regularizer(dimension: latent.dimensions, shape: shape, using: rng), rules: rules,
      using: rng)
  }
}
