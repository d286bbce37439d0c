import Datasets
import Foundation
import Generative
import TestSupport
import Testing
import Torch

@testable import Training

@Suite("Games")
struct GameTests {
  /// Mescheder et al. 2018: the generator puts all mass on a, the critic is x -> b x, the data sit at 0.
  private func dirac(_ dtype: DType) -> Toy {
    Toy(a: 1, b: 0.5, dtype: dtype, players: [("generator", "a"), ("critic", "b")]) { toy, table in
      let value = -(-(toy.a * toy.b)).softplus()
      try table.move([(toy["generator"], Loss(value)), (toy["critic"], Loss(-value))])
    }
  }

  @Test("the Dirac GAN with simultaneous steps follows the recursion worked out by hand")
  func diracRecursion() throws {
    let toy = dirac(.float64)
    var path: [(Double, Double)] = []
    let listener = Listener()
    listener.onStep = { _ in path.append((toy.a.item(), toy.b.item())) }
    try withRun { run in
      let settings = options {
        $0.duration = .steps(300)
        $0.model.learningRate = .step(start: 0.05, factor: 0.5, every: .steps(100), floor: 0)
      }
      let outcome = try Trainer(toy, settings, run, observer: listener).run()
      #expect(outcome == .finished)
    }
    var (a, b) = (1.0, 0.5)
    var (generator, critic) = (ReferenceAdam(), ReferenceAdam())
    var expected: [(Double, Double)] = []
    for step in 0..<300 {
      // f(t) = -log(1 + exp(-t)), so f'(t) = 1 / (1 + exp(t)); both gradients at the same point.
      let slope = 1 / (1 + exp(a * b))
      let rate = 0.05 * pow(0.5, Double(step / 100))
      let (da, db) = (slope * b, -slope * a)
      a += generator.step(da, rate: rate)
      b += critic.step(db, rate: rate)
      expected.append((a, b))
    }
    expectClose(path.map(\.0), expected.map(\.0), absolute: 1e-9)
    expectClose(path.map(\.1), expected.map(\.1), absolute: 1e-9)
  }

  @Test("players of two moves take turns: the second sees what the first has done")
  func alternating() throws {
    let toy = Toy(a: 1, b: 1, players: [("first", "a"), ("second", "b")]) { toy, table in
      try table.move(toy["first"], Loss(toy.a * 1))
      try table.move(toy["second"], Loss(toy.b * toy.a.detached(), terms: [.init("seen", toy.a, in: .none)]))
    }
    let listener = Listener()
    try withRun { run in
      let settings = options {
        $0.duration = .steps(1)
        $0.model.learningRate = .constant(0.25)
      }
      _ = try Trainer(toy, settings, run, observer: listener).run()
    }
    expectClose(listener.values("seen"), [0.75], absolute: 1e-6)
    expectClose(listener.values("second_loss_nats"), [0.75], absolute: 1e-6)
  }

  @Test("a player that moves itself has its loss in the log and its numbers looked at, but no optimizer and no average")
  func free() throws {
    let toy = Toy(a: 8, b: 1, players: [("free", "a"), ("moved", "b")]) { toy, table in
      withoutGradients { toy.a.multiplyInPlace(0.5) }
      try table.note(Loss(toy.a.detached()), of: toy["free"])
      try table.move(toy["moved"], Loss(toy.b * 1))
    }
    let listener = Listener()
    try withRun { run in
      let settings = options {
        $0.duration = .steps(3)
        $0.model.average = 0.5
      }
      _ = try Trainer(toy, settings, run, observer: listener).run()
      let names = try Checkpoint(contentsOf: run.checkpoint(.last)).tensors.keys.sorted()
      let own = names.filter { $0.hasPrefix("optimizer.") || $0.hasPrefix("average.") }
      #expect(
        own == [
          "average.weights.b", "optimizer.moved.steps", "optimizer.weights.b.first", "optimizer.weights.b.second",
        ])
      #expect(names.contains("model.weights.a"))
    }
    #expect(toy.a.item() == 1 && toy.b.item() < 1)
    #expect(listener.values("free_loss_nats") == [4, 2, 1])
    #expect(listener.values("learning_rate").count == 3)
    let alone = Toy(a: 1, players: [("free", "ab")]) { toy, table in
      try table.note(Loss(toy.a.detached() * (table.clock.step == 1 ? .nan : 1)), of: toy["free"])
    }
    try withRun { run in
      let listener = Listener()
      let said = message { _ = try Trainer(alone, options { $0.duration = .steps(3) }, run, observer: listener).run() }
      #expect(said == "step 1: player 'free': the loss is not finite; no checkpoint holds it")
      #expect(listener.values("loss_nats") == [1] && listener.values("learning_rate").isEmpty)
    }
  }

  @Test("a player's gradients change its own parameters alone")
  func ownership() throws {
    let toy = Toy(a: 1, b: 2, players: [("one", "a"), ("two", "b")]) { toy, table in
      try table.move(toy["one"], Loss(toy.a * toy.b))
    }
    try withRun { run in
      _ = try Trainer(toy, options { $0.duration = .steps(5) }, run).run()
    }
    #expect(toy.b.item() == 2)
    #expect(toy.a.item() < 1)
  }

  @Test("every batch that a round asks for is a fresh one, and rounds of four make an epoch of four batches")
  func freshBatches() throws {
    var seen: [[Double]] = []
    let toy = Toy(players: [("critic", "a"), ("generator", "b")], batchesPerRound: 4) { toy, table in
      for index in 0..<4 {
        let x = try table.batch(.main).x
        seen.append(x.array(Double.self))
        try table.move(toy[index < 3 ? "critic" : "generator"], Loss((index < 3 ? toy.a : toy.b) * x))
      }
    }
    try withRun { run in
      let settings = options {
        $0.duration = .epochs(3)
      }
      let trainer = try Trainer(toy, numbers: 8, batchSize: 2, settings, run)
      #expect(trainer.stepsPerEpoch == 1)
      _ = try trainer.run()
    }
    #expect(seen.count == 12)
    for epoch in 0..<3 {
      let round = seen[4 * epoch..<4 * epoch + 4]
      #expect(round.flatMap { $0 }.sorted() == (0..<8).map(Double.init))
    }
    #expect(Set(seen.map(\.description)).count > 4, "epochs come in different orders")
  }

  @Test("losses and terms are averaged over the rounds between two lines of the log")
  func averages() throws {
    let toy = Toy { toy, table in
      let x = try table.batch(.main).x
      try table.move(
        toy["toy"], Loss(toy.a * 0 + x, terms: [.init("step", Tensor(Double(table.clock.step)), in: .none)]))
    }
    let listener = Listener()
    try withRun { run in
      let settings = options {
        $0.duration = .steps(8)
        $0.logEvery = 4
      }
      _ = try Trainer(toy, batchSize: 1, settings, run, observer: listener).run()
    }
    #expect(listener.values("loss_nats") == [1.5, 1.5])
    #expect(listener.values("step") == [1.5, 5.5])
    #expect(listener.records.filter { $0.kind == .train }.map(\.step) == [4, 8])
    #expect(listener.records.filter { $0.kind == .train }.map(\.epoch) == [1, 2])
  }

  @Test("ten thousand steps leave no tensor behind")
  func noGrowth() throws {
    let toy = Toy(a: 1, b: 1, players: [("one", "a"), ("two", "b")]) { toy, table in
      let batch = try table.batch(.main)
      let noise = table.rng.normal([batch.count, 1])
      try table.move([
        (toy["one"], Loss(toy.a * toy.b * batch.x + noise)),
        (toy["two"], Loss(toy.b.square(), terms: [.init("b", toy.b)])),
      ])
    }
    let listener = Listener()
    var live: [Int: Int] = [:]
    listener.onStep = { step in
      // Between two looks lie validations, checkpoints and lines of the log.
      if step % 100 == 50 { live[step] = Runtime.liveTensorsOfThread }
    }
    try withRun { run in
      let settings = options {
        $0.duration = .steps(10_000)
        $0.logEvery = 500
        $0.validationEvery = 2000
        $0.model.clipping = GradientClipping(norm: 1, value: 0.5)
      }
      _ = try Trainer(toy, numbers: 3, batchSize: 2, settings, run, observer: listener).run()
    }
    #expect(live.count == 100)
    #expect(Set(live.values).count == 1, "\(live.sorted { $0.key < $1.key })")
  }

  @Test("a parameter that two players own, or none, is refused, and so is one of another game")
  func owners() throws {
    func refusal(_ players: [(name: String, owns: String)]) throws -> String {
      let toy = Toy(players: players) { _, _ in }
      return try withRun { run in message { _ = try Trainer(toy, options(), run) } }
    }
    #expect(
      try refusal([("one", "ab"), ("two", "b")])
        == "the game's players: expected one owner of 'weights.b', got players 'one' and 'two'")
    #expect(
      try refusal([("one", "a")])
        == "the game's players: expected an owner of 'weights.b' among the players 'one', got none")
    #expect(try refusal([("one", "a"), ("two", "b")]) == "no error")
    final class Stranger: Game {
      let own = Toy.Single(Parameter(Tensor(0)))
      let players: [Player]
      init() { players = [Player("stranger", [own, Toy.Single(Parameter(Tensor(1)))])] }
      func play(_ table: any Table) {}
    }
    try withRun { run in
      #expect(
        message { _ = try Trainer(Stranger(), options { $0.patience = nil }, run) }
          == "the game's players: player 'stranger' owns a parameter that is no part of the game")
    }
  }

  @Test("a feed that is not there is named, with those that are")
  func missingFeed() throws {
    let toy = Toy { _, table in _ = try table.batch(.target) }
    try withRun { run in
      #expect(
        message { _ = try Trainer(toy, options { $0.duration = .steps(1) }, run).run() }
          == "the game reads the feed 'target'; there is main")
    }
  }

  @Test("each feed keeps its own place and order, and a game without feeds has epochs of one round")
  func feeds() throws {
    var seen: [Feed: [Double]] = [:]
    let toy = Toy { _, table in
      for feed in [Feed.main, .target, .target] {
        seen[feed, default: []] += try table.batch(feed).x.array(Double.self)
      }
    }
    try withRun { run in
      let settings = options { $0.duration = .epochs(2) }
      let trainer = try Trainer(
        toy,
        feeds: [
          .main: ExampleBatches(numbers(6), batchSize: 2, seed: 1),
          .target: ExampleBatches(numbers(3), batchSize: 1, seed: 2),
        ], validation: nil, options: settings, device: .cpu, run: run, observer: Listener())
      #expect(trainer.totalSteps == 6)
      _ = try trainer.run()
      #expect(trainer.progress.places == ["main": 6, "target": 12])
    }
    #expect(seen[.main]?.count == 12 && seen[.target]?.count == 12)
    for start in stride(from: 0, to: 12, by: 3) {
      #expect(seen[.target]?[start..<start + 3].sorted() == [0, 1, 2])
    }
    let idle = Toy { toy, table in try table.move(toy["toy"], Loss(toy.a * 1)) }
    try withRun { run in
      let trainer = try Trainer(
        idle, feeds: [:], validation: nil, options: options { $0.duration = .epochs(3) }, device: .cpu, run: run,
        observer: Listener())
      #expect(trainer.stepsPerEpoch == 1 && trainer.totalSteps == 3)
    }
  }

  @Test("each side of a game has an optimizer, a rate, a schedule and clipping of its own")
  func sides() throws {
    let toy = Toy(players: [("generator", "a"), ("critic", "b")]) { toy, table in
      try table.move([(toy["generator"], Loss(toy.a * 1)), (toy["critic"], Loss(toy.b * 3))])
    }
    let listener = Listener()
    try withRun { run in
      let settings = options {
        $0.duration = .steps(3)
        $0.model.learningRate = .constant(0.5)
        var adversary = SideOptions()
        var sgd = SGD.Options()
        sgd.momentum = 0
        adversary.optimizer = .sgd(sgd)
        adversary.learningRate = .step(start: 0.25, factor: 0.5, every: .steps(2), floor: 0)
        adversary.clipping = GradientClipping(value: 2)
        $0.adversary = adversary
      }
      _ = try Trainer(toy, settings, run, observer: listener).run()
    }
    expectClose(toy.a.item(), -1.5, absolute: 1e-5)
    expectClose(toy.b.item(), -2 * (0.25 + 0.25 + 0.125), absolute: 1e-6)
    #expect(listener.values("learning_rate") == [0.5, 0.5, 0.5])
    #expect(listener.values("learning_rate_adversary") == [0.25, 0.25, 0.125])
  }

  @Test("a schedule in epochs ends where it should, however many batches a round takes")
  func stretched() throws {
    let toy = Toy(players: [("generator", "a"), ("critic", "b")], batchesPerRound: 5) { toy, table in
      for _ in 0..<5 { try table.move(toy["critic"], Loss(toy.b * table.batch(.main).x)) }
      try table.move(toy["generator"], Loss(toy.a * 1))
    }
    let listener = Listener()
    try withRun { run in
      let settings = options {
        $0.duration = .epochs(10)
        $0.model.learningRate = .cosine(start: 1e-3, end: 0, over: .epochs(10))
      }
      // 50 batches are ten rounds an epoch: 100 rounds.
      let trainer = try Trainer(toy, numbers: 50, batchSize: 1, settings, run, observer: listener)
      #expect(trainer.totalSteps == 100)
      _ = try trainer.run()
    }
    let rates = listener.values("learning_rate")
    #expect(rates.count == 100 && rates[0] == 1e-3 && rates[99] < 1e-6 && rates[99] > 0)
  }

  @Test("a moving average of a side's weights is what validation and checkpoints' readers see")
  func averaged() throws {
    let toy = Toy(players: [("generator", "a"), ("critic", "b")]) { toy, table in
      try table.move([(toy["generator"], Loss(toy.a * 1)), (toy["critic"], Loss(toy.b * 1))])
    }
    try withRun { run in
      let settings = options {
        $0.duration = .steps(3)
        var sgd = SGD.Options()
        sgd.momentum = 0
        $0.model.optimizer = .sgd(sgd)
        $0.model.learningRate = .constant(1)
        $0.model.average = 0.5
        $0.adversary = SideOptions()
      }
      _ = try Trainer(toy, settings, run).run()
      // a is -1, -2, -3; the average starts at 0 and is -.5, -1.25, -2.125.
      expectClose(toy.a.item(), -3, absolute: 1e-6)
      let checkpoint = try Checkpoint(contentsOf: run.checkpoint(.last))
      let (plain, averaged) = (Toy.slope(), Toy.slope())
      try checkpoint.load(into: plain)
      try checkpoint.load(into: averaged, averaged: true)
      expectClose([plain.a.item(), averaged.a.item()], [-3, -2.125], absolute: 1e-6)
      #expect(plain.b.item() == averaged.b.item())
    }
  }
}
