import Configuration
import Generative
import Networks
import Probability
import Torch

/// What a critic is given.
public enum CriticView: String, Sendable, CaseIterable { case z, xz }

/// Penalties on a critic's gradient.
public enum PenaltyKind: String, Sendable, CaseIterable {
  case none
  /// (|grad V| - 1)^2 between draws of both sides.
  case gradient
  /// |grad V|^2 at draws of the prior or the data.
  case r1
}

/// What all critics have: the game they play, what keeps them in bounds, and an optimizer.
public struct CriticSettings: Settings {
  public var objective = AdversarialObjective.jensenShannon
  public var penalty: PenaltyKind?
  public var penaltyWeight = 10.0
  public var steps = 1
  public var side = SideSettings()

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field("objective", "its loss and that of the other side", \.objective, .choice),
      Field(
        "penalty", "penalty on its gradient; null is gradient for wasserstein, none otherwise", \.penalty,
        .optional(.choice)),
      Field(
        "penaltyWeight", "weight of the penalty", \.penaltyWeight, .number(.atLeast(0)),
        unless: { $0.penaltyKind == .none ? "there is no penalty" : nil }),
      Field("steps", "its steps for each step of the other side", \.steps, .integer(1...1000)),
    ] + SideSettings.fields.map { $0.lifted(to: \.side) }
  }

  private var penaltyKind: PenaltyKind { penalty ?? (objective == .wasserstein ? .gradient : .none) }

  /// The penalty as the game wants it.
  var criticPenalty: CriticPenalty {
    switch penaltyKind {
    case .none: .none
    case .gradient: .unitGradient(weight: penaltyWeight)
    case .r1: .r1(weight: penaltyWeight)
    }
  }
}

/// The critic of an autoencoder's codes.
public struct CodeCriticSettings: Settings {
  /// The kinds of its network.
  public enum Network: String, Sendable, CaseIterable { case mlp }

  public var network = Network.mlp
  public var hidden = [512, 512]
  public var sees = CriticView.z
  public var critic = CriticSettings()

  public init() {
    // One as fast as the encoder makes the game circle.
    critic.side.learningRate = TrainingSettings().learningRate / 3
  }

  public static var fields: [Field<Self>] {
    [
      Field("network", "its kind", \.network, .choice),
      Field(
        "hidden", "widths of its layers; [] is linear, for a critic of z", \.hidden, NetworkLimits.widths(atLeast: 0)),
      Field("sees", "what it is given: codes, or examples and codes", \.sees, .choice),
    ] + CriticSettings.fields.map { $0.lifted(to: \.critic) }
  }

  /// The regularizer for codes of a length and examples of a size.
  func regularizer<Posterior: PathwiseSampler, Prior: CodePrior>(
    dimension: Int, examples size: Int, using rng: RandomSource
  ) -> CriticRegularizer<Posterior, Prior> {
    let activation = Activation.leakyReLU(slope: 0.2)
    let judge: any Critic =
      sees == .z
      ? CodeCritic(MLP([dimension], hidden: hidden, activation: activation, using: rng), using: rng)
      : JointCritic(
        JointMLP([size, dimension], hidden: hidden, activation: activation, initialization: .uniformFanIn, using: rng),
        using: rng)
    return CriticRegularizer(
      judge, objective: critic.objective, penalty: critic.criticPenalty, steps: critic.steps)
  }
}
