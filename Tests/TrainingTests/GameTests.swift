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
    Toy(a: 1, b: 0.5, dtype: dtype) { toy in
      [
        Move([toy.player("generator", "a"), toy.player("critic", "b")]) { _, _ in
          let value = -(-(toy.a * toy.b)).softplus()
          return [Loss(value), Loss(-value)]
        }
      ]
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
        $0.learningRate = .step(start: 0.05, factor: 0.5, every: 100, floor: 0)
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
    let toy = Toy(a: 1, b: 1) { toy in
      [
        Move([toy.player("first", "a")]) { _, _ in [Loss(toy.a * 1)] },
        Move([toy.player("second", "b")]) { _, _ in [Loss(toy.b * toy.a.detached(), terms: [.init("seen", toy.a)])] },
      ]
    }
    let listener = Listener()
    try withRun { run in
      let settings = options {
        $0.duration = .steps(1)
        $0.learningRate = .constant(0.25)
      }
      _ = try Trainer(toy, settings, run, observer: listener).run()
    }
    expectClose(listener.values("seen"), [0.75], absolute: 1e-6)
    expectClose(listener.values("second_loss_nats"), [0.75], absolute: 1e-6)
  }

  @Test("a player's gradients change its own parameters alone")
  func ownership() throws {
    let toy = Toy(a: 1, b: 2) { toy in
      [Move([toy.player("one", "a")]) { _, _ in [Loss(toy.a * toy.b)] }]
    }
    try withRun { run in
      _ = try Trainer(toy, options { $0.duration = .steps(5) }, run).run()
    }
    #expect(toy.b.item() == 2)
    #expect(toy.a.item() < 1)
  }

  @Test("every repeat of a move and every move of a round reads a fresh batch")
  func freshBatches() throws {
    var seen: [[Double]] = []
    let toy = Toy { toy in
      [
        Move([toy.player("critic", "a")], repeats: 3) { batch, _ in
          seen.append(batch.x.array(Double.self))
          return [Loss(toy.a * batch.x)]
        },
        Move([toy.player("generator", "b")]) { batch, _ in
          seen.append(batch.x.array(Double.self))
          return [Loss(toy.b * batch.x)]
        },
      ]
    }
    try withRun { run in
      let settings = options {
        $0.duration = .epochs(3)
        $0.batchSize = 2
      }
      let trainer = try Trainer(toy, numbers: 8, settings, run)
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
    let toy = Toy { toy in
      [
        Move([toy.player("toy", "a")]) { batch, turn in
          [Loss(toy.a * 0 + batch.x, terms: [.init("step", Tensor(Double(turn.step)))])]
        }
      ]
    }
    let listener = Listener()
    try withRun { run in
      let settings = options {
        $0.duration = .steps(8)
        $0.batchSize = 1
        $0.logEvery = 4
      }
      _ = try Trainer(toy, settings, run, observer: listener).run()
    }
    #expect(listener.values("loss_nats") == [1.5, 1.5])
    #expect(listener.values("step") == [1.5, 5.5])
    #expect(listener.records.filter { $0.kind == .train }.map(\.step) == [4, 8])
    #expect(listener.records.filter { $0.kind == .train }.map(\.epoch) == [1, 2])
  }

  @Test("ten thousand steps leave no tensor behind")
  func noGrowth() throws {
    let toy = Toy(a: 1, b: 1) { toy in
      [
        Move([toy.player("one", "a"), toy.player("two", "b")]) { batch, turn in
          let noise = turn.rng.normal([batch.count, 1])
          return [Loss(toy.a * toy.b * batch.x + noise), Loss(toy.b.square(), terms: [.init("b", toy.b)])]
        }
      ]
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
        $0.batchSize = 2
        $0.logEvery = 500
        $0.validationEvery = 2000
        $0.clipping = GradientClipping(norm: 1, value: 0.5)
      }
      _ = try Trainer(toy, numbers: 3, settings, run, observer: listener).run()
    }
    #expect(live.count == 100)
    #expect(Set(live.values).count == 1, "\(live.sorted { $0.key < $1.key })")
  }
}
