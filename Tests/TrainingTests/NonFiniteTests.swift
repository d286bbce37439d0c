import Foundation
import Generative
import TestSupport
import Testing
import Torch

@testable import Training

@Suite("Numbers that are not finite")
struct NonFiniteTests {
  private static let kept = "is not finite; no checkpoint holds it"

  /// Trains a toy that goes wrong at step 3, and gives the message.
  ///
  /// Expects that the last checkpoint is the one from before the bad step, and the parameters too if it was not taken.
  private func failure(
    takesStep: Bool = false, options change: (inout TrainingOptions) -> Void = { _ in },
    sourceLocation: SourceLocation = #_sourceLocation,
    loss: @escaping (Toy, Int) -> Loss
  ) throws -> String {
    let toy = Toy(a: 1) { toy, table in try table.move(toy["toy"], loss(toy, table.clock.step)) }
    return try withRun { run in
      var before: (a: Double, checkpoint: Data)?
      let listener = Listener()
      listener.onStep = { step in
        guard step == 3 else { return }
        do {
          before = (toy.a.item(), try Data(contentsOf: URL(fileURLWithPath: run.checkpoint(.last))))
        } catch { Issue.record(error) }
      }
      let settings = options {
        $0.duration = .steps(10)
        change(&$0)
      }
      let trainer = try Trainer(toy, batchSize: 2, settings, run, observer: listener)
      let text = message { _ = try trainer.run() }
      if !takesStep { #expect(toy.a.item() == before?.a, sourceLocation: sourceLocation) }
      let after = try Data(contentsOf: URL(fileURLWithPath: run.checkpoint(.last)))
      #expect(after == before?.checkpoint, sourceLocation: sourceLocation)
      let names = try FileManager.default.contentsOfDirectory(atPath: run.path + "/checkpoints")
      #expect(names.allSatisfy { $0.hasSuffix(".safetensors") }, sourceLocation: sourceLocation)
      return text
    }
  }

  @Test("a loss that is not finite stops the run", arguments: [Double.nan, .infinity, -.infinity])
  func loss(_ value: Double) throws {
    let text = try failure { toy, step in Loss(toy.a + (step == 3 ? value : 0)) }
    #expect(text == "step 3: player 'toy': the loss \(Self.kept)")
  }

  @Test("one example's loss that is not finite stops the run")
  func oneExample() throws {
    let text = try failure { toy, step in Loss(toy.a * Tensor([1, 1, step == 3 ? Float.nan : 1])) }
    #expect(text == "step 3: player 'toy': the loss \(Self.kept)")
  }

  @Test("a term that is not finite is named, also where it makes the loss so")
  func term() throws {
    for reaches in [false, true] {
      let text = try failure { toy, step in
        let term = Tensor(step == 3 ? .infinity : 0)
        return Loss(
          reaches ? toy.a + term : toy.a * 1, terms: [.init("good", toy.a), .init("bad", term)])
      }
      #expect(text == "step 3: player 'toy': the term 'bad_nats' \(Self.kept)")
    }
  }

  @Test("a gradient that is not finite behind a finite loss is named by its parameter")
  func gradient() throws {
    let loss = { (toy: Toy, step: Int) in Loss(toy.a + (step == 3 ? (toy.a * 0).sqrt() : toy.a)) }
    let texts = [
      try failure(loss: loss), try failure(options: { $0.model.clipping = GradientClipping(norm: 1) }, loss: loss),
      // No one asks for norms at step 3; the next loss gives it away.
      try failure(takesStep: true, options: { $0.logEvery = 100 }, loss: loss),
    ]
    for text in texts {
      #expect(text == "step 3: player 'toy': the gradient of 'weights.a' \(Self.kept)")
    }
  }

  @Test("a validation bound that is not finite stops the run before a checkpoint is written")
  func bound() throws {
    let toy = Toy.slope(bounds: [1, .nan])
    try withRun { run in
      let trainer = try Trainer(toy, options { $0.duration = .epochs(5) }, run)
      #expect(message { _ = try trainer.run() } == "step 2: the validation score 'bound_nats' \(Self.kept)")
      #expect(try Checkpoint(contentsOf: run.checkpoint(.last)).progress.step == 1)
      #expect(try Checkpoint(contentsOf: run.checkpoint(.best)).progress.step == 1)
    }
  }

  @Test("a step that makes a parameter infinite is not kept in a checkpoint")
  func parameter() throws {
    let toy = Toy.slope()
    try withRun { run in
      let settings = options {
        $0.duration = .epochs(5)
        $0.model.learningRate = .step(start: 1, factor: 1e60, every: .steps(1), floor: 0)
      }
      let trainer = try Trainer(toy, validates: false, settings, run)
      #expect(
        message { _ = try trainer.run() }
          == "step 1: player 'toy': the parameter 'weights.a' \(Self.kept)")
      #expect(try Checkpoint(contentsOf: run.checkpoint(.last)).progress.step == 1)
    }
  }

  @Test("a parameter made infinite by an earlier move of the same round is told with that round's step")
  func earlierMove() throws {
    for bad in [0, 3] {
      let toy = Toy(a: 1, players: [("critic", "a"), ("generator", "b")]) { toy, table in
        let factor = table.clock.step == bad ? 1e30 : 0
        for _ in 0..<2 { try table.move(toy["critic"], Loss(toy.a * factor)) }
        try table.move(toy["generator"], Loss(toy.b * 1))
      }
      try withRun { run in
        let settings = options {
          $0.duration = .steps(10)
          var adversary = SideOptions()
          adversary.optimizer = .sgd(SGD.Options())
          adversary.learningRate = .constant(1e30)
          $0.adversary = adversary
        }
        let trainer = try Trainer(toy, settings, run)
        #expect(
          message { _ = try trainer.run() } == "step \(bad): player 'critic': the parameter 'weights.a' \(Self.kept)")
      }
    }
  }

  @Test("of two players the one whose number was bad is named, and neither moves")
  func players() throws {
    for bad in ["zeta", "alpha"] {
      let toy = Toy(a: 1, b: 1, players: [("zeta", "a"), ("alpha", "b")]) { toy, table in
        let nan = Tensor(table.clock.step == 2 ? .nan : 0)
        try table.move([
          (toy["zeta"], Loss(bad == "zeta" ? toy.a + nan : toy.a * 1)),
          (toy["alpha"], Loss(bad == "alpha" ? toy.b + nan : toy.b * 1)),
        ])
      }
      try withRun { run in
        let trainer = try Trainer(toy, options { $0.model.learningRate = .constant(0.25) }, run)
        #expect(message { _ = try trainer.run() } == "step 2: player '\(bad)': the loss \(Self.kept)")
      }
      expectClose([toy.a.item(), toy.b.item()], [0.5, 0.5], absolute: 1e-6)
    }
  }
}
