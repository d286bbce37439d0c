import Datasets
import Foundation
import Networks
import TestSupport
import Testing
import Torch

@testable import Generative

@Suite("CycleGAN") struct CycleGANTests {
  private static func model(
    shape: [Int] = [2], history: Int = 0, seed: UInt64 = 1, _ change: (inout CycleGAN.Rules) -> Void = { _ in }
  ) -> CycleGAN {
    let rng = RandomSource(seed: seed)
    var rules = CycleGAN.Rules()
    change(&rules)
    func translator() -> any Network {
      ShapedNetwork(
        MLP(shape, hidden: [4], activation: .tanh, using: rng), shape: shape, inputRank: shape.count, using: rng)
    }
    func critic() -> PatchCritic {
      shape.count == 3
        ? PatchCritic(PatchNetwork(shape, channels: [3], using: rng))
        : PatchCritic(ShapedNetwork(MLP(shape, hidden: [4], activation: .tanh, using: rng), shape: [1], using: rng))
    }
    return CycleGAN(
      toA: translator(), toB: translator(), criticA: critic(), criticB: critic(), history: history, rules)
  }

  private static func batches(_ shape: [Int] = [2]) -> [Feed: Batch] {
    let rng = RandomSource(seed: 2)
    return [.main: Batch(x: rng.normal([3] + shape)), .target: Batch(x: rng.normal([5] + shape) + 1)]
  }

  private static func played(_ model: CycleGAN, _ batches: [Feed: Batch] = batches(), step: Int = 0) throws -> Recorder
  {
    let table = Recorder(batches, clock: Clock(step: step), using: RandomSource(seed: 3))
    try model.play(table)
    return table
  }

  /// V of a critic by its name in the model, worked out by the network itself.
  private static func values(_ critic: String, _ model: CycleGAN, _ x: Tensor) -> Tensor {
    let found = Mirror(reflecting: model).children.first { $0.label == critic }!.value as! PatchCritic
    return found(x).values
  }

  private static func distance(_ x: Tensor, _ y: Tensor) -> Double { (x - y).abs().mean().item() }

  @Test("three players share out all parameters; the translators move first, then both critics at once")
  func players() throws {
    for steps in [1, 3] {
      let model = Self.model { $0.steps = steps }
      #expect(model.players.map(\.name) == ["translators", "critic-a", "critic-b"])
      #expect(model.players.map(\.side) == [.model, .adversary, .adversary])
      let owned = model.players.flatMap(\.parameters).map(ObjectIdentifier.init)
      #expect(Set(owned) == Set(model.parameters.map(ObjectIdentifier.init)) && owned.count == Set(owned).count)
      let table = try Self.played(model)
      let critics = [["critic-a", "critic-b"]]
      #expect(
        table.moves.map { $0.map(\.player.name) }
          == [[[String]]](repeating: critics, count: steps - 1).flatMap(\.self) + [["translators"]] + critics)
      #expect(model.batchesPerRound == steps && table.feedsRead.count { $0 == .target } == steps)
    }
    let learning = Self.model { $0.pretrainSteps = 2 }
    #expect(try Self.played(learning, step: 1).moves.map { $0.map(\.player.name) } == [["critic-a", "critic-b"]])
    #expect(try Self.played(learning, step: 2).moves.count == 2)
  }

  @Test("translators descend the losses of Zhu et al. 2017, Eqs. 1-3 and section 5.2, with weights 1, 10 and 5")
  func translators() throws {
    for shape in [[2], [2, 6, 7]] {
      let (model, batches) = (Self.model(shape: shape), Self.batches(shape))
      let table = try Self.played(model, batches)
      let (a, b) = (batches[.main]!.x, batches[.target]!.x)
      let rng = RandomSource(seed: 1)
      func toA(_ x: Tensor) -> Tensor { model.translate(x, to: .a, using: rng) }
      func toB(_ x: Tensor) -> Tensor { model.translate(x, to: .b, using: rng) }
      let (madeA, madeB) = (toA(b), toB(a))
      // With 0 for real, 1 for generated: the mean over examples and patches of the squared distance from real.
      let adversarial =
        Self.values("criticB", model, madeB).square().mean().item()
        + Self.values("criticA", model, madeA).square().mean().item()
      let cycle = Self.distance(toA(madeB), a) + Self.distance(toB(madeA), b)
      let identity = Self.distance(toA(a), a) + Self.distance(toB(b), b)
      expectClose(
        table.loss(of: "translators").value.item(), adversarial + 10 * cycle + 5 * identity, absolute: 1e-5)
      let none = try Self.played(Self.model(shape: shape) { $0.identity = 0 }, batches).loss(of: "translators")
      expectClose(none.value.item(), adversarial + 10 * cycle, absolute: 1e-5)
      #expect(none.terms.map(\.key) == ["adversarial", "cycle"])
    }
  }

  @Test("a critic descends half of the least squares of its domain, patch by patch, and no translator's parameter")
  func critics() throws {
    for shape in [[2], [2, 6, 7]] {
      let (model, batches) = (Self.model(shape: shape), Self.batches(shape))
      let table = try Self.played(model, batches)
      let rng = RandomSource(seed: 1)
      for (name, critic, real, domain) in [
        ("critic-a", "criticA", Feed.main, Domain.a), ("critic-b", "criticB", .target, .b),
      ] {
        let made = model.translate(batches[real == .main ? .target : .main]!.x, to: domain, using: rng)
        let onMade = (Self.values(critic, model, made) - 1).square().mean().item()
        let onReal = Self.values(critic, model, batches[real]!.x).square().mean().item()
        let loss = table.loss(of: name).value
        // The divergence is a quarter at most.
        expectClose(loss.item(), (onMade + onReal) / 2 - 0.25, absolute: 1e-5)
        for player in model.players {
          let felt = gradients(of: loss, in: player.parameters.map(\.value), retainGraph: true)
            .map { $0.abs().sum().item() }
          #expect(player.name == name ? felt.allSatisfy { $0 > 0 } : felt.allSatisfy { $0 == 0 }, "\(name)")
        }
      }
    }
  }

  @Test("translators' losses are differentiated rightly, on images too")
  func gradient() throws {
    let model = Self.model(shape: [1, 5, 6])
    model.convert(to: .float64)
    let batches = Self.batches([1, 5, 6]).mapValues { Batch(x: $0.x.to(.float64)) }
    let own = model.players[0].parameters.enumerated().map { ("\($0)", $1.value) }
    try compareWithDifferences(own, tolerance: 1e-5, limit: 3) {
      try Self.played(model, batches).loss(of: "translators").value.to(.float64)
    }
  }

  @Test("with penalties the critics keep their slope, one number of an example for its patches")
  func penalty() throws {
    let model = Self.model(shape: [2, 6, 7]) { $0.penalty = .r1(weight: 2) }
    let batches = Self.batches([2, 6, 7])
    let loss = try Self.played(model, batches).loss(of: "critic-b")
    let x = batches[.target]!.x.narrowed(0, 0..<3).clone().requiringGradient()
    let v = Self.values("criticB", model, x).reshaped([3, -1]).mean(1)
    let slope = gradients(of: v, in: [x])[0].square().flattened(from: 1).sum(-1).mean().item()
    expectClose(loss.terms.first { $0.name == "penalty" }!.value.item(), slope, absolute: 1e-6)
  }
}

@Suite("The history of generated examples") struct ExampleHistoryTests {
  /// The rows `from`, `from` + 1, ... of one number each.
  private func rows(_ from: Int, _ count: Int) -> Tensor {
    Tensor((0..<count).map { Float(from + $0) }, shape: [count, 1])
  }

  @Test("it hands out what comes until it is full")
  func filling() {
    let history = ExampleHistory(capacity: 5, shape: [1])
    let rng = RandomSource(seed: 1)
    for start in [0, 2] { #expect(history.exchange(rows(start, 2), using: rng).isEqual(to: rows(start, 2))) }
    #expect(history.count == 4)
    _ = history.exchange(rows(4, 3), using: rng)
    #expect(history.count == 5)
  }

  @Test("full, it hands out the new or, as often, one that it has, which the new one takes the place of")
  func exchanging() {
    let (history, rng) = (ExampleHistory(capacity: 5, shape: [1]), RandomSource(seed: 2))
    var held = Set((0..<5).map(Double.init))
    _ = history.exchange(rows(0, 5), using: rng)
    var olds = 0
    let count = 600
    for number in 5..<5 + count {
      let handed = history.exchange(rows(number, 1), using: rng).item()
      if handed != Double(number) {
        olds += 1
        #expect(held.remove(handed) != nil)
        held.insert(Double(number))
      }
    }
    // A fair coin is further than four standard deviations off once in 15,000.
    #expect(abs(Double(olds) - 300) < 4 * 150.0.squareRoot())
    let kept = history.namedTensors.first { $0.name == "examples" }!.tensor.array(Double.self)
    #expect(Set(kept) == held)
  }

  @Test("one that is restored goes on as the other would have")
  func restored() throws {
    func play(_ history: ExampleHistory, _ rng: RandomSource, _ numbers: Range<Int>) -> [Float] {
      numbers.flatMap { history.exchange(rows(2 * $0, 2), using: rng).array(Float.self) }
    }
    let (whole, rng) = (ExampleHistory(capacity: 4, shape: [1]), RandomSource(seed: 3))
    _ = play(whole, rng, 0..<6)
    let state = Dictionary(uniqueKeysWithValues: whole.namedTensors.map { ($0.name, $0.tensor.clone()) })
    let other = ExampleHistory(capacity: 4, shape: [1])
    try other.load(state, from: "a checkpoint")
    let second = RandomSource(seed: 9)
    second.state = rng.state
    #expect(play(whole, rng, 6..<20) == play(other, second, 6..<20))
  }

  @Test("without room it hands out what comes, and gives no gradient back")
  func none() {
    let x = rows(0, 3).requiringGradient()
    let handed = ExampleHistory(capacity: 0, shape: [1]).exchange(x, using: RandomSource(seed: 1))
    #expect(handed.isEqual(to: rows(0, 3)))
  }
}
