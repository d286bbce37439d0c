import Datasets
import Networks
import Probability
import Torch

/// A generator of examples against a critic that tells them from data. Goodfellow et al. 2014.
///
/// With `.jensenShannon` it is the non-saturating game, with `.leastSquares` that of Mao et al. 2017, with
/// `.wasserstein` and a penalty on the gradient that of Gulrajani et al. 2017. There is no likelihood and no encoder.
public final class GAN: Game, Decoder {
  /// p(z).
  public let pz: any CodePrior
  /// x = G(z).
  private let generator: any Network
  /// V(x).
  private let critic: CodeCritic
  /// The objective that critic and generator play.
  public let objective: AdversarialObjective
  public let penalty: CriticPenalty
  private let steps: Int
  private let moves: Moves
  private let pretrainSteps: Int
  private let creator: Player
  private let adversary: Player

  /// - Parameters:
  ///   - generator: from codes to examples, of an example's shape.
  ///   - steps: moves of the critic for one of the generator.
  ///   - pretrainSteps: rounds at first in which the critic alone moves.
  public init(
    pz: any CodePrior, generator: any Network, critic: CodeCritic, objective: AdversarialObjective,
    penalty: CriticPenalty = .none, steps: Int = 1, moves: Moves = .alternating, pretrainSteps: Int = 0
  ) {
    precondition(steps >= 1, "GAN: expected at least 1 step of the critic, got \(steps)")
    self.pz = pz
    self.generator = generator
    self.critic = critic
    self.objective = objective
    self.penalty = penalty
    self.steps = steps
    self.moves = moves
    self.pretrainSteps = pretrainSteps
    creator = Player("generator", [generator])
    adversary = Player("critic", side: .adversary, [critic])
  }

  public var exampleShape: [Int] { generator.outputShape }
  public var prior: any CodePrior { pz }
  public let portrayal = "draws of p(x)"

  /// G(z): codes `[n, latent]` to examples `[n] + exampleShape`.
  public func decode(_ z: Tensor, as shown: Shown, using rng: RandomSource) -> Tensor { generator(z) }

  // MARK: Training

  public var players: [Player] { [creator, adversary] }
  public var batchesPerRound: Int { steps }

  /// The critic moves on fresh batches; at its last move of a round the generator moves on the same generated examples.
  public func play(_ table: any Table) throws {
    let isPretraining = table.clock.step < pretrainSteps
    for _ in 0..<(isPretraining ? steps : steps - 1) {
      let x = try table.batch(.main).x
      let made = withoutGradients { generator(pz.sample([x.size(0)], using: table.rng)) }
      try table.move(adversary, criticLoss(critic(made), made: made, x, table.rng))
    }
    if isPretraining { return }
    let x = try table.batch(.main).x
    let made = generator(pz.sample([x.size(0)], using: table.rng))  // [batch] + exampleShape
    switch moves {
    case .alternating:
      try table.move(adversary, criticLoss(critic(made.detached()), made: made.detached(), x, table.rng))
      try table.move(creator, Loss(objective.loss(q: critic(made)), in: objective.unit))
    case .simultaneous:
      let logits = critic(made)
      let loss = criticLoss(logits, made: made.detached(), x, table.rng)
      try table.move([(creator, Loss(objective.loss(q: logits), in: objective.unit)), (adversary, loss)])
    }
  }

  /// What the critic descends, given its logits of generated examples.
  private func criticLoss(_ q: Logits, made: Tensor, _ x: Tensor, _ rng: RandomSource) -> Loss {
    let divergence = objective.divergence(q: q, p: critic(x))
    let extra = penalty(critic.callAsFunction, q: made, p: x, using: rng)
    return Loss(
      extra.map { $0 - divergence } ?? -divergence, in: objective.unit,
      terms: [.init("divergence", divergence, in: objective.unit)]
        + (extra.map { [.init("penalty", $0, in: .none)] } ?? []))
  }
}

extension GAN: Described {
  public var card: ModelCard {
    ModelCard(
      conditionals: [
        .init("p", ["z"], pz.summary),
        .init("p", ["x"], given: ["z"], "x = G(z), \(generator.summary)", isImplicit: true),
      ],
      players: [
        .init("generator", objective.lossFormula("x") + ",  q the generated examples"),
        .init("critic", "-(\(objective.formula("x")))\(penalty.formula),  p the data, V: \(critic.summary)"),
      ],
      parameterCount: parameterCount,
      adversaries: [.init(of: ["x"], real: "p_data(x)", generated: "p(x)", objective: objective)])
  }
}
