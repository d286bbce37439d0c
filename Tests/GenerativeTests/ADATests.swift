import Datasets
import Foundation
import Networks
import TestSupport
import Testing
import Torch

@testable import Generative

@Suite("Adversarial domain adaptation") struct ADATests {
  private static func model(
    reversal: Bool = false, weight: Schedule = .constant(1), hidden: [Int] = [4], seed: UInt64 = 1,
    _ change: (inout GANRules) -> Void = { _ in }
  ) -> ADA {
    let rng = RandomSource(seed: seed)
    var rules = GANRules()
    change(&rules)
    return ADA(
      features: MLP([2], hidden: [3], activation: .tanh, using: rng),
      classifier: MLP([3], hidden: hidden, activation: .tanh, using: rng), classes: 3,
      discriminator: CodeCritic(MLP([3], hidden: hidden, activation: .tanh, using: rng), using: rng), weight: weight,
      rules: rules, isReversed: reversal, using: rng)
  }

  private static var source: Batch {
    Batch(x: RandomSource(seed: 2).normal([5, 2]), labels: Tensor([Int64(0), 2, 1, 1, 0]))
  }
  private static var target: Batch { Batch(x: RandomSource(seed: 3).normal([4, 2]) + 1) }

  private static func played(_ model: ADA, clock: Clock = Clock(), source: Batch = ADATests.source) throws -> Recorder {
    let table = Recorder([.main: source, .target: target], clock: clock, using: RandomSource(seed: 4))
    try model.play(table)
    return table
  }

  /// The parameters of a player.
  private static func parameters(_ model: ADA, _ name: String) -> [Tensor] {
    model.players.first { $0.name == name }!.parameters.map(\.value)
  }

  @Test("the forms of Eqs. 1-2 and of Eqs. 4-5 are equal, in value and in gradient")
  func forms() {
    let rng = RandomSource(seed: 1)
    let source = rng.normal([6], dtype: .float64).requiringGradient()
    let target = (rng.normal([4], dtype: .float64) * 3).requiringGradient()
    func mean(_ x: Tensor, _ function: (Double) -> Double) -> Double {
      x.array(Double.self).reduce(0) { $0 + function($1) } / Double(x.count)
    }
    // D is the probability of the source, and V is high on the target.
    func d(_ v: Double) -> Double { 1 / (1 + exp(v)) }
    let eq1 = mean(source) { log(d($0)) } + mean(target) { log(1 - d($0)) }
    let eq2 = mean(source) { log(1 - d($0)) } + mean(target) { log(d($0)) }
    // E_p(f|y)p(y) log q(y|f) by enumeration of y, p(y) = 1/2, q(1|f) = D(f); the reversed one has q(1 - y|f).
    func joint(_ q: (_ y: Int, _ v: Double) -> Double) -> Double {
      [(1, source), (0, target)].reduce(0) { sum, domain in sum + 0.5 * mean(domain.1) { log(q(domain.0, $0)) } }
    }
    func q(_ y: Int, _ v: Double) -> Double { y == 1 ? d(v) : 1 - d(v) }
    let (eq4, eq5) = (joint(q), joint { q(1 - $0, $1) })
    expectClose([2 * eq4, 2 * eq5], [eq1, eq2], absolute: 1e-12)
    let (s, t) = (Logits(source), Logits(target))
    let game = AdversarialObjective.nonSaturating
    let judged = -game.divergence(q: t, p: s) + game.offset
    let confused = (game.loss(q: t).mean() + game.loss(p: s).mean()) * 0.5
    expectClose([-2 * judged.item(), -2 * confused.item()], [eq1, eq2], absolute: 1e-12)
    // d log D / dV = -(1 - D), d log(1 - D) / dV = D.
    for (loss, terms) in [
      (judged, [{ -(1 - d($0)) }, { d($0) }] as [(Double) -> Double]), (confused, [{ d($0) }, { -(1 - d($0)) }]),
    ] {
      for ((x, slope), gradient) in zip(zip([source, target], terms), gradients(of: loss, in: [source, target])) {
        expectClose(gradient, x.array(Double.self).map { -slope($0) / Double(2 * x.count) }, absolute: 1e-12)
      }
    }
  }

  @Test("features descend the terms of both domains", arguments: [false, true])
  func both(_ reversal: Bool) throws {
    let model = Self.model(reversal: reversal)
    let (a, b) = (Self.source.x.requiringGradient(), Self.target.x.requiringGradient())
    let table = Recorder(
      [.main: Batch(x: a, labels: Self.source.labels), .target: Batch(x: b)], using: RandomSource(seed: 4))
    try model.play(table)
    let domains = table.loss(of: "features").terms.first { $0.name == "domains" }!.value
    let found = gradients(of: domains, in: [a, b])
    // By hand: of every row of its own domain, through V alone.
    let (s, t) = (model.domainLogits(a).values, model.domainLogits(b).values)
    let (ps, pt) = (s.detached().sigmoid(), t.detached().sigmoid())
    let slopes = reversal ? [ps * -1 / 10, (1 - pt) / 8] : [(1 - ps) * -1 / 10, pt / 8]
    for (slope, (v, (x, gradient))) in zip(slopes, zip([s, t], zip([a, b], found))) {
      expectClose(gradient, gradients(of: v * slope, in: [x])[0], absolute: 1e-6)
      #expect(gradient.abs().sum().item() > 1e-3)
    }
  }

  @Test("each player's loss has no gradient in the other's parameters that it would not descend itself")
  func players() throws {
    let model = Self.model()
    #expect(model.players.map(\.name) == ["features", "discriminator"])
    #expect(model.players.map(\.side) == [.model, .adversary])
    #expect(model.players.flatMap(\.parameters).count == model.parameters.count)
    let table = try Self.played(model)
    #expect(table.moves.map { $0.map(\.player.name) } == [["discriminator"], ["features"]])
    #expect(table.feedsRead == [.main, .target])
    let judge = table.loss(of: "discriminator").value
    func sizes(_ loss: Tensor, _ player: String) -> [Double] {
      gradients(of: loss, in: Self.parameters(model, player), retainGraph: true).map { $0.abs().sum().item() }
    }
    #expect(sizes(judge, "features").allSatisfy { $0 == 0 })
    #expect(sizes(judge, "discriminator").allSatisfy { $0 > 0 })
    // The classifier's part of what features descend knows no discriminator.
    let nll = table.loss(of: "features").terms.first { $0.name == "class" }!.value
    #expect(sizes(nll, "discriminator").allSatisfy { $0 == 0 })
  }

  @Test("the model descends Eqs. 4 and 5 of its own logits")
  func losses() throws {
    let model = Self.model()
    func mean(_ v: Tensor, _ function: (Double) -> Double) -> Double {
      v.array(Double.self).reduce(0) { $0 + function($1) } / Double(v.count)
    }
    let (s, t) = (model.domainLogits(Self.source.x).values, model.domainLogits(Self.target.x).values)
    func d(_ v: Double) -> Double { 1 / (1 + exp(v)) }
    let table = try Self.played(model)
    let judged = table.loss(of: "discriminator")
    expectClose(judged.value.item(), -(mean(s) { log(d($0)) } + mean(t) { log(1 - d($0)) }) / 2, absolute: 1e-6)
    expectClose(
      table.loss(of: "features").terms.first { $0.name == "domains" }!.value.item(),
      -(mean(s) { log(1 - d($0)) } + mean(t) { log(d($0)) }) / 2, absolute: 1e-6)
    #expect(judged.terms.map(\.key) == ["divergence_nats", "domain_accuracy_fraction"])
  }

  @Test("under other objectives features descend both sides of the game; a value parts the domains")
  func objectives() throws {
    for objective in AdversarialObjective.allCases {
      let model = Self.model { $0.objective = objective }
      let table = try Self.played(model)
      let boundary = objective.boundary
      let (s, t) = (
        Logits(model.domainLogits(Self.source.x).values + boundary),
        Logits(model.domainLogits(Self.target.x).values + boundary)
      )
      expectClose(
        table.loss(of: "discriminator").value.item(), (objective.offset - objective.divergence(q: t, p: s).item()),
        absolute: 1e-5)
      let expected = (objective.loss(q: t).mean() + objective.loss(p: s).mean()).item() / 2
      expectClose(
        table.loss(of: "features").terms.first { $0.name == "domains" }!.value.item(), expected, absolute: 1e-5)
      let told =
        (s.values.array(Double.self).count { $0 < boundary } * 4 + t.values.array(Double.self).count { $0 > boundary }
          * 5)
      let accuracy = table.loss(of: "discriminator").terms.first { $0.name == "domain_accuracy" }!.value
      expectClose(accuracy.item(), Double(told) / 40, absolute: 1e-6)
      // Where q and p are equally likely, the best critic has this value.
      if let even = objective.critic(logRatio: Tensor([0.0])) { expectClose(even.values.item(), boundary) }
    }
  }

  @Test("what p descends is what q descends with the sides exchanged, or its part of the divergence")
  func bothSides() {
    let v = Tensor([-1.5, 0.2, 3.0])
    for objective in AdversarialObjective.allCases {
      let p = objective.loss(p: Logits(v))
      switch objective {
      case .jensenShannon, .nonSaturating, .hinge: expectClose(p, objective.loss(q: Logits(-v)))
      case .leastSquares: expectClose(p, objective.loss(q: Logits(1 - v)))
      case .minimax: expectClose(p, objective.gain(p: Logits(v)) * 2)
      case .kl, .reverseKL, .pearson, .hellinger, .wasserstein: expectClose(p, objective.gain(p: Logits(v)))
      }
    }
  }

  @Test("the discriminator has steps on fresh batches, rounds of its own, and moves at once with the features")
  func moves() throws {
    func names(_ table: Recorder) -> [[String]] { table.moves.map { $0.map(\.player.name) } }
    let eager = Self.model { $0.criticSteps = 3 }
    let table = try Self.played(eager)
    #expect(names(table) == [["discriminator"], ["discriminator"], ["discriminator"], ["features"]])
    #expect(eager.batchesPerRound == 3 && table.feedsRead.count { $0 == .main } == 3)
    let learning = Self.model { $0.pretrainSteps = 2 }
    #expect(try names(Self.played(learning, clock: Clock(step: 1))) == [["discriminator"]])
    #expect(try names(Self.played(learning, clock: Clock(step: 2))) == [["discriminator"], ["features"]])
    let atOnce = Self.model { $0.moves = .simultaneous }
    let both = try Self.played(atOnce)
    #expect(names(both) == [["features", "discriminator"]])
    // One look at both domains: the losses are those of moves in turn before anybody has moved.
    let inTurn = try Self.played(Self.model())
    for player in ["features", "discriminator"] {
      expectClose(both.loss(of: player).value, inTurn.loss(of: player).value)
      let own = Self.parameters(atOnce, player)
      let slopes = gradients(of: both.loss(of: player).value, in: own, retainGraph: true)
      #expect(slopes.allSatisfy { $0.abs().sum().item() > 0 }, "\(player)")
    }
    let reversed = Self.model(reversal: true) { ($0.criticSteps, $0.pretrainSteps) = (4, 9) }
    #expect(try names(Self.played(reversed)) == [["features", "discriminator"]] && reversed.batchesPerRound == 1)
  }

  @Test("smoothing counts source features as the target's by its share; noise is on features alone")
  func handicaps() throws {
    let plain = try Self.played(Self.model()).loss(of: "discriminator").value
    let smooth = try Self.played(Self.model { $0.smoothing = 0.2 }).loss(of: "discriminator").value
    // -[(1 - s) log sigmoid(-V) + s log sigmoid(V)] / 2 of source features: less s V / 2.
    let v = Self.model().domainLogits(Self.source.x).values.mean()
    expectClose((smooth - plain).item(), -0.1 * (v.item() as Double), absolute: 1e-6)
    let noisy = try Self.played(Self.model { $0.instanceNoise = .linear(start: 2, end: 0, until: .steps(5)) })
    #expect(!(noisy.loss(of: "discriminator").value.isEqual(to: plain) as Bool))
    func nll(_ table: Recorder) -> Tensor { table.loss(of: "features").terms.first { $0.name == "class" }!.value }
    #expect(nll(noisy).isEqual(to: nll(try Self.played(Self.model()))) as Bool)
    let late = try Self.played(
      Self.model { $0.instanceNoise = .linear(start: 2, end: 0, until: .steps(5)) }, clock: Clock(step: 5))
    #expect(late.loss(of: "discriminator").value.isEqual(to: plain) as Bool)
  }

  @Test("a penalty is on the discriminator's slope in features, of as many of both domains as there are")
  func penalty() throws {
    let model = Self.model { $0.penalty = .r1(weight: 2) }
    let loss = try Self.played(model).loss(of: "discriminator")
    let f = (Mirror(reflecting: model).children.first { $0.label == "features" }!.value as! any Network)(Self.source.x)
    let judge = Mirror(reflecting: model).children.first { $0.label == "discriminator" }!.value as! CodeCritic
    let leaf = f.narrowed(0, 0..<4).detached().requiringGradient()
    let slope = gradients(of: judge(leaf).values, in: [leaf])[0].square().sum(-1).mean()
    expectClose(loss.terms.first { $0.name == "penalty" }!.value.item(), slope.item(), absolute: 1e-6)
  }

  @Test("reversal moves both at once: features ascend the discriminator's loss, times the schedule")
  func reversal() throws {
    let model = Self.model(reversal: true, weight: .sigmoid(end: 1, slope: 10))
    let table = try Self.played(model, clock: Clock(step: 3, length: 10))
    #expect(table.moves.map { $0.map(\.player.name) } == [["features", "discriminator"]])
    let (loss, judge) = (table.loss(of: "features"), table.loss(of: "discriminator").value)
    let nll = loss.terms.first { $0.name == "class" }!.value
    let w = 2 / (1 + exp(-3.0)) - 1
    let own = Self.parameters(model, "features")
    let all = gradients(of: loss.value, in: own, retainGraph: true)
    let parts = zip(
      gradients(of: nll, in: own, retainGraph: true), gradients(of: judge, in: own, retainGraph: true))
    for (found, (class_, reversed)) in zip(all, parts) { expectClose(found, class_ - reversed * w, absolute: 1e-6) }
    // At the start the domains weigh nothing.
    let start = try Self.played(model, clock: Clock(step: 0, length: 10)).loss(of: "features")
    expectClose(start.value, start.terms.first { $0.name == "class" }!.value)
  }

  @Test("the class loss is the mean -log q(c|f) of examples whose class is known")
  func classes() throws {
    let model = Self.model()
    let p = model.classProbabilities(Self.source.x, samples: 1, using: RandomSource(seed: 1)).array(Double.self)
    let expected = [0, 2, 1, 1, 0].enumerated().map { -log(p[3 * $0 + $1]) }
    let nll = try Self.played(model).loss(of: "features").terms.first { $0.name == "class" }!.value
    expectClose(nll.item(), expected.reduce(0, +) / 5, absolute: 1e-6)
    let few = Batch(x: Self.source.x, labels: Tensor([Int64(0), -1, -1, 1, -1]))
    let known = try Self.played(model, source: few).loss(of: "features").terms.first { $0.name == "class" }!.value
    expectClose(known.item(), (expected[0] + expected[3]) / 2, absolute: 1e-6)
  }

  @Test("its log is differentiated rightly in everything it has", arguments: [false, true])
  func gradient(_ reversal: Bool) throws {
    let model = Self.model(reversal: reversal)
    model.convert(to: .float64)
    let batches: [Feed: Batch] = [
      .main: Batch(x: Self.source.x.to(.float64), labels: Self.source.labels),
      .target: Batch(x: Self.target.x.to(.float64)),
    ]
    let own = model.players[0].parameters.enumerated().map { ("\($0)", $1.value) }
    try compareWithDifferences(own, tolerance: 1e-6, limit: 4) {
      let table = Recorder(batches, using: RandomSource(seed: 4))
      try model.play(table)
      return table.loss(of: "features").value.to(.float64)
    }
  }
}
