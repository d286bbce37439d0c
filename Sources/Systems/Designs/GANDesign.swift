import Configuration
import Evaluation
import Generative
import Networks
import Probability
import Torch

/// Generative adversarial networks: every choice is a value of the one `GAN`.
public struct GANDesign: Design {
  public var moves = Moves.alternating
  public var conditional = false
  public var latent = GANLatentSettings()
  public var codes = RecoveredCodeSettings()
  public var importance = ImportanceSettings()
  public var generator = GeneratorSettings()
  public var adversary = ExampleCriticSettings()

  /// The defaults, changed.
  public init(_ change: (inout Self) -> Void = { _ in }) { change(&self) }

  public static var fields: [Field<Self>] {
    [
      Field("moves", "whether critic and generator move in turn or at once", \.moves, .choice),
      Field("conditional", "whether both networks are given an example's class, at every layer", \.conditional, .flag),
      Field("latent", "The codes z.", \.latent),
      Field("codes", "Parts of the code that are recovered from examples. Chen et al. 2016.", \.codes),
      Field("importance", "Weights of generated examples. Hu et al. 2018, Eq. 22.", \.importance),
      Field("generator", "The network x = G(z).", \.generator),
      Field("adversary", "The critic that tells generated examples from data, and its optimizer.", \.adversary),
    ]
  }

  public func pixels(_ shape: [Int]) -> PixelWish { generator.pixels(shape) }

  public var headline: [Metric] { codes.isEmpty ? [] : [.codeInformation] }
  public var adversarySide: SideSettings? { adversary.critic.side }
  public var isScored: Bool { false }
  public var usesClasses: Bool { conditional }

  public func resolved(_ facts: Facts) -> Self {
    var known = self
    known.generator.layers.network = generator.layers.kind(facts.shape)
    known.adversary.layers.network = adversary.layers.kind(facts.shape)
    return known
  }

  public func needOfPairs(_ facts: Facts) -> String? {
    let shape = facts.shape
    return !codes.isEmpty || generator.needsPairs(shape) || adversary.needsPairs(shape)
      ? NetworkLimits.needOfNorm : nil
  }

  /// The length of a code without its class.
  private var codeLength: Int { latent.dimensions + codes.length }

  public func validate() throws(SettingsError) {
    try adversary.validate()
    if importance.weighted, adversary.handicap.smoothing > 0 {
      throw SettingsError(
        path: "adversary.smoothing",
        "importance weights are odds of real examples, which smoothed labels are not: expected 0, got "
          + adversary.handicap.smoothing.plain)
    }
    let objective = adversary.critic.objective
    if importance.weighted, !objective.tellsLogRatio {
      let able = AdversarialObjective.allCases.filter(\.tellsLogRatio).map(\.rawValue).joined(separator: ", ")
      throw SettingsError(
        path: "importance.weighted",
        "weights are of an objective whose critic tells a probability (\(able)), got \(objective.rawValue)")
    }
  }

  public func validate(batchSize: Int) throws(SettingsError) {
    guard importance.weighted, let samples = importance.samples, samples > batchSize else { return }
    throw SettingsError(
      path: "importance.samples",
      "expected at most the \(batchSize) examples of a batch (training.batchSize), got \(samples)")
  }

  public func validate(_ facts: Facts) throws(SettingsError) {
    try generator.validate(facts.shape, code: codeLength)
    try adversary.validate(facts.shape)
    guard conditional else { return }
    try facts.requireClasses("conditional")
    try generator.layers.requireLayers("generator", facts.shape)
    try adversary.layers.requireLayers("adversary", facts.shape)
  }

  public func make(_ facts: Facts, using rng: RandomSource) -> any SystemModel {
    var rules = adversary.rules
    rules.moves = moves
    rules.generatorSteps = generator.steps
    rules.importance = importance.importance
    rules.informationWeight = codes.weight
    let classes = conditional ? facts.classes : nil
    let parts = codes.parts(behind: latent.dimensions)
    let network = generator.make(from: codeLength, to: facts.shape, classes: classes, using: rng)
    let critic = adversary.make(facts.shape, classes: classes, using: rng)
    return GAN(
      pz: parts.isEmpty ? latent.codePrior : MixedPrior([latent.codePrior] + parts.map(\.prior)), generator: network,
      critic: critic,
      recovery: parts.isEmpty ? nil : CodeRecovery(parts, features: critic.featureCount, using: rng),
      classes: classes ?? 0, rules: rules)
  }
}
