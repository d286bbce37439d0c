import Configuration
import Datasets
import Evaluation
import Generative
import Networks
import Torch

/// The kinds of a feature extractor.
public enum ExtractorKind: String, Sendable, CaseIterable { case mlp, conv }

/// The network from examples to features.
public struct ExtractorSettings: Settings {
  public var network: ExtractorKind?
  public var hidden = [100, 100]
  public var channels = [32, 48]
  public var filter = 5

  public init() {}

  public static var fields: [Field<Self>] {
    func only(_ kind: ExtractorKind) -> (Self) -> String? {
      { $0.network == nil || $0.network == kind ? nil : "the network is \($0.network!.rawValue)" }
    }
    return [
      Field("network", "its kind; null is conv for images and mlp for points", \.network, .optional(.choice)),
      Field("hidden", "widths of the layers of mlp", \.hidden, NetworkLimits.widths(atLeast: 0), unless: only(.mlp)),
      Field(
        "channels", "feature maps of each stage of conv: a convolution, and a maximum over 2x2 pixels", \.channels,
        NetworkLimits.widths(atLeast: 1), unless: only(.conv)),
      Field(
        "filter", "side of the kernels of conv, which have no frame", \.filter, .integer(1...31), unless: only(.conv)),
    ]
  }

  func kind(_ shape: [Int]) -> ExtractorKind { network ?? (shape.count == 3 ? .conv : .mlp) }

  func validate(_ shape: [Int]) throws(SettingsError) {
    let (kind, area) = (kind(shape), Double(filter * filter))
    try NetworkLimits.check(
      "features", kind: kind.rawValue, isMLP: kind == .mlp,
      weights: kind == .mlp
        ? NetworkLimits.dense([shape.reduce(1, *)] + hidden) : area * NetworkLimits.dense([shape[0]] + channels),
      shape: shape)
    if kind == .conv, !PooledNetwork.fits(shape, stages: channels.count, kernel: filter) {
      throw SettingsError(
        path: "features.channels",
        "expected stages that leave a pixel, got \(channels.count) with kernels of \(filter) for examples of shape "
          + "\(shape)")
    }
  }

  func make(_ shape: [Int], using rng: RandomSource) -> any Network {
    switch kind(shape) {
    case .mlp: MLP(shape, hidden: hidden, using: rng)
    case .conv: PooledNetwork(shape, channels: channels, kernel: filter, using: rng)
    }
  }
}

/// A network of layers.
public struct HeadSettings: Settings {
  public var hidden: [Int]

  public init(_ hidden: [Int]) { self.hidden = hidden }

  public static var fields: [Field<Self>] {
    [Field("hidden", "widths of its layers; [] is linear", \.hidden, NetworkLimits.widths(atLeast: 0))]
  }
}

/// The discriminator of features, and its optimizer.
public struct DomainCriticSettings: Settings {
  public var layers = HeadSettings([100])
  public var handicap = HandicapSettings()
  public var critic = CriticSettings()
  /// Whether features ascend what it descends, with one move of both: a key of the design, under which most of these
  /// have no effect.
  public var isReversed = false

  public init() { critic.objective = .nonSaturating }

  public static var fields: [Field<Self>] {
    let reversed = { (settings: Self) in settings.isReversed ? "reversal is true" : nil }
    return HeadSettings.fields.map { $0.lifted(to: \.layers) }
      + HandicapSettings.fields.map { $0.lifted(to: \.handicap, unless: reversed) }
      + CriticSettings.gameFields.map { $0.lifted(to: \.critic, unless: reversed) }
      + SideSettings.fields.map { $0.lifted(to: \.critic.side) }
  }

  /// How the game is played, which reversal leaves nothing of but the paper's objective.
  func rules(_ moves: Moves) -> GANRules {
    guard !isReversed else { return GANRules() }
    var rules = critic.rules(handicap)
    rules.moves = moves
    return rules
  }

  /// Refuses an objective whose critic does not say to which domain an example belongs.
  func validate() throws(SettingsError) {
    try handicap.validate(critic.objective)
    guard critic.objective != .wasserstein else {
      let able = AdversarialObjective.allCases.filter { $0 != .wasserstein }.map(\.rawValue).joined(separator: ", ")
      throw SettingsError(
        path: "adversary.objective",
        "a discriminator tells domains under \(able); that of wasserstein has no value that parts them")
    }
  }
}

/// The weight of the domains in what features descend.
public struct DomainWeightSettings: Settings {
  public var weight = 1.0
  public var slope: Double? = 10

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field(
        "weight", "their weight at the end of the run; 0 trains on the source alone", \.weight, .number(.atLeast(0))),
      Field(
        "slope", "s of weight (2 / (1 + exp(-s p)) - 1), p from 0 to 1 over the run; null is weight all the time",
        \.slope, .optional(.number(.above(0))), unless: { $0.weight > 0 ? nil : "the weight is 0" }),
    ]
  }

  var schedule: Schedule { slope.map { .sigmoid(end: weight, slope: $0) } ?? .constant(weight) }
}

/// A classifier of source examples whose features do not tell them from target examples.
///
/// Images are seen in [-1, 1] unless `data.scaling` says otherwise, because two players gain only there: on digits on
/// textures with pixels in [0, 1], features of both domains become alike, too, but nine of ten target digits end in one
/// class.
public struct ADADesign: Design {
  public var moves = Moves.alternating
  public var domain = TargetSettings("mnist-shifted")
  public var extractor = ExtractorSettings()
  public var classifier = HeadSettings([100, 100])
  public var domains = DomainWeightSettings()
  public var adversary = DomainCriticSettings()

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field(
        "moves", "whether discriminator and features move in turn or at once", \.moves, .choice,
        unless: { $0.adversary.isReversed ? "reversal is true" : nil }),
      Field("target", "The target; the source, whose labels are used, is under data.", \.domain),
      Field("features", "The network f = G(x).", \.extractor),
      Field("classifier", "The layers of q(c|f).", \.classifier),
      Field("domains", "The weight of the domains in what features descend.", \.domains),
      Field(
        "reversal",
        "whether features ascend what the discriminator descends, at once with it, instead of descending labels exchanged",
        \.adversary.isReversed, .flag, unless: { $0.domains.weight > 0 ? nil : "domains.weight is 0" }),
      Field("adversary", "The discriminator of features, and its optimizer.", \.adversary),
    ]
  }

  public var feeds: [Feed] { [.target] }
  public var target: TargetSettings? { domain }
  public var usesClasses: Bool { true }
  public var adversarySide: SideSettings? { adversary.critic.side }
  public var isScored: Bool { false }
  public var headline: [Metric] { [.classificationError, .targetError, .domainAccuracy] }

  public func headline(_ facts: Facts) -> [Metric] {
    headline.filter { $0 != .targetError || facts.target?.classes != nil }
  }

  public func pixels(_ shape: [Int]) -> PixelWish { .centred("model", "ada") }
  public mutating func setTarget(_ change: (inout TargetSettings) -> Void) { change(&domain) }

  public func resolved(_ facts: Facts) -> Self {
    var known = self
    known.extractor.network = extractor.kind(facts.shape)
    return known
  }

  public func validate() throws(SettingsError) { try adversary.validate() }

  public func validate(_ facts: Facts) throws(SettingsError) {
    try extractor.validate(facts.shape)
    if (facts.classes ?? 0) < 2 {
      throw SettingsError(
        path: "data",
        "expected labels of at least 2 classes in the source, got \(facts.classes.map(String.init) ?? "none")")
    }
  }

  public func make(_ facts: Facts, using rng: RandomSource) -> any SystemModel {
    let features = extractor.make(facts.shape, using: rng)
    let length = [features.outputShape.reduce(1, *)]
    return ADA(
      features: features, classifier: MLP(length, hidden: classifier.hidden, using: rng), classes: facts.classes!,
      discriminator: CodeCritic(MLP(length, hidden: adversary.layers.hidden, using: rng), using: rng),
      weight: domains.schedule, rules: adversary.rules(moves),
      isReversed: adversary.isReversed && domains.weight > 0, using: rng)
  }
}
