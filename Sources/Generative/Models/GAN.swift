import Datasets
import Networks
import Probability
import Torch

/// A generator of examples against a critic that tells them from data. Goodfellow et al. 2014.
///
/// What the papers vary are values: the objective, a penalty and the moves; `rules.importance` makes it the importance
/// weighted GAN of Hu et al. 2018 (Eq. 22), `classes` the conditional one of Mirza & Osindero 2014, and a `recovery` the
/// InfoGAN of Chen et al. 2016. They combine. There is no likelihood and no encoder.
public final class GAN: Game, Decoder {
  /// p(z): noise, and the parts that are recovered. A class is no part of it.
  public let pz: any CodePrior
  /// x = G(z, y).
  let generator: any Network
  /// V(x, y).
  let critic: CodeCritic
  /// q(c|x), on the critic's features.
  let recovery: CodeRecovery?
  /// How critic and generator play.
  public let rules: GANRules
  public let classCount: Int
  private let creator: Player
  private let adversary: Player

  /// - Parameters:
  ///   - generator: from codes, and classes if there are any, to examples, of an example's shape.
  ///   - recovery: of parts of the code.
  ///   - classes: how many there are, which every example then must have; 0 for none.
  public init(
    pz: any CodePrior, generator: any Network, critic: CodeCritic, recovery: CodeRecovery? = nil, classes: Int = 0,
    rules: GANRules = GANRules()
  ) {
    self.pz = pz
    self.generator = generator
    self.critic = critic
    self.recovery = recovery
    self.rules = rules
    classCount = classes
    creator = Player("generator", [generator])
    adversary = Player("critic", side: .adversary, [critic, recovery])
  }

  // MARK: Training

  public var players: [Player] { [creator, adversary] }
  public var batchesPerRound: Int { rules.criticSteps }

  /// Examples, the codes that they were made of, and their classes.
  private typealias Made = (x: Tensor, code: Tensor, classes: Tensor?)

  /// As many generated examples as there are real ones, of the same classes.
  private func make(_ real: Batch, using rng: RandomSource) -> Made {
    let code = pz.sample([real.count], using: rng)
    let classes = classCount > 0 ? real.labels : nil
    return (generator(code, classes: classes), code, classes)
  }

  /// The critic moves on fresh batches; at its last move of a round the generator moves on the same generated examples,
  /// and if it moves more often, on further ones of the same classes.
  public func play(_ table: any Table) throws {
    let isPretraining = table.clock.step < rules.pretrainSteps
    for _ in 0..<(isPretraining ? rules.criticSteps : rules.criticSteps - 1) {
      let real = try table.batch(.main)
      let made = withoutGradients { make(real, using: table.rng) }
      try table.move(adversary, criticLoss(judged(made.x, made.classes, table), made, real, table))
    }
    if isPretraining { return }
    let real = try table.batch(.main)
    let made = make(real, using: table.rng)  // x: [batch] + exampleShape
    switch rules.moves {
    case .alternating:
      let apart: Made = (made.x.detached(), made.code, made.classes)
      try table.move(adversary, criticLoss(judged(apart.x, made.classes, table), apart, real, table))
      try table.move(creator, creatorLoss(judged(made.x, made.classes, table), made))
    case .simultaneous:
      let verdict = judged(made.x, made.classes, table)
      let loss = criticLoss(verdict, (made.x.detached(), made.code, made.classes), real, table)
      try table.move([(creator, creatorLoss(verdict, made)), (adversary, loss)])
    }
    for _ in 1..<rules.generatorSteps {
      let made = make(real, using: table.rng)
      try table.move(creator, creatorLoss(judged(made.x, made.classes, table), made))
    }
  }

  private var round: CriticRound { CriticRound(critic: critic, rules: rules) }

  private func judged(_ x: Tensor, _ classes: Tensor?, _ table: any Table) -> CriticRound.Verdict {
    round.judged(x, classes, table)
  }

  /// What the critic descends, given its verdict on generated examples.
  private func criticLoss(
    _ verdict: CriticRound.Verdict, _ made: Made, _ real: Batch, _ table: any Table
  ) -> Loss {
    let p = judged(real.x, made.classes, table).logits
    var (value, terms) = round.loss(
      q: verdict.logits, p: p, made: made.x, real: real.x, classes: made.classes, table)
    if let recovery {
      let factor = rules.informationWeight * rules.objective.sideWeight
      value = value - recovery.logProbs(verdict.features, made.code).sum(0).mean() * factor
    }
    return Loss(value, in: rules.objective.unit, terms: terms)
  }

  /// What the generator descends, one number per example.
  private func creatorLoss(_ verdict: CriticRound.Verdict, _ made: Made) -> Loss {
    var loss = rules.objective.loss(q: verdict.logits)  // [batch]
    var terms: [Loss.Term] = []
    if let importance = rules.importance {
      let all = Logits(Peers.gathered(verdict.logits.values.detached()))
      let weights = Peers.ownRows(importance.weights(all, rules.objective))
      loss = loss * weights
      terms.append(.init("effective_samples", weights.square().mean().pow(-1), in: .fraction))
    }
    if let recovery {
      let logQ = recovery.logProbs(verdict.features, made.code).sum(0)  // [batch]
      loss = loss - logQ * rules.informationWeight
      terms.append(.init("information", logQ + recovery.entropy))
    }
    return Loss(loss, in: rules.objective.unit, terms: terms)
  }
}

extension GAN: ClassConditional {
  public var exampleShape: [Int] { generator.outputShape }
  public var portrayal: String { classCount > 0 ? "draws of p(x|y)" : "draws of p(x)" }

  /// p(z), and one of the classes behind it.
  public var prior: any CodePrior { classCount > 0 ? MixedPrior([pz, CategoricalPrior(classCount)]) : pz }

  /// G: codes `[n, latent]`, the last numbers of which are scores of the classes, to examples `[n] + exampleShape`.
  public func decode(_ code: Tensor, as shown: Shown, using rng: RandomSource) -> Tensor {
    guard classCount > 0 else { return generator(code) }
    let classes = code.narrowed(-1, code.size(-1) - classCount..<code.size(-1)).argmax(-1)  // [n]
    return generator(withoutClass(code), classes: classes)
  }

  public func code(_ code: Tensor, ofClass classes: Tensor) -> Tensor {
    .concatenated([withoutClass(code), classes.oneHot(classCount).to(code.dtype)], axis: -1)
  }

  public func withoutClass(_ code: Tensor) -> Tensor { code.narrowed(-1, 0..<code.size(-1) - classCount) }
}

extension GAN: CodeRecovering {
  public var namedCodes: [NamedCode] { recovery?.parts ?? [] }

  /// Noise of the critic's training plays no part.
  public func recoveredLogProbs(_ x: Tensor, _ code: Tensor, using rng: RandomSource) -> Tensor? {
    recovery.map { recovery in
      let classes = classCount > 0 ? code.narrowed(-1, code.size(-1) - classCount..<code.size(-1)).argmax(-1) : nil
      return recovery.logProbs(critic.features(x, classes: classes), code)
    }
  }
}
