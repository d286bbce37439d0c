import Datasets
import Foundation
import Networks
import Probability
import TestSupport
import Testing
import Torch

@testable import Generative

@Suite("What varies in a GAN") struct GANRulesTests {
  private static let parts = [
    NamedCode("c1", .categorical(3), at: 2..<5), NamedCode("c2", .uniform(low: -1, high: 1), at: 5..<6),
  ]

  /// A game of points with classes, parts of the code, both or neither.
  private static func model(classes: Int? = nil, recovers: Bool = false, _ change: (inout GANRules) -> Void = { _ in })
    -> GAN
  {
    let rng = RandomSource(seed: 1)
    var rules = GANRules()
    change(&rules)
    func network(_ inputs: Int, _ activation: Activation) -> any Network {
      let network = MLP([inputs], hidden: [7], activation: activation, using: rng)
      return classes.map { ClassMLP(network, classes: $0, using: rng) } ?? network
    }
    let parts = recovers ? Self.parts : []
    let critic = CodeCritic(network(2, .tanh), classes: classes, using: rng)
    let noise = StandardNormal(2)
    return GAN(
      pz: parts.isEmpty ? noise : MixedPrior([noise] + parts.map(\.prior)),
      generator: ShapedNetwork(network(recovers ? 6 : 2, .tanh), shape: [2], using: rng), critic: critic,
      recovery: parts.isEmpty ? nil : CodeRecovery(parts, features: critic.featureCount, hidden: 5, using: rng),
      classes: classes ?? 0, rules: rules)
  }

  private static var batch: Batch {
    Batch(x: RandomSource(seed: 2).normal([6, 2]), labels: Tensor([Int64(0), 1, 2, 0, 1, 2]))
  }

  private static func played(_ model: GAN, clock: Clock = Clock()) throws -> Recorder {
    let table = Recorder([.main: batch], clock: clock, using: RandomSource(seed: 3))
    try TrainingMode.run { try model.play(table) }
    return table
  }

  /// The gradient of a player's loss in its parameters.
  private static func slopes(_ model: GAN, _ player: String) throws -> [Tensor] {
    let loss = try played(model).loss(of: player).value.mean()
    return gradients(of: loss, in: model.players.first { $0.name == player }!.parameters.map(\.value))
  }

  @Test("importance weights are D/(1-D), normalized over the batch or groups; groups of one change nothing")
  func weights() throws {
    // D = .5, .8, .2 as an objective's critic says it, which is high on generated examples.
    let realness = Tensor([0, log(4.0), -log(4.0)])
    for objective in AdversarialObjective.allCases where objective.tellsLogRatio {
      let v = try #require(objective.critic(logRatio: -realness))
      let weights: [Double] = (GANRules.Importance.batch.weights(v, objective) / 3).array()
      for (found, exact) in zip(weights, [0.190476, 0.761905, 0.047619]) {
        expectClose(found, exact, absolute: 2e-6, relative: 0)
      }
    }
    let groups: [Double] = GANRules.Importance.groups(2).weights(Logits(-realness), .nonSaturating).array()
    expectClose(groups[0], 2 * 0.2, absolute: 1e-6)
    expectClose(groups[1], 2 * 0.8, absolute: 1e-6)
    #expect(groups[2] == 1, "what is left over is a group of its own")
    let far: [Double] = GANRules.Importance.batch.weights(Logits(Tensor([1e4, -1e4, 0])), .nonSaturating).array()
    #expect(far == [0, 3, 0])

    let plain = try Self.slopes(Self.model(), "generator")
    let single = try Self.slopes(Self.model { $0.importance = .groups(1) }, "generator")
    let whole = try Self.slopes(Self.model { $0.importance = .batch }, "generator")
    #expect(zip(plain, single).allSatisfy { $0.isEqual(to: $1) as Bool })
    #expect(!zip(plain, whole).allSatisfy { $0.isEqual(to: $1) as Bool })
    let table = try Self.played(Self.model { $0.importance = .batch })
    #expect(table.loss(of: "generator").terms.map(\.key) == ["effective_samples_fraction"])
    let share: Double = table.loss(of: "generator").terms[0].value.item()
    #expect(share > 1 / 6 && share < 1)
  }

  @Test("the weighted loss is Eq. 22: the sum over a group of the normalized weights times the plain losses")
  func weightedLoss() throws {
    let plain: [Double] = try Self.played(Self.model()).loss(of: "generator").value.array()
    // -log D = softplus(V), so that D/(1-D) = e^-V follows from the loss alone.
    let w = plain.map { 1 / (exp($0) - 1) }
    let weighted = try Self.played(Self.model { $0.importance = .groups(3) }).loss(of: "generator").value
    func mean(_ group: Range<Int>) -> Double {
      let total: Double = group.reduce(0.0) { $0 + w[$1] }
      return group.reduce(0.0) { $0 + w[$1] * plain[$1] } / total
    }
    expectClose(weighted.mean().item(), (mean(0..<3) + mean(3..<6)) / 2, absolute: 1e-5)
  }

  @Test("both networks are given the class of the example, and codes carry it")
  func classes() throws {
    let model = Self.model(classes: 3)
    #expect(model.prior.dimension == 5 && model.classCount == 3)
    let code = model.prior.sample([4], using: RandomSource(seed: 4))
    let one = model.code(code, ofClass: Tensor([Int64(1), 1, 1, 1]))
    let two = model.code(code, ofClass: Tensor([Int64(2), 2, 2, 2]))
    #expect(model.withoutClass(one).isEqual(to: model.withoutClass(code)) as Bool)
    let rng = RandomSource(seed: 5)
    let difference = model.decode(one, as: .means, using: rng) - model.decode(two, as: .means, using: rng)
    #expect(difference.abs().max().item() > 1e-3)
    // Other labels of the same data make another loss, of both players.
    let table = try Self.played(model)
    let other = Recorder(
      [.main: Batch(x: Self.batch.x, labels: Tensor([Int64](repeating: 2, count: 6)))], using: RandomSource(seed: 3))
    try model.play(other)
    for player in ["generator", "critic"] {
      #expect(abs(table.loss(of: player).value.mean().item() - other.loss(of: player).value.mean().item()) > 1e-6)
    }
    #expect(model.card.conditionals.map(\.symbol) == ["p(z)", "p(y)", "p(x|z, y)"])
  }

  @Test("recovered codes are in both losses; what they tell is at most their entropy")
  func recovery() throws {
    let model = Self.model(recovers: true)
    #expect(model.namedCodes.map(\.name) == ["c1", "c2"])
    expectClose(Self.parts[0].entropy + Self.parts[1].entropy, log(3) + log(2), absolute: 1e-12)
    let table = try Self.played(model)
    #expect(table.loss(of: "generator").terms.map(\.key) == ["information_nats"])
    let information: [Double] = table.loss(of: "generator").terms[0].value.array()
    let mean = information.reduce(0, +) / 6
    let without = try Self.played(Self.model(recovers: true) { $0.informationWeight = 0 })
    // The critic's divergence has the half of p(y) on each side, and so has what it recovers.
    for (player, weight) in [("generator", 1.0), ("critic", 0.5)] {
      let (all, alone) = (table.loss(of: player).value.mean(), without.loss(of: player).value.mean())
      expectClose((all - alone).item(), weight * (log(6) - mean), absolute: 1e-5)
    }
    let names = model.namedParameters.map(\.name)
    #expect(names.contains("recovery.layer.weight"))
    #expect(model.players[1].parameters.count + model.players[0].parameters.count == names.count)
    #expect(model.card.conditionals.map(\.symbol) == ["p(z)", "p(x|z)", "q(c1, c2|x)"])
  }

  @Test("weights, classes and recovered codes combine in one game")
  func together() throws {
    let model = Self.model(classes: 3, recovers: true) { ($0.importance, $0.moves) = (.groups(2), .simultaneous) }
    let table = try Self.played(model)
    #expect(table.moves.map { $0.map(\.player.name) } == [["generator", "critic"]])
    for player in model.players {
      let loss = table.loss(of: player.name).value.mean()
      let slopes = gradients(of: loss, in: player.parameters.map(\.value), retainGraph: true)
      #expect(slopes.allSatisfy { ($0.abs().sum().item() as Double).isFinite }, "\(player.name)")
    }
    #expect(model.prior.dimension == 2 + 3 + 1 + 3)
  }

  @Test("a smoothed label counts a real example as generated by that share")
  func smoothing() throws {
    let plain = try Self.played(Self.model())
    let smooth = try Self.played(Self.model { $0.smoothing = 0.1 })
    expectClose(smooth.loss(of: "critic").terms[0].value.item(), plain.loss(of: "critic").terms[0].value.item())
    // JS: -1/2 [(1 - s) log sigmoid(-V) + s log sigmoid(V)] of the real ones, whose difference is s V / 2.
    let model = Self.model()
    let v = withoutGradients { model.critic(Self.batch.x).values.mean() }
    let difference = smooth.loss(of: "critic").value.mean() - plain.loss(of: "critic").value.mean()
    expectClose(difference.item(), -0.05 * (v.item() as Double), absolute: 1e-6)
  }

  @Test("instance noise changes what the critic sees and falls to nothing; generator steps make new examples")
  func noiseAndSteps() throws {
    let noisy = Self.model { $0.instanceNoise = .linear(start: 1, end: 0, until: .steps(10)) }
    let plain = try Self.played(Self.model()).loss(of: "critic").value
    #expect(!(try Self.played(noisy).loss(of: "critic").value.isEqual(to: plain)))
    #expect(try Self.played(noisy, clock: Clock(step: 10)).loss(of: "critic").value.isEqual(to: plain))
    let eager = try Self.played(Self.model { $0.generatorSteps = 3 })
    #expect(eager.moves.map { $0.map(\.player.name) } == [["critic"], ["generator"], ["generator"], ["generator"]])
    #expect(!eager.moves[1][0].loss.value.isEqual(to: eager.moves[2][0].loss.value))
  }

  @Test("samples that do not vary are told, and so is how many lines of the log they were in")
  func collapse() {
    let x = RandomSource(seed: 6).normal([50, 3])
    let constant: Double = Spread.term(x * 1e-4, x).value.item()
    expectClose(constant, 1e-4, absolute: 2e-6)
    #expect(Spread.term(x.narrowed(0, 0..<1), x.narrowed(0, 1..<2)).value.item() == 1)
    #expect(Alarms.warning([(Spread.key, 0.5)], step: 3) == nil)
    #expect(
      Alarms.warning([(Spread.key, constant)], step: 3)
        == "step 3: the samples are constant: they vary less than 1 % as much as the data")
    #expect(
      Alarms.summaries([(1, [Spread.key: 0.5]), (2, [Spread.key: 0.001]), (3, [Spread.key: 0.002])])
        == [
          "The samples were constant, less than 1 % as varied as the data, in 2 of 3 lines of the log, first seen at step 2 "
            + "and last at step 3: the generator had collapsed."
        ])
  }

  @Test("a class joined at every layer of DCGAN is one-hot maps joined to its inputs, in values")
  func joined() {
    let rng = RandomSource(seed: 7)
    let network = DCGANEncoder([1, 8, 8], channels: [2, 3], hidden: [4], classes: 3, isNormalized: false, using: rng)
    let x = rng.normal([5, 1, 8, 8])
    let labels = Tensor([Int64(0), 1, 2, 1, 0])
    let named = Dictionary(uniqueKeysWithValues: network.namedParameters.map { ($0.name, $0.parameter.value) })
    func maps(_ side: Int) -> Tensor {
      labels.oneHot(3).to(.float32).reshaped([5, 3, 1, 1]).expanded([5, 3, side, side])
    }
    var h = x
    for (stage, side) in [(0, 8), (1, 4)] {
      let weight = Tensor.concatenated(
        [named["convolutions.\(stage).weight"]!, named["classMaps.\(stage).weight"]!], axis: 1)
      let sum = Tensor.concatenated([h, maps(side)], axis: 1)
        .conv2d(weight: weight, bias: named["convolutions.\(stage).bias"]!, stride: 2, padding: 2)
      h = Activation.leakyReLU(slope: 0.2)(sum)
    }
    let weight = Tensor.concatenated(
      [named["layers.0.weight"]!, named["classRows.0.table"]!.transposed], axis: 1)
    let inputs = Tensor.concatenated([h.flattened(from: 1), labels.oneHot(3).to(.float32)], axis: 1)
    let expected = Activation.leakyReLU(slope: 0.2)(inputs.linear(weight: weight, bias: named["layers.0.bias"]!))
    expectClose(network(x, of: labels), expected, absolute: 1e-5)
  }
}
