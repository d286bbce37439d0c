import Foundation
import Runs
import Testing
import Training

@testable import Watch

@Suite("The state of a run")
struct RunStateTests {
  private func evidence(_ change: (inout RunEvidence) -> Void) -> RunEvidence {
    var evidence = RunEvidence()
    var progress = TrainingProgress()
    (progress.step, progress.stepsPerEpoch) = (40, 10)
    evidence.progress = progress
    (evidence.epochs, evidence.loggedStep, evidence.hasReport) = (10, 40, true)
    change(&evidence)
    return evidence
  }

  private func expect(
    _ state: RunState, _ reason: String?, sourceLocation: SourceLocation = #_sourceLocation,
    _ change: (inout RunEvidence) -> Void
  ) {
    let found = evidence(change).state
    #expect(found.state == state && found.reason == reason, "\(found)", sourceLocation: sourceLocation)
  }

  @Test("a run that a trainer holds is running, unless it has written nothing for long")
  func held() {
    expect(.running, nil) { ($0.isHeld, $0.idle) = (true, 299) }
    expect(.stalled, "it has written nothing for 5 minutes") { ($0.isHeld, $0.idle) = (true, 301) }
    // Lines that come every two minutes.
    expect(.running, nil) { ($0.isHeld, $0.idle, $0.pace) = (true, 1000, 120) }
    expect(.stalled, "it has written nothing for 20 minutes") { ($0.isHeld, $0.idle, $0.pace) = (true, 1201, 120) }
    expect(.running, nil) { ($0.isHeld, $0.idle, $0.loggedStep) = (true, 9000, nil) }
    expect(.running, "it is measured") { ($0.isHeld, $0.idle, $0.loggedStep) = (true, 900, 100) }
  }

  @Test("a run that nobody holds has ended, by its last checkpoint")
  func ended() {
    expect(.finished, nil) { $0.progress?.step = 100 }
    expect(.finished, nil) { ($0.epochs, $0.steps) = (nil, 40) }
    expect(.finished, "its report has not been written") {
      $0.progress?.step = 100
      $0.hasReport = false
    }
    expect(.stoppedEarly, nil) {
      $0.patience = 3
      $0.progress?.validationsSinceBest = 3
    }
    expect(.interrupted, "the last checkpoint is of step 40") { _ in }
    expect(.interrupted, "it was killed: its log goes on to step 55, the last checkpoint is of step 40") {
      $0.loggedStep = 55
    }
    expect(.interrupted, "it has no checkpoint yet") { $0.progress = nil }
  }

  @Test("a run that failed says with what, until a trainer has it again")
  func failed() {
    expect(.failed, "step 7: player 'model': loss is not finite") {
      $0.failure = "step 7: player 'model': loss is not finite"
    }
    expect(.running, nil) { ($0.failure, $0.isHeld) = ("no memory", true) }
  }

  @Test("a run of stages stands as they do")
  func stages() throws {
    func stages(_ states: [String]) throws -> [PipelineRecord.Entry] {
      try states.enumerated().map { index, state in
        try JSONDecoder().decode(
          PipelineRecord.Entry.self, from: Data(#"{"name": "s\#(index)", "after": [], "state": "\#(state)"}"#.utf8))
      }
    }
    let over = try stages(["finished", "stoppedEarly"])
    expect(.finished, nil) { $0.stages = over }
    let open = try stages(["finished", "interrupted", "waiting"])
    expect(.interrupted, "not over: s1, s2") { $0.stages = open }
    let failed = try stages(["failed"])
    expect(.failed, "stage s0: it failed") { $0.stages = failed }
    expect(.running, nil) { ($0.stages, $0.isHeld, $0.idle) = (open, true, 9000) }
  }

  @Test("inference is over with its result")
  func inference() {
    expect(.finished, nil) { ($0.inference, $0.progress) = ((true, true), nil) }
    expect(.interrupted, "it has no result yet") { ($0.inference, $0.progress) = ((true, false), nil) }
  }

  @Test("the list tells of a run what its files say")
  func row() async throws {
    let place = NSTemporaryDirectory() + "/" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let root = try RunRoot(place)
    let run = try root.make("a", configuration: "model: gan\ndata:\n  name: strokes\ntraining:\n  steps: 100\n")
    try append(line(20, loss: 2, [("critic_loss_nats", 1)]) + line(30, loss: 1.5), to: run.metrics)
    var lock: RunLock? = try run.lock()
    let rows = await Roster(root).list().rows
    let row = try #require(rows.first)
    withExtendedLifetime(lock) {}
    lock = nil
    #expect(row.name == "a" && row.model == "gan" && row.data == "strokes" && row.state == .running)
    #expect(row.step == 30 && row.steps == 100 && row.done == 0.3)
    #expect(row.newest == .init(name: "loss", value: 1.5, unit: "nats"))
    try "step 31: no memory\nmore\n".write(toFile: run.failure, atomically: true, encoding: .utf8)
    let later = await Roster(root).list().rows
    #expect(later.first?.state == .failed && later.first?.reason == "step 31: no memory")
    try FileManager.default.removeItem(atPath: place)
  }
}
