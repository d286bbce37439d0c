import Configuration
import Datasets
import Evaluation
import Foundation
import Generative
import Torch

/// What an activated discriminator does with a model.
public struct ActivationSettings: Settings {
  /// T; nil leaves it to the score on validation examples.
  public var temperature: Double? = 1

  public init() {}

  /// What validations choose among. Hu et al. 2018, appendix G.2.
  static let candidates = [1, 1.5, 3, 5]

  public static var fields: [Field<Self>] {
    [
      Field(
        "temperature",
        "T of the weights sigmoid(logit / T), more than 1 trusts the critic less; auto trains with "
          + "\(candidates.map { String(format: "%g", $0) }.joined(separator: ", ")) and keeps what validates best",
        \.temperature, .automatic(.number(.above(0))))
    ]
  }
}

/// A family of models with codes whose discriminator is activated: the sections of that family, and a critic of examples.
public struct ActivatedDesign<Base: Design>: Design {
  public var base: Base
  public var activation = ActivationSettings()
  public var adversary = ExampleCriticSettings()

  /// The choices of a family that has no adversary of its own, changed.
  public init(_ base: Base, _ change: (inout Self) -> Void = { _ in }) {
    self.base = base
    adversary.critic.objective = .nonSaturating
    change(&self)
  }

  public static var fields: [Field<Self>] {
    Base.fields.filter { $0.key != "adversary" }.map { $0.lifted(to: \.base) } + [
      Field("activation", "The weights of real and generated examples. Hu et al. 2018, Eq. 48.", \.activation),
      Field("adversary", "The critic that weighs them, and its optimizer.", \.adversary),
    ]
  }

  public var feeds: [Feed] { base.feeds }
  public func pixels(_ shape: [Int]) -> PixelWish { base.pixels(shape) }
  public var headline: [Metric] { base.headline }
  public var labels: LabelSettings? { base.labels }
  public var usesClasses: Bool { base.usesClasses }
  public var adversarySide: SideSettings? { adversary.critic.side }
  public var isScored: Bool { base.isScored }

  public var trials: [Trial] {
    guard activation.temperature == nil else { return [] }
    return ActivationSettings.candidates.map { candidate in
      var design = self
      design.activation.temperature = candidate
      return Trial("activation.temperature", String(format: "%g", candidate), design)
    }
  }

  public func resolved(_ facts: Facts) -> Self {
    var known = self
    known.base = base.resolved(facts)
    known.adversary.layers.network = adversary.layers.kind(facts.shape)
    return known
  }

  public func needOfPairs(_ facts: Facts) -> String? {
    base.needOfPairs(facts) ?? (adversary.needsPairs(facts.shape) ? NetworkLimits.needOfNorm : nil)
  }

  public var validatesPairs: Bool { base.validatesPairs }

  /// Whether the critic is given the class of an example, as the model is.
  private var isConditional: Bool { base.usesClasses && base.labels == nil }

  public func validate() throws(SettingsError) {
    try base.validate()
    if base.adversarySide != nil || !base.isScored {
      throw SettingsError(
        path: "regularizer.divergence",
        "the adversary weighs examples: expected a divergence without a critic of its own")
    }
    // What is added once a batch, or ties its examples together, is no part of any one of them.
    if let base = base as? AuxiliaryModelDesign, base.auxiliary.weightPrior {
      throw SettingsError(
        path: "auxiliary.weightPrior",
        "the adversary weighs examples, and a prior of weights is of none: expected false")
    }
    if let base = base as? AutoencoderDesign, let divergence = base.regularizer.divergenceOfBatches {
      throw SettingsError(
        path: "regularizer.divergence",
        "the adversary weighs examples, and \(divergence.rawValue) is of a whole batch: expected kl, monte-carlo-kl or none"
      )
    }
    guard adversary.handicap.smoothing == 0 else {
      throw SettingsError(
        path: "adversary.smoothing",
        "weights are what the critic takes for the share of real examples, which smoothed labels are not: expected 0, got "
          + adversary.handicap.smoothing.plain)
    }
    try adversary.validate()
    let objective = adversary.critic.objective
    guard objective.tellsLogRatio else {
      let able = AdversarialObjective.allCases.filter(\.tellsLogRatio).map(\.rawValue).joined(separator: ", ")
      throw SettingsError(
        path: "adversary.objective",
        "weights are of an objective whose critic tells a probability (\(able)), got \(objective.rawValue)")
    }
  }

  public func validate(_ facts: Facts) throws(SettingsError) {
    try base.validate(facts)
    try adversary.validate(facts.shape)
    if isConditional { try adversary.layers.requireLayers("adversary", facts.shape) }
  }

  /// The model, or that of the first trial where the temperature is open: it shows what is trained.
  public func make(_ facts: Facts, using rng: RandomSource) throws -> any SystemModel {
    let made = try base.make(facts, using: rng)
    guard let model = made as? any Weighable else {
      throw SettingsError(path: "model", "expected a model whose loss is a sum over examples, got \(type(of: made))")
    }
    let critic = adversary.make(facts.shape, classes: isConditional ? facts.classes : nil, using: rng)
    return ActivatedModel(
      model, critic: critic, isConditional: isConditional, rules: adversary.rules,
      temperature: activation.temperature ?? ActivationSettings.candidates[0])
  }
}
