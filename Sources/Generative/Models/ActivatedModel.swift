import Datasets
import Networks
import Probability
import Torch

/// A model with codes whose degenerate discriminator is activated: it learns of generated examples too, and every example
/// weighs what a discriminator takes it for. Hu et al. 2018, section 4.2, Eqs. 23, 48 and 50.
///
/// Real and generated examples alike weigh q^r(y=0|x) = D_T(x) = sigmoid(logit of reality / T), through which no gradient
/// goes; none goes through generated examples either. Their sum is divided by the number of real ones, so that a perfect
/// discriminator leaves the model's own loss, to the bit.
public final class ActivatedModel: Game, Wrapping {
  private let model: any Weighable
  private let critic: CodeCritic
  private let rules: GANRules
  private let temperature: Double
  private let isConditional: Bool
  private let creator: Player
  private let adversary: Player

  /// - Parameters:
  ///   - critic: V(x), or V(x, y) where it `isConditional`.
  ///   - rules: of the critic, with an objective that tells log q/p.
  ///   - temperature: T; more than 1 trusts the critic less.
  public init(
    _ model: any Weighable, critic: CodeCritic, isConditional: Bool = false, rules: GANRules = GANRules(),
    temperature: Double = 1
  ) {
    precondition(
      rules.objective.tellsLogRatio && temperature > 0,
      "ActivatedModel: expected an objective that tells log q/p and a temperature above 0, got "
        + "\(rules.objective.rawValue) and \(temperature)")
    self.model = model
    self.critic = critic
    self.isConditional = isConditional
    self.rules = rules
    self.temperature = temperature
    creator = Player("model", [model])
    adversary = Player("critic", side: .adversary, [critic])
  }

  public var core: any Module { model }
  public var players: [Player] { [creator, adversary] }
  public var score: Score? { model.score }
  public var batchesPerRound: Int { rules.criticSteps }

  /// Model and critic move at once, on one look at all examples; what the critic moves more often it does before.
  public func play(_ table: any Table) throws {
    let isPretraining = table.clock.step < rules.pretrainSteps
    for _ in 0..<(isPretraining ? rules.criticSteps : rules.criticSteps - 1) {
      let real = try model.portions(table)[0]
      try table.move(adversary, look(at: real, made(like: real, table), table).loss)
    }
    if isPretraining { return }
    let portions = try model.portions(table)
    let costs = portions.map { model.cost($0, table.clock, using: table.rng) }  // each [batch]
    let made = made(like: portions[0], table)
    let ofMade = TrainingMode.withoutAverages { model.cost(made, table.clock, using: table.rng) }
    let (loss, q, p) = look(at: portions[0], made, table)
    let others = withoutGradients {
      TrainingMode.withoutAverages { portions.dropFirst().map { weights(judged($0, table)) } }
    }
    let real = [weights(p)] + others
    let count = Double(portions[0].batch.count)
    let total = zip(portions, zip(real, costs)).reduce((weights(q) * ofMade).sum() / count) {
      $0 + ($1.1.0 * $1.1.1).mean() * $1.0.weight
    }
    let all = Tensor.concatenated([real[0], weights(q)])
    let effective = all.sum().square() / (all.square().sum() * Double(all.count) + Self.smallest)
    // Their losses share no graph; the model's goes last, as only the last one's is freed while gradients are taken.
    try table.move([
      (adversary, loss),
      (
        creator,
        Loss(
          total,
          terms: [
            .init("bound", -costs[0]), .init("weight_of_real", real[0], in: .fraction),
            .init("weight_of_generated", weights(q), in: .fraction),
            .init("effective_samples", effective, in: .fraction),
          ])
      ),
    ])
  }

  /// Keeps the effective number of samples finite where the critic is sure that nothing is real.
  private static let smallest = 1e-30

  private func made(like real: Portion, _ table: any Table) -> Portion {
    withoutGradients { TrainingMode.withoutAverages { model.made(like: real, using: table.rng) } }
  }

  private var round: CriticRound { CriticRound(critic: critic, rules: rules) }

  private func judged(_ portion: Portion, _ table: any Table) -> Logits {
    round.judged(portion.batch.x, isConditional ? portion.batch.labels : nil, table).logits
  }

  /// The critic's verdicts on generated and real examples, and its loss.
  private func look(at real: Portion, _ made: Portion, _ table: any Table) -> (loss: Loss, q: Logits, p: Logits) {
    let (q, p) = (judged(made, table), judged(real, table))
    let (value, terms) = round.loss(
      q: q, p: p, made: made.batch.x, real: real.batch.x, classes: isConditional ? real.batch.labels : nil, table)
    return (Loss(value, in: rules.objective.unit, terms: terms), q, p)
  }

  /// D_T(x), `[n]`, without a gradient.
  private func weights(_ logits: Logits) -> Tensor {
    guard let logRatio = rules.objective.logRatio(logits) else {
      preconditionFailure("ActivatedModel: \(rules.objective.rawValue) tells no probability")
    }
    return (logRatio.detached() * (-1 / temperature)).sigmoid()
  }
}

extension ActivatedModel: Described {
  public var card: ModelCard {
    let card = model.card
    let variable = isConditional ? "x, y" : "x"
    let temperature = temperature == 1 ? "" : " / \(temperature.plain)"
    return ModelCard(
      conditionals: card.conditionals,
      players: card.players.map {
        .init("model", "D times (\($0.loss)) of real and generated x, over the number of real ones")
      }
        + [
          .init(
            "critic",
            "-(\(rules.objective.formula(variable)))\(rules.penalty.formula),  q the generated examples, p the data, "
              + "V: \(critic.summary)")
        ],
      notes: card.notes + [
        "D = sigmoid(-(\(rules.objective.logRatioFormula(variable)!))\(temperature)) weighs every example, "
          + "without a gradient"
      ], parameterCount: parameterCount,
      adversaries: [
        .init(
          of: ["x"], given: isConditional ? ["y"] : [], real: "p_data(x)", generated: "p(x)", use: .weighs,
          objective: rules.objective)
      ])
  }
}
