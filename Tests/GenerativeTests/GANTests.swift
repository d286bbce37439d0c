import Datasets
import Foundation
import Networks
import Probability
import TestSupport
import Testing
import Torch

@testable import Generative

@Suite("Generative adversarial networks") struct GANTests {
  private static func model(
    _ objective: AdversarialObjective = .nonSaturating, penalty: CriticPenalty = .none, steps: Int = 1,
    moves: Moves = .alternating, shape: [Int] = [2], seed: UInt64 = 1
  ) -> GAN {
    let rng = RandomSource(seed: seed)
    var rules = GANRules()
    (rules.objective, rules.penalty, rules.criticSteps, rules.moves) = (objective, penalty, steps, moves)
    return GAN(
      pz: UniformPrior(3, low: -1, high: 1),
      generator: ShapedNetwork(MLP([3], hidden: [5], activation: .tanh, using: rng), shape: shape, using: rng),
      critic: CodeCritic(MLP(shape, hidden: [5], activation: .tanh, using: rng), using: rng), rules: rules)
  }

  private static func batch(_ shape: [Int] = [2]) -> Batch { Batch(x: RandomSource(seed: 2).normal([6] + shape)) }

  @Test("two players share out all parameters; a round reads one batch for each move of the critic")
  func players() throws {
    for (steps, moves) in [(1, Moves.alternating), (1, .simultaneous), (4, .alternating), (3, .simultaneous)] {
      let model = Self.model(steps: steps, moves: moves)
      #expect(model.players.map(\.name) == ["generator", "critic"])
      #expect(model.players.map(\.side) == [.model, .adversary])
      let owned = model.players.flatMap(\.parameters).map(ObjectIdentifier.init)
      #expect(Set(owned) == Set(model.parameters.map(ObjectIdentifier.init)) && owned.count == Set(owned).count)
      let table = Recorder([.main: Self.batch()], using: RandomSource(seed: 3))
      try model.play(table)
      #expect(table.feedsRead.count == steps && model.batchesPerRound == steps)
      let last = moves == .alternating ? [["critic"], ["generator"]] : [["generator", "critic"]]
      #expect(
        table.moves.map { $0.map(\.player.name) } == [[String]](repeating: ["critic"], count: steps - 1) + last)
      #expect(model.score == nil)
    }
  }

  @Test("generated examples are made once a round: critic and generator move on the same ones")
  func once() throws {
    let model = Self.model()
    let table = Recorder([.main: Self.batch()], using: RandomSource(seed: 3))
    try model.play(table)
    // The recorder moves nothing, so the critic's logits of one set of examples are the same in both losses.
    let rng = RandomSource(seed: 3)
    let made = withoutGradients { model.decode(model.pz.sample([6], using: rng), as: .means, using: rng) }
    let q = withoutGradients { critic(model, made) }
    expectClose(table.loss(of: "generator").value, model.rules.objective.loss(q: q), absolute: 1e-6)
    let p = withoutGradients { critic(model, Self.batch().x) }
    expectClose(
      table.loss(of: "critic").value, model.rules.objective.divergence(q: q, p: p) * -1, absolute: 1e-6)
    #expect(table.rng.uniform([1]).isEqual(to: rng.uniform([1])) as Bool)
  }

  /// The critic's logits, worked out from its parameters.
  private func critic(_ model: GAN, _ x: Tensor) -> Logits {
    let named = Dictionary(uniqueKeysWithValues: model.namedParameters.map { ($0.name, $0.parameter.value) })
    func linear(_ name: String, _ x: Tensor) -> Tensor {
      x.matmul(named["critic.\(name).weight"]!.transposed) + named["critic.\(name).bias"]!
    }
    return Logits(linear("output", linear("network.layers.0", x).tanh()).squeezed(-1))
  }

  /// The numbers of the critic of one tanh layer, w tanh(W x + b) + c: the rows of W, then b, w and c.
  private func numbers(_ model: GAN) -> (rows: [[Double]], b: [Double], w: [Double], c: Double) {
    let named = Dictionary(uniqueKeysWithValues: model.namedParameters.map { ($0.name, $0.parameter.value) })
    func all(_ name: String) -> [Double] { named["critic.\(name)"]!.detached().to(.float64).flattened(from: 0).array() }
    let (b, flat) = (all("network.layers.0.bias"), all("network.layers.0.weight"))
    let width = flat.count / b.count
    let rows = b.indices.map { Array(flat[$0 * width..<($0 + 1) * width]) }
    return (rows, b, all("output.weight"), all("output.bias")[0])
  }

  /// tanh(W x + b) of each row of `x`.
  private func hidden(_ model: GAN, _ x: Tensor) -> [[Double]] {
    let (rows, b, _, _) = numbers(model)
    return (0..<x.size(0)).map { row in
      let x: [Double] = x.at(row).to(.float64).flattened(from: 0).array()
      return zip(rows, b).map { tanh(zip($0, x).reduce($1) { $0 + $1.0 * $1.1 }) }
    }
  }

  /// V of each row, in plain numbers.
  private func values(_ model: GAN, _ x: Tensor) -> [Double] {
    let (_, _, w, c) = numbers(model)
    return hidden(model, x).map { zip(w, $0).reduce(c) { $0 + $1.0 * $1.1 } }
  }

  /// |grad V| of each row by the chain rule, in plain numbers: grad V = sum_k w_k (1 - h_k^2) W_k.
  private func slopes(_ model: GAN, _ x: Tensor) -> [Double] {
    let (rows, _, w, _) = numbers(model)
    return hidden(model, x).map { h in
      rows[0].indices.reduce(0) { sum, j in
        sum + pow(h.indices.reduce(0) { $0 + w[$1] * (1 - h[$1] * h[$1]) * rows[$1][j] }, 2)
      }.squareRoot()
    }
  }

  @Test("each player's loss reaches its own parameters, and the critic's never the generator's")
  func reach() throws {
    for moves in Moves.allCases {
      let model = Self.model(.leastSquares, moves: moves)
      let table = Recorder([.main: Self.batch()], using: RandomSource(seed: 3))
      try model.play(table)
      for (own, other) in [("generator", "critic"), ("critic", "generator")] {
        let loss = table.loss(of: own).value.mean()
        func slopes(_ name: String) -> [Tensor] {
          let player = model.players.first { $0.name == name }!
          return gradients(of: loss, in: player.parameters.map(\.value), retainGraph: true)
        }
        #expect(slopes(own).contains { $0.abs().max().item() > 0 }, "\(own)")
        if own == "critic", moves == .alternating {
          #expect(slopes(other).allSatisfy { $0.abs().max().item() == 0 })
        }
      }
    }
  }

  @Test("the Wasserstein game with its penalty is what it says, for points and images", arguments: [[2], [1, 4, 4]])
  func wasserstein(_ shape: [Int]) throws {
    let model = Self.model(.wasserstein, penalty: .unitGradient(weight: 10), shape: shape)
    let table = Recorder([.main: Self.batch(shape)], using: RandomSource(seed: 4))
    try model.play(table)
    let loss = table.loss(of: "critic")
    #expect(
      loss.unit == .none
        && loss.terms.map(\.key) == ["divergence", "penalty", "critic_saturated_fraction", "sample_spread_fraction"])
    // The same draws: codes first, then one place between each generated example and one of the data.
    let rng = RandomSource(seed: 4)
    let made = withoutGradients { model.decode(model.pz.sample([6], using: rng), as: .means, using: rng) }
    let t = rng.uniform([6] + [Int](repeating: 1, count: shape.count))
    let (q, p) = (values(model, made), values(model, Self.batch(shape).x))
    let divergence = (zip(q, p).map { $0 - $1 }.reduce(0, +)) / 6
    let penalty = 10 * slopes(model, made * t + Self.batch(shape).x * (1 - t)).reduce(0) { $0 + pow($1 - 1, 2) } / 6
    expectClose(loss.terms[0].value.item(), divergence, absolute: 1e-5)
    expectClose(loss.terms[1].value.item(), penalty, absolute: 1e-4)
    expectClose(loss.value.item(), penalty - divergence, absolute: 1e-4)
  }

  @Test("a generator of one number comes to the data's mean and spread (within 0.1)")
  func learning() throws {
    let rng = RandomSource(seed: 5)
    var rules = GANRules()
    (rules.objective, rules.criticSteps) = (.leastSquares, 3)
    let model = GAN(
      pz: StandardNormal(1),
      generator: ShapedNetwork(MLP([1], hidden: [], using: rng), shape: [1], using: rng),
      critic: CodeCritic(MLP([1], hidden: [32], activation: .tanh, using: rng), using: rng), rules: rules)
    var adams = [String: Adam]()
    for player in model.players { adams[player.name] = Adam(player.parameters) }
    let table = Recorder(using: rng) { _, _ in
      Batch(x: rng.normal([128, 1]) * 0.5 + 2)
    } onMove: { losses in
      let steps = losses.map { player, loss in
        (player, gradients(of: loss.value.mean(), in: player.parameters.map(\.value), retainGraph: true))
      }
      for (player, slopes) in steps { adams[player.name]!.step(slopes, rate: 5e-3) }
    }
    for _ in 0..<800 { try model.play(table) }
    let x = withoutGradients { model.examples(4000, as: .means, using: rng) }
    #expect(x.shape == [4000, 1] && model.portrayal == "draws of p(x)")
    expectClose(x.mean().item(), 2, absolute: 0.1, relative: 0)
    expectClose(x.variance().sqrt().item(), 0.5, absolute: 0.1, relative: 0)
  }

  @Test("the card says what the generator is and what each player descends")
  func card() {
    let card = Self.model(.leastSquares).card
    #expect(card.conditionals.map(\.symbol) == ["p(z)", "p(x|z)"])
    #expect(card.conditionals[1].isImplicit && card.conditionals[1].family == "x = G(z), MLP 3-5-2")
    #expect(
      card.players.map(\.loss) == [
        "E_q V(x)^2 / 2,  q the generated examples",
        "-(1 / 4 - E_q (V(x) - 1)^2 / 2 - E_p V(x)^2 / 2),  p the data, V: MLP 2-5-1",
      ])
  }
}
