import Foundation
import Generative
import TestSupport
import Testing
import Torch

@testable import Training

@Suite("Rates, validation and early stopping")
struct ScheduleTests {
  /// The values of `a` after every round of `Toy.slope`, which falls by the learning rate each time.
  private func falls(_ bounds: [Double], _ settings: TrainingOptions) throws -> (steps: [Double], Listener) {
    let toy = Toy.slope(bounds: bounds)
    let listener = Listener()
    var path = [0.0]
    listener.onStep = { _ in path.append(toy.a.item()) }
    try withRun { run in _ = try Trainer(toy, settings, run, observer: listener).run() }
    return (zip(path, path.dropFirst()).map { $0 - $1 }, listener)
  }

  @Test(
    "the learning rate of every round is the schedule's",
    arguments: [
      Schedule.constant(0.125), .step(start: 1, factor: 0.5, every: .steps(2), floor: 0.2),
      .cosine(start: 1, end: 0.1, over: .steps(4)), .linear(start: 0, end: 1, until: .steps(4)),
      .linear(start: 1, end: 0, after: .steps(2), until: .epochs(5)),
      .inverse(start: 1, slope: 10, power: 0.75, over: .steps(6)),
    ])
  func schedule(_ schedule: Schedule) throws {
    let (steps, listener) = try falls(
      [0],
      options {
        $0.duration = .steps(6)
        $0.model.learningRate = schedule
      })
    expectClose(steps, (0..<6).map { schedule(Clock(step: $0)) }, absolute: 1e-5)
    expectClose(listener.values("learning_rate"), (0..<6).map { schedule(Clock(step: $0)) }, absolute: 1e-12)
  }

  @Test("the rate falls after `patience` validations without a better bound, and starts to count anew")
  func plateau() throws {
    let (steps, _) = try falls(
      [1, 2, 2, 1, 0, 3, 2, 2],
      options {
        $0.duration = .epochs(9)
        $0.model.learningRate = .constant(1)
        $0.model.plateau = PlateauDecay(factor: 0.5, patience: 2)
      })
    // Better at validations 1, 2 and 6; two without after 4 and after 8.
    expectClose(steps, [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25], absolute: 1e-5)
  }

  @Test("training stops after `patience` validations without a better bound; the best checkpoint is the best")
  func earlyStopping() throws {
    let toy = Toy.slope(bounds: [1, 5, 4, 4.5, 4.9, 9])
    let settings = options {
      $0.duration = .epochs(100)
      $0.model.learningRate = .constant(1)
      $0.patience = 3
    }
    try withRun { run in
      let trainer = try Trainer(toy, settings, run)
      #expect(try trainer.run() == .stoppedEarly)
      #expect(trainer.progress.step == 5)
      #expect(trainer.progress.bestScore == 5)
      #expect(trainer.progress.bestStep == 2)
      let best = Toy.slope()
      try Checkpoint(contentsOf: run.checkpoint(.best)).load(into: best)
      expectClose(best.a.item(), -2, absolute: 1e-5)
      let last = try Checkpoint(contentsOf: run.checkpoint(.last))
      #expect(last.progress.step == 5)
      // Resumed, it stays stopped.
      let again = try Trainer(Toy.slope(), settings, run, from: last)
      #expect(try again.run() == .stoppedEarly)
      #expect(again.progress.step == 5)
    }
  }

  @Test("an equal bound is not a better one")
  func equalBound() {
    var progress = TrainingProgress()
    let (first, second) = (progress.record(1, rises: true), progress.record(1, rises: true))
    #expect(first && !second)
    #expect(progress.validationsSinceBest == 1)
  }

  @Test("validation comes at the end of every N epochs and of the run")
  func validationEvery() throws {
    let toy = Toy.slope()
    let listener = Listener()
    try withRun { run in
      let settings = options {
        $0.duration = .epochs(5)
        $0.validationEvery = 2
      }
      _ = try Trainer(toy, batchSize: 2, settings, run, observer: listener).run()
    }
    #expect(listener.records.filter { $0.kind == .validation }.map(\.step) == [4, 8, 10])
  }

  @Test("checkpoints are kept at the end of every so many epochs, validated or not")
  func keepEvery() throws {
    try withRun { run in
      let settings = options {
        $0.duration = .epochs(4)
        $0.validationEvery = 3
        $0.keepEvery = 1
      }
      _ = try Trainer(Toy.slope(), batchSize: 2, settings, run).run()
      let names = try FileManager.default.contentsOfDirectory(atPath: run.path + "/checkpoints")
      #expect(
        names.sorted() == [
          "best.safetensors", "last.safetensors", "step-2.safetensors", "step-4.safetensors",
          "step-6.safetensors", "step-8.safetensors",
        ])
      #expect(try Checkpoint(contentsOf: run.checkpoint(.step(4))).progress.step == 4)
    }
  }

  @Test("without a validation set the best checkpoint is the last, and what goes by a score is refused")
  func noValidation() throws {
    try withRun { run in
      _ = try Trainer(Toy.slope(), validates: false, options { $0.duration = .epochs(2) }, run).run()
      let (best, last) = (run.checkpoint(.best), run.checkpoint(.last))
      #expect(try RunReference(run.path + "@best").file() == best)
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: best)) == Data(contentsOf: URL(fileURLWithPath: last)))
      #expect(
        message { _ = try Trainer(Toy.slope(), validates: false, options { $0.patience = 3 }, run) }
          == "patience goes by a score on validation examples; this run has none")
      let plateau = options { $0.model.plateau = PlateauDecay(factor: 0.5, patience: 1) }
      #expect(
        message { _ = try Trainer(Toy.slope(), validates: false, plateau, run) }
          == "a plateau goes by a score on validation examples; this run has none")
    }
  }

  @Test("checkpoints within an epoch come after so many seconds")
  func checkpointSeconds() throws {
    try withRun { run in
      let toy = Toy.slope()
      let listener = Listener()
      var stored: [Int] = []
      listener.onStep = { _ in
        stored.append((try? Checkpoint(contentsOf: run.checkpoint(.last)))?.progress.step ?? 0)
      }
      let settings = options {
        $0.duration = .steps(5)
        $0.checkpointSeconds = 1e-9
      }
      _ = try Trainer(toy, numbers: 100, batchSize: 1, settings, run, observer: listener).run()
      #expect(stored == [0, 1, 2, 3, 4])
    }
  }

  @Test("the rate and the weight of domain-adversarial training are those of Ganin et al. 2016, section 5.2.2")
  func domainAdversarial() throws {
    let rate = Schedule.inverse(start: 0.01, slope: 10, power: 0.75, over: .steps(8))
    // 1, 3.5, 6, 8.5 and 11 to the power of 3/4.
    expectClose(
      [0, 2, 4, 6, 8, 20].map { rate(Clock(step: $0)) },
      [0.01, 0.0039080, 0.0026085, 0.0020088, 0.0016556, 0.0016556], absolute: 1e-6)
    let weight = Schedule.sigmoid(end: 2, slope: 10)
    // 2 tanh(5 p).
    expectClose(
      [0, 1, 4, 8, 20].map { weight(Clock(step: $0, length: 8)) },
      [0, 0.625, 2.5, 5, 5].map { 2 * tanh($0) }, absolute: 1e-12)
    #expect(weight(Clock(step: 5)) == 0)
  }

  @Test("a game is told the length of its run, and how much of it is over")
  func length() throws {
    var seen: [Clock] = []
    let toy = Toy { _, table in seen.append(table.clock) }
    try withRun { run in
      _ = try Trainer(toy, options { $0.duration = .steps(4) }, run, observer: Listener()).run()
    }
    #expect(seen.map(\.progress) == [0, 0.25, 0.5, 0.75] && seen.allSatisfy { $0.length == 4 })
  }
}
