import Datasets
import Foundation
import Networks
import Probability
import TestSupport
import Testing
import Torch

@testable import Generative

@Suite("Deep InfoMax") struct InfoMaxTests {
  private static let shape = [1, 6, 5]

  private static func model(
    steps: Int = 1, using rng: RandomSource = RandomSource(seed: 1), _ change: (inout InfoMax.Rules) -> Void = { _ in }
  ) -> InfoMax {
    var rules = InfoMax.Rules()
    rules.units = 3
    change(&rules)
    return InfoMax(
      ConvEncoder(shape, channels: [2, 3], hidden: [4], activation: .tanh, using: rng), shape: shape, dimension: 2,
      regularizer: CriticRegularizer(
        CodeCritic(MLP([2], hidden: [5], activation: .tanh, using: rng), using: rng), objective: .jensenShannon,
        steps: steps),
      rules: rules, using: rng)
  }

  private static func batch(_ count: Int = 6, seed: UInt64 = 2) -> Batch {
    Batch(x: RandomSource(seed: seed).uniform([count] + shape))
  }

  /// 6x5 to 3x3 to 2x2: 12 numbers behind two convolutions and 4 features; a code of 2; each statistic is phi and psi.
  private static let parameterCount: Int = {
    let encoder: Int = 16 * 2 + 2 + 16 * 2 * 3 + 3 + 12 * 4 + 4 + 4 * 2 + 2
    func projection(_ inputs: Int) -> Int { 2 * inputs * 3 + 3 + 9 + 3 + 6 }
    return encoder + projection(12) + projection(3) + 2 * projection(2) + 2 * 5 + 5 + 5 + 1
  }()

  static let modules: [ModuleCase] = InformationEstimator.allCases.map { estimator in
    ModuleCase("InfoMax, \(estimator.rawValue)", parameters: parameterCount, tolerance: 1e-5) {
      model(using: $0) { $0.estimator = estimator }
    } inputs: {
      [$0.uniform([4] + shape)]
    } apply: { model, inputs in
      let (z, whole, places) = model.read(inputs[0])
      return Tensor.concatenated([
        z.flattened(), whole!.reshaped([1]), places!.reshaped([1]), model.regularizer(nil, z).values,
      ])
    }
  }

  @Test("codes, both terms and the critic are differentiated rightly in everything", arguments: modules)
  func conformance(_ module: ModuleCase) throws { try module.check() }

  /// The losses of a round.
  private static func played(_ model: InfoMax, clock: Clock = Clock()) throws -> Recorder {
    let table = Recorder([.main: batch()], clock: clock, using: RandomSource(seed: 3))
    try model.play(table)
    return table
  }

  @Test("encoder and critic move at once, and each loss is that of the formula")
  func round() throws {
    let model = Self.model {
      ($0.globalWeight, $0.localWeight, $0.priorWeight) = (0.5, 2, 0.3)
    }
    let table = try Self.played(model)
    #expect(table.moves.map { $0.map(\.player.name) } == [["encoder", "critic"]] && table.feedsRead == [.main])
    let (z, whole, places) = model.read(Self.batch().x)
    let logits = model.regularizer(nil, z).values
    let expected: Tensor = logits.softplus().mean() * 0.3 - whole! * 0.5 - places! * 2.0
    let loss = table.loss(of: "encoder")
    expectClose(loss.value, expected)
    #expect(loss.terms.map(\.key) == ["global_information_nats", "local_information_nats", "prior"])
    // As many draws of the prior as codes.
    let draws = StandardNormal(2).sample([6], using: RandomSource(seed: 3))
    let told = (-logits).softplus().mean() + model.regularizer(nil, draws).values.softplus().mean()
    expectClose(table.loss(of: "critic").value, told * 0.5 - Foundation.log(2), absolute: 1e-6)
  }

  @Test("a map's places are those of the stage that is asked for, and the whole is the last map in one")
  func places() {
    let model = Self.model { $0.localStages = 1 }
    // 3x3 places of 2 maps.
    let named = Dictionary(uniqueKeysWithValues: model.namedParameters.map { ($0.name, $0.parameter.value.shape) })
    #expect(named["places.phi.first.weight"] == [3, 2] && named["whole.phi.first.weight"] == [3, 12])
    let (z, _, _) = model.read(Self.batch().x)
    expectClose(z, model.encode(Self.batch().x, using: RandomSource(seed: 1)))
    let alone = Self.model { $0.localWeight = 0 }
    let read = alone.read(Self.batch().x)
    #expect(read.places == nil && read.whole != nil)
    #expect(alone.card.notes.last == "global term only: no map of places is looked at")
    expectClose(read.z, alone.encode(Self.batch().x, using: RandomSource(seed: 1)))
    let local = Self.model { $0.globalWeight = 0 }
    #expect(local.read(Self.batch().x).whole == nil && local.card.players[0].loss.hasPrefix("-mean_l I(x_l, z) + "))
  }

  @Test("no loss has a gradient in what the other player alone descends")
  func players() throws {
    let model = Self.model()
    #expect(model.players.map(\.name) == ["encoder", "critic"])
    #expect(model.players.map(\.side) == [.model, .adversary])
    #expect(model.players.flatMap(\.parameters).count == model.parameters.count)
    let table = try Self.played(model)
    func sizes(_ loss: Tensor, _ player: Int) -> [Double] {
      gradients(of: loss, in: model.players[player].parameters.map(\.value), retainGraph: true)
        .map { $0.abs().sum().item() }
    }
    let judged = table.loss(of: "critic").value
    #expect(sizes(judged, 0).allSatisfy { $0 == 0 } && sizes(judged, 1).allSatisfy { $0 > 0 })
    let loss = table.loss(of: "encoder")
    #expect(sizes(loss.value, 0).allSatisfy { $0 > 0 })
    for term in loss.terms.prefix(2) { #expect(sizes(term.value, 1).allSatisfy { $0 == 0 }) }
  }

  @Test("a critic of several steps reads batches of its own, and at first it moves alone")
  func criticSteps() throws {
    let model = Self.model(steps: 3) { $0.pretrainSteps = 2 }
    #expect(model.batchesPerRound == 3)
    let early = try Self.played(model, clock: Clock(step: 1))
    #expect(early.moves.map { $0.map(\.player.name) } == [["critic"], ["critic"], ["critic"]])
    let late = try Self.played(model, clock: Clock(step: 2))
    #expect(late.moves.map { $0.map(\.player.name) } == [["critic"], ["critic"], ["encoder", "critic"]])
    #expect(early.feedsRead.count == 3 && late.feedsRead.count == 3)
  }

  @Test("codes that are trained tell examples apart, and are near N(0, I)")
  func trained() throws {
    let rng = RandomSource(seed: 5)
    var rules = InfoMax.Rules()
    (rules.units, rules.localWeight, rules.priorWeight, rules.estimator) = (32, 0, 1, .infonce)
    let model = InfoMax(
      MLP([2], hidden: [32], using: rng), shape: [2], dimension: 2,
      regularizer: CriticRegularizer(
        CodeCritic(MLP([2], hidden: [32], using: rng), using: rng), objective: .jensenShannon),
      rules: rules, using: rng)
    var optimizers: [String: Adam] = [:]
    for player in model.players { optimizers[player.name] = Adam(player.parameters, options: Adam.Options()) }
    // Points far from N(0, I): uniform on a square of side 8 around (5, 5).
    func points(_ count: Int) -> Tensor { rng.uniform([count, 2]) * 8 + 1 }
    for _ in 0..<800 {
      let table = Recorder([.main: Batch(x: points(64))], using: rng) { moves in
        let all = moves.map { gradients(of: $1.value, in: $0.parameters.map(\.value), retainGraph: true) }
        for (move, gradient) in zip(moves, all) { optimizers[move.0.name]!.step(gradient, rate: 2e-3) }
      }
      try model.play(table)
    }
    let (z, whole, _) = withoutGradients { model.read(points(64)) }
    #expect(whole!.item() > 1.5)
    #expect(z.mean(0).abs().max().item() < 0.6)
    let scales: [Double] = z.variance(0).sqrt().array()
    #expect(scales.allSatisfy { (0.5...1.6).contains($0) }, "\(scales)")
  }
}
