import Datasets
import Foundation
import Networks
import Probability
import TestSupport
import Testing
import Torch

@testable import Generative

@Suite("Predictability minimization") struct PredictabilityTests {
  private typealias Regularizer = PredictabilityRegularizer<ImplicitPosterior, BernoulliPrior>

  /// Trains predictors on codes that `draw` makes, and returns each unit's mean error on 4,000 fresh ones.
  private static func error(
    _ dimension: Int, steps: Int = 500, using rng: RandomSource, _ draw: (Int) -> Tensor
  ) -> [Double] {
    let predictors = UnitPredictors(dimension, hidden: [16], using: rng)
    let adam = Adam(predictors.parameters)
    for _ in 0..<steps {
      let z = draw(200)
      let loss = (z - predictors(z)).square().sum(-1).mean()
      adam.step(gradients(of: loss, in: predictors.parameters.map(\.value)), rate: 0.01)
    }
    return withoutGradients {
      let z = draw(4000)
      return (z - predictors(z)).square().mean(0).array()
    }
  }

  @Test("of independent fair bits the best predictor's error is 1/4 a unit, and of copied ones 0")
  func fairBits() {
    let rng = RandomSource(seed: 1)
    let fair = Self.error(4, using: rng) { rng.bernoulli(.full([$0, 4], 0.5)) }
    for error in fair { expectClose(error, 0.25, absolute: 0.01, relative: 0) }
    let copied = Self.error(3, using: rng) { count in
      let bits = rng.bernoulli(.full([count, 2], 0.5))
      return .concatenated([bits, bits.narrowed(1, 0..<1)], axis: 1)
    }
    #expect(copied[0] < 0.01 && copied[2] < 0.01)
    expectClose(copied[1], 0.25, absolute: 0.01, relative: 0)
    // Three bits of even parity: each is a function of the two others together, and of neither alone.
    let parity = Self.error(3, steps: 1000, using: rng) { count in
      let bits = rng.bernoulli(.full([count, 2], 0.5))
      let (a, b) = (bits.narrowed(1, 0..<1), bits.narrowed(1, 1..<2))
      return .concatenated([bits, a + b - a * b * 2], axis: 1)
    }
    #expect(parity.allSatisfy { $0 < 0.02 }, "\(parity)")
  }

  @Test("a prediction does not see its own unit, and each network is the layers it says")
  func others() {
    let predictors = UnitPredictors(3, hidden: [4], using: RandomSource(seed: 2))
    predictors.convert(to: .float64)
    #expect(predictors.summary == "3 MLPs 2-4-1")
    // Weights and biases of three networks.
    #expect(predictors.parameterCount == 3 * (2 * 4 + 4 + 4 + 1))
    let z = RandomSource(seed: 3).uniform([5, 3], dtype: .float64).requiringGradient()
    for unit in 0..<3 {
      let slopes = gradients(of: predictors(z).narrowed(1, unit..<unit + 1).sum(), in: [z])[0].abs().sum(0)
      for other in 0..<3 { #expect((slopes.at(other).item() == 0) == (other == unit)) }
    }
    let named = Dictionary(uniqueKeysWithValues: predictors.namedParameters.map { ($0.name, $0.parameter.value) })
    let given = z.narrowed(1, 0..<2)  // what the last unit is predicted from
    let h = (given.matmul(named["layers.0.weight"]!.at(2)) + named["layers.0.bias"]!.at(2)).relu()
    let output = (h.matmul(named["layers.1.weight"]!.at(2)) + named["layers.1.bias"]!.at(2)).sigmoid()
    expectClose(predictors(z).narrowed(1, 2..<3), output, absolute: 1e-12)
  }

  private static func model(weight: Double = 1, moves: Moves = .simultaneous, using rng: RandomSource) -> (
    Autoencoder<SigmoidCodes, Regularizer>, Regularizer
  ) {
    let regularizer = Regularizer(UnitPredictors(3, hidden: [8], using: rng))
    let model = Autoencoder(
      qz: SigmoidCodes(MLP([2], hidden: [8], activation: .tanh, using: rng), dimension: 3, using: rng),
      px: NetworkLikelihood(MLP([3], hidden: [8], using: rng), .gaussian(.fixed(1)), shape: [2], using: rng),
      pz: BernoulliPrior(3), regularizer: regularizer, weight: .constant(weight), moves: moves)
    return (model, regularizer)
  }

  @Test("the players share out all parameters; predictors do not move the code, which is no constant to the encoder")
  func players() throws {
    for moves in Moves.allCases {
      let (model, regularizer) = Self.model(moves: moves, using: RandomSource(seed: 4))
      #expect(model.players.map(\.name) == ["autoencoder", "predictors"])
      #expect(model.players.map(\.side) == [.model, .adversary])
      let owned = model.players.flatMap(\.parameters).map(ObjectIdentifier.init)
      #expect(Set(owned) == Set(model.parameters.map(ObjectIdentifier.init)) && owned.count == Set(owned).count)
      let x = RandomSource(seed: 5).normal([6, 2])
      let table = Recorder([.main: Batch(x: x)], using: RandomSource(seed: 6))
      try model.play(table)
      let loss = table.loss(of: "predictors")
      #expect(loss.unit == .none && loss.terms.map(\.key) == ["unit_error"])
      func size(_ loss: Loss, _ player: Int) -> Double {
        gradients(of: loss.value.mean(), in: model.players[player].parameters.map(\.value), retainGraph: true)
          .map { $0.abs().max().item() }.max()!
      }
      #expect(size(loss, 0) == 0 && size(loss, 1) > 0)
      // -log p(x|z) less the error, at the code that the encoder tells.
      let z = model.encode(x, using: table.rng)
      let own = table.loss(of: "autoencoder")
      expectClose(
        own.value, -model.px(z).logProb(x) - regularizer.errors(z).sum(-1), absolute: 1e-5)
      expectClose(loss.value, regularizer.errors(z).sum(-1), absolute: 1e-6)
      #expect(own.unit == .none && size(own, 0) > 0)
    }
  }

  @Test("a code of three copies of one number becomes less predictable in 600 rounds, for predictors made afresh")
  func learning() throws {
    let rng = RandomSource(seed: 7)
    let (model, _) = Self.model(weight: 10, using: rng)
    // Every unit reads what the first one reads.
    let named = Dictionary(uniqueKeysWithValues: model.namedParameters.map { ($0.name, $0.parameter.value) })
    withoutGradients {
      let weight = named["qz.output.weight"]!
      weight.copyInPlace(weight.narrowed(0, 0..<1).expanded(weight.shape) * 8 + rng.normal(weight.shape) * 0.1)
    }
    func predictability() -> [Double] {
      Self.error(3, using: RandomSource(seed: 8)) { count in
        withoutGradients { model.encode(rng.normal([count, 2]), using: rng) }
      }
    }
    let before = predictability()
    var adams = [String: Adam]()
    for player in model.players { adams[player.name] = Adam(player.parameters) }
    let table = Recorder(using: rng) { _, _ in
      Batch(x: rng.normal([100, 2]))
    } onMove: { losses in
      let steps = losses.map { player, loss in
        (player, gradients(of: loss.value.mean(), in: player.parameters.map(\.value), retainGraph: true))
      }
      for (player, slopes) in steps {
        adams[player.name]!.step(slopes, rate: player.side == .adversary ? 0.01 : 0.003)
      }
    }
    for _ in 0..<600 { try model.play(table) }
    let after = predictability()
    #expect(before.reduce(0, +) < 0.1, "\(before)")
    #expect(after.reduce(0, +) > before.reduce(0, +) + 0.2, "\(before) \(after)")
    #expect(after.allSatisfy { $0 < 0.27 })
  }

  @Test("the card names the predictors, and codes are sampled as fair bits")
  func card() {
    let (model, _) = Self.model(using: RandomSource(seed: 9))
    let card = model.card
    #expect(card.conditionals.map(\.symbol) == ["p(z)", "p(x|z)", "q(z|x)"])
    #expect(card.conditionals[0].family == "Bernoulli(0.5), 3 dimensions")
    #expect(card.conditionals[2].family == "deterministic, MLP 2-8-3, sigmoid" && card.conditionals[2].isImplicit)
    #expect(
      card.players.map(\.loss) == [
        "-E_q(z|x) [log p(x|z) + sum_i (z_i - P_i(z without z_i))^2]",
        "E_q(z) sum_i (z_i - P_i(z without z_i))^2,  P: 3 MLPs 2-8-1",
      ])
    #expect(model.score?.key == "log_likelihood_nats")
  }
}
