import Configuration
import Datasets
import Evaluation
import Generative
import Networks
import Torch

/// Translators between two domains.
public struct CycleGANDesign: Design {
  public var moves = Moves.alternating
  public var domain = TargetSettings("mnist-shifted")
  public var generator = TranslatorSettings()
  public var adversarial: Double?
  public var cycle = 10.0
  public var identity = 0.5
  public var history = 50
  public var adversary = PatchCriticSettings()

  /// The defaults, changed.
  public init(_ change: (inout Self) -> Void = { _ in }) { change(&self) }

  public var reasonForOneProcess: String? { "its critics see a history of generated examples, of which there is one" }

  public static var fields: [Field<Self>] {
    [
      Field("moves", "whether translators and critics move in turn or at once", \.moves, .choice),
      Field("target", "The domain b; that of a is under data.", \.domain),
      Field("generator", "The networks b = G(a) and a = F(b).", \.generator),
      Field(
        "adversarial",
        "weight of the translators' adversarial losses; null is 2 for least-squares, whose half here it takes away, else 1",
        \.adversarial, .optional(.number(.atLeast(0)))),
      Field("cycle", "weight of |F(G(a)) - a| and |G(F(b)) - b|", \.cycle, .number(.atLeast(0))),
      Field(
        "identity", "weight of |F(a) - a| and |G(b) - b|, in units of cycle; 0 leaves them out", \.identity,
        .number(.atLeast(0)), unless: { $0.cycle > 0 ? nil : "cycle is 0" }),
      Field(
        "history", "generated examples of each domain that are kept for its critic; 0 shows it new ones alone",
        \.history, .integer(0...100_000)),
      Field("adversary", "The critics of the two domains, and their optimizer.", \.adversary),
    ]
  }

  public var feeds: [Feed] { [.target] }
  public var target: TargetSettings? { domain }
  public var adversarySide: SideSettings? { adversary.critic.side }
  public var isScored: Bool { false }
  public var headline: [Metric] { [] }

  public func pixels(_ shape: [Int]) -> PixelWish {
    shape.count == 3 ? .symmetric("model", "cyclegan") : .asTheyAre("model", "cyclegan")
  }

  public mutating func setTarget(_ change: (inout TargetSettings) -> Void) { change(&domain) }

  public func resolved(_ facts: Facts) -> Self {
    var known = self
    known.generator.network = generator.kind(facts.shape)
    known.adversary.network = adversary.kind(facts.shape)
    return known
  }

  public func validate() throws(SettingsError) { try adversary.handicap.validate(adversary.critic.objective) }

  public func validate(_ facts: Facts) throws(SettingsError) {
    try generator.validate(facts.shape)
    try adversary.validate(facts.shape)
  }

  public func make(_ facts: Facts, using rng: RandomSource) -> any SystemModel {
    var rules = CycleGAN.Rules()
    rules.game = adversary.critic.rules(adversary.handicap)
    (rules.game.moves, rules.game.generatorSteps) = (moves, generator.steps)
    rules.adversarial = adversarial ?? (adversary.critic.objective == .leastSquares ? 2 : 1)
    (rules.cycle, rules.identity) = (cycle, identity)
    let (toB, toA) = (generator.make(facts.shape, using: rng), generator.make(facts.shape, using: rng))
    return CycleGAN(
      toA: toA, toB: toB, criticA: adversary.make(facts.shape, using: rng),
      criticB: adversary.make(facts.shape, using: rng), history: history, rules, device: rng.device)
  }
}
