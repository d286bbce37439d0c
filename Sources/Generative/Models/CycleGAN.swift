import Datasets
import Networks
import Torch

/// Two translators between the domains a and b against a critic of each. Zhu et al. 2017.
///
/// b = G(a) plays InfoGAN's game in the space of b, with a as its code, which F recovers; a = F(b) plays that of an
/// adversarial autoencoder, the same with the spaces exchanged. Code recovery is the cycle: F(G(a)) near a.
public final class CycleGAN: Game, Translator {
  /// b = G(a).
  private let toB: any Network
  /// a = F(b).
  private let toA: any Network
  /// V_a(a).
  private let criticA: PatchCritic
  /// V_b(b).
  private let criticB: PatchCritic
  private let historyA: ExampleHistory
  private let historyB: ExampleHistory
  /// The game, its weights and the moves of a round.
  public let rules: Rules
  private let translators: Player
  private let judges: [Player]

  /// - Parameters:
  ///   - history: generated examples of each domain that are kept for its critic; 0 shows it new ones alone.
  public init(
    toA: any Network, toB: any Network, criticA: PatchCritic, criticB: PatchCritic, history: Int = 50,
    _ rules: Rules = Rules(), device: Device = .cpu
  ) {
    precondition(rules.game.importance == nil, "CycleGAN: expected no importance weights, as it draws no codes")
    (self.toA, self.toB, self.criticA, self.criticB, self.rules) = (toA, toB, criticA, criticB, rules)
    historyA = ExampleHistory(capacity: history, shape: toA.outputShape, device: device)
    historyB = ExampleHistory(capacity: history, shape: toB.outputShape, device: device)
    translators = Player("translators", [toB, toA])
    judges = [("critic-a", criticA), ("critic-b", criticB)].map { Player($0.0, side: .adversary, [$0.1]) }
  }

  public let destinations = Domain.allCases

  public func translate(_ x: Tensor, to domain: Domain, using rng: RandomSource) -> Tensor {
    domain == .a ? toA(x) : toB(x)
  }

  // MARK: Training

  public var players: [Player] { [translators] + judges }
  public var batchesPerRound: Int { rules.game.criticSteps + rules.game.generatorSteps - 1 }

  /// Examples of both domains, or what was made in them.
  private typealias Pair = (a: Tensor, b: Tensor)

  private func batches(_ table: any Table) throws -> Pair { (try table.batch(.main).x, try table.batch(.target).x) }

  private func translated(_ x: Pair) -> Pair { (a: toA(x.b), b: toB(x.a)) }

  /// All moves but the last of each side are on fresh batches. On the last batch the translators move first and the
  /// critics then, on the history of what was made, or all at once.
  public func play(_ table: any Table) throws {
    let game = rules.game
    let isPretraining = table.clock.step < game.pretrainSteps
    for _ in 0..<(isPretraining ? game.criticSteps : game.criticSteps - 1) {
      let x = try batches(table)
      try table.move(criticLosses(x, withoutGradients { translated(x) }, table))
    }
    if isPretraining { return }
    for _ in 1..<game.generatorSteps {
      let x = try batches(table)
      try table.move(translators, translatorLoss(x, translated(x), table))
    }
    let x = try batches(table)
    let made = translated(x)
    let loss = translatorLoss(x, made, table)
    switch game.moves {
    case .alternating:
      try table.move(translators, loss)
      try table.move(criticLosses(x, made, table))
    case .simultaneous: try table.move([(translators, loss)] + criticLosses(x, made, table))
    }
  }

  private func translatorLoss(_ x: Pair, _ made: Pair, _ table: any Table) -> Loss {
    let objective = rules.game.objective
    func fooled(_ critic: PatchCritic, _ made: Tensor) -> Tensor {
      objective.loss(q: critic(rules.game.seen(made, table))).mean()
    }
    let adversarial = fooled(criticB, made.b) + fooled(criticA, made.a)
    let cycle = distance(toA(made.b), x.a) + distance(toB(made.a), x.b)
    let identity = rules.identity > 0 ? distance(toA(x.a), x.a) + distance(toB(x.b), x.b) : nil
    var loss = adversarial * rules.adversarial + cycle * rules.cycle
    if let identity { loss = loss + identity * (rules.cycle * rules.identity) }
    return Loss(
      loss, in: .none,
      terms: [.init("adversarial", adversarial, in: objective.unit), .init("cycle", cycle, in: .none)]
        + (identity.map { [.init("identity", $0, in: .none)] } ?? []))
  }

  /// |x - y|, the mean over all numbers.
  private func distance(_ x: Tensor, _ y: Tensor) -> Tensor { (x - y).abs().mean() }

  private func criticLosses(_ x: Pair, _ made: Pair, _ table: any Table) -> [(Player, Loss)] {
    let game = rules.game
    let sides = [
      (criticA, x.a, historyA.exchange(made.a, using: table.rng)),
      (criticB, x.b, historyB.exchange(made.b, using: table.rng)),
    ]
    return zip(judges, sides).map { player, side in
      let (critic, real, made) = side
      let (value, terms) = game.criticLoss(
        q: critic(game.seen(made, table)), p: critic(game.seen(real, table)), made: made, real: real, table,
        judge: critic.mean)
      return (player, Loss(value, in: game.objective.unit, terms: terms))
    }
  }
}

extension CycleGAN: Described {
  public var card: ModelCard {
    let (objective, cycle) = (rules.game.objective, rules.cycle.plain)
    let loss = objective.lossFormula("b").replacing("E_q ", with: "")
    let isKL = [.jensenShannon, .nonSaturating].contains(objective)
    let same = rules.identity > 0 ? (rules.cycle * rules.identity).plain : nil
    let weight = rules.adversarial == 1 ? "" : "\(rules.adversarial.plain) "
    return ModelCard(
      conditionals: [
        .init("p", ["x"], given: ["z"], "b = G(a), \(toB.summary)", isImplicit: true),
        .init("q", ["z"], given: ["x"], "a = F(b), \(toA.summary)", isImplicit: true),
      ],
      players: [
        .init(
          "translators",
          "\(weight)E_a \(loss),  b = G(a), + \(cycle) |F(G(a)) - a|"
            + (same.map { " + \($0) |F(a) - a|" } ?? "")
            + ", and the same with a and b exchanged")
      ]
        + [("critic-a", "a", "F(b)", criticA), ("critic-b", "b", "G(a)", criticB)].map { name, variable, made, critic in
          .init(
            name,
            "-(\(objective.formula(variable)))\(rules.game.penalty.formula),  q the last \(made), p the data, "
              + "V: \(critic.summary)")
        },
      notes: ["in the view x is an example of b, z one of a"], parameterCount: parameterCount,
      adversaries: [
        .init(of: ["x"], real: "p_data(b)", generated: "p(G(a))", objective: objective),
        .init(of: ["z"], real: "p_data(a)", generated: "p(F(b))", objective: objective),
      ],
      divergence: isKL
        ? nil
        : "no KL: \(objective.measure("p(G(a))", "p_data(b)")) + \(objective.measure("p(F(b))", "p_data(a)")) + "
          + "\(cycle) |F(G(a)) - a| + \(cycle) |G(F(b)) - b|"
          + (same.map { " + \($0) |F(a) - a| + \($0) |G(b) - b|" } ?? ""),
      meanings: ["x": "data of domain b", "z": "data of domain a"])
  }
}
