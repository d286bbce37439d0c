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
  public var batchesPerRound: Int { rules.steps }

  /// The critics' moves before the last are on fresh batches; then the translators move, and the critics on the
  /// history of what they made.
  public func play(_ table: any Table) throws {
    let isPretraining = table.clock.step < rules.pretrainSteps
    for _ in 0..<(isPretraining ? rules.steps : rules.steps - 1) {
      let (a, b) = (try table.batch(.main).x, try table.batch(.target).x)
      let (madeB, madeA) = withoutGradients { (toB(a), toA(b)) }
      try moveCritics(a, b, madeA, madeB, table)
    }
    if isPretraining { return }
    let (a, b) = (try table.batch(.main).x, try table.batch(.target).x)
    let (madeB, madeA) = (toB(a), toA(b))
    let adversarial = rules.objective.loss(q: criticB(madeB)).mean() + rules.objective.loss(q: criticA(madeA)).mean()
    let cycle = distance(toA(madeB), a) + distance(toB(madeA), b)
    let identity = rules.identity > 0 ? distance(toA(a), a) + distance(toB(b), b) : nil
    var loss = adversarial * rules.adversarial + cycle * rules.cycle
    if let identity { loss = loss + identity * (rules.cycle * rules.identity) }
    try table.move(
      translators,
      Loss(
        loss, in: .none,
        terms: [.init("adversarial", adversarial, in: rules.objective.unit), .init("cycle", cycle, in: .none)]
          + (identity.map { [.init("identity", $0, in: .none)] } ?? [])))
    try moveCritics(a, b, madeA, madeB, table)
  }

  /// |x - y|, the mean over all numbers.
  private func distance(_ x: Tensor, _ y: Tensor) -> Tensor { (x - y).abs().mean() }

  private func moveCritics(_ a: Tensor, _ b: Tensor, _ madeA: Tensor, _ madeB: Tensor, _ table: any Table) throws {
    let sides = [
      (criticA, a, historyA.exchange(madeA, using: table.rng)),
      (criticB, b, historyB.exchange(madeB, using: table.rng)),
    ]
    try table.move(
      zip(judges, sides).map { player, side in
        let (critic, real, made) = side
        let divergence = rules.objective.divergence(q: critic(made), p: critic(real))
        let count = min(made.size(0), real.size(0))
        let extra = rules.penalty(
          critic.mean, q: made.narrowed(0, 0..<count), p: real.narrowed(0, 0..<count), using: table.rng)
        return (
          player,
          Loss(
            extra.map { $0 - divergence } ?? -divergence, in: rules.objective.unit,
            terms: [.init("divergence", divergence, in: rules.objective.unit)]
              + (extra.map { [.init("penalty", $0, in: .none)] } ?? []))
        )
      })
  }
}

extension CycleGAN: Described {
  public var card: ModelCard {
    let loss = rules.objective.lossFormula("b").replacing("E_q ", with: "")
    let isKL = [.jensenShannon, .nonSaturating].contains(rules.objective)
    let weight = rules.adversarial == 1 ? "" : "\(rules.adversarial) "
    return ModelCard(
      conditionals: [
        .init("p", ["x"], given: ["z"], "b = G(a), \(toB.summary)", isImplicit: true),
        .init("q", ["z"], given: ["x"], "a = F(b), \(toA.summary)", isImplicit: true),
      ],
      players: [
        .init(
          "translators",
          "\(weight)E_a \(loss),  b = G(a), + \(rules.cycle) |F(G(a)) - a|"
            + (rules.identity > 0 ? " + \(rules.cycle * rules.identity) |F(a) - a|" : "")
            + ", and the same with a and b exchanged")
      ]
        + [("critic-a", "a", "F(b)", criticA), ("critic-b", "b", "G(a)", criticB)].map { name, variable, made, critic in
          .init(
            name,
            "-(\(rules.objective.formula(variable)))\(rules.penalty.formula),  q the last \(made), p the data, "
              + "V: \(critic.summary)")
        },
      notes: ["in the view x is an example of b, z one of a"], parameterCount: parameterCount,
      adversaries: [
        .init(of: ["x"], real: "p_data(b)", generated: "p(G(a))", objective: rules.objective),
        .init(of: ["z"], real: "p_data(a)", generated: "p(F(b))", objective: rules.objective),
      ],
      divergence: isKL
        ? nil
        : "no KL: \(rules.objective.measure("p(G(a))", "p_data(b)")) + "
          + "\(rules.objective.measure("p(F(b))", "p_data(a)")) + \(rules.cycle) |F(G(a)) - a| + \(rules.cycle) |G(F(b)) - b|",
      meanings: ["x": "data of domain b", "z": "data of domain a"])
  }
}
