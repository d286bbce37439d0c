import Configuration
import Datasets
import Foundation
import Systems
import TestSupport
import Testing
import Training

@testable import Runs
@testable import Torch

@Suite("Settings that are left to validations") struct TrialTests {
  /// Stops after some rounds, counted over all trials.
  private final class Counter: TrainingObserver {
    private let stopsAfter: Int
    private(set) var rounds = 0
    init(_ stopsAfter: Int = .max) { self.stopsAfter = stopsAfter }
    var isOver: Bool { rounds >= stopsAfter }
    func completed(step: Int, of total: Int) { rounds += 1 }
    func logged(_ record: LogRecord) {}
  }

  private func inDirectory(_ body: (String, DatasetOptions) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      try body(
        directory,
        DatasetOptions(cacheDirectory: directory + "/cache", allowsNetwork: false, trainCount: 66, testCount: 20))
    }
  }

  /// An activated autoencoder, tiny, on points: 3 rounds an epoch, 6 in all.
  private func settings(_ temperature: String, _ changes: String...) throws -> RunSettings {
    try Catalog.settings(
      "aavae",
      setting: [
        "data.name=two-moons", "data.validation=6", "likelihood.family=gaussian", "encoder.network=mlp",
        "encoder.hidden=[8]", "decoder.network=mlp", "decoder.hidden=[8]", "latent.dimensions=3",
        "adversary.hidden=[8]", "training.batchSize=20", "training.epochs=2", "training.learningRate=0.01",
        "activation.temperature=\(temperature)",
      ] + changes)
  }

  @discardableResult
  private func train(
    _ settings: RunSettings, _ run: String, _ place: DatasetOptions, _ counter: Counter = Counter()
  ) throws -> Outcome {
    try Run.begin(settings, in: RunDirectory(run), place: place)
      .train(observer: counter, shouldStop: { counter.isOver }).outcome
  }

  @discardableResult
  private func resume(
    _ run: String, _ place: DatasetOptions, _ counter: Counter = Counter(),
    _ change: (inout RunSettings) throws -> Void = { _ in }
  ) throws -> Outcome {
    try Run.resume(RunDirectory(run), place: place, change)
      .train(observer: counter, shouldStop: { counter.isOver }).outcome
  }

  private func state(_ run: String, _ name: CheckpointName = .last) throws -> [String: [UInt8]] {
    try Safetensors(contentsOf: RunDirectory(run).checkpoint(name)).tensors.mapValues { $0.bytes() }
  }

  private func expectSame(_ one: String, _ two: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    for name in [CheckpointName.last, .best] {
      let isSame = try state(one, name) == state(two, name)
      #expect(isSame, "\(one) and \(two) @\(name)", sourceLocation: sourceLocation)
    }
  }

  /// The best bound in a run's log.
  private func best(_ run: String) throws -> Double {
    try MetricsLog.records(RunDirectory(run).metrics).compactMap { $0.values["bound_nats"] }.max()!
  }

  /// The temperature in a run's configuration, as it is written.
  private func temperature(_ run: String) throws -> String? {
    try SettingsDocument(file: RunDirectory(run).configuration).values["activation.temperature"]
  }

  @Test("the run becomes the best of four runs with the same seed, bit for bit, and says what all of them reached")
  func choice() throws {
    try inDirectory { directory, place in
      let (auto, counter) = (directory + "/auto", Counter())
      let training = try Run.begin(settings("auto"), in: RunDirectory(auto), place: place)
      let (outcome, progress) = try training.train(observer: counter)
      #expect(outcome == .finished && counter.rounds == 24 && progress.step == 6)
      try training.finish()
      let values = ["1", "1.5", "3", "5"]
      for value in values {
        try train(settings(value), "\(directory)/\(value)", place)
        try expectSame("\(auto)/trials/temperature-\(value)", "\(directory)/\(value)")
      }
      let scores = try values.map { try best("\(directory)/\($0)") }
      #expect(Set(scores).count == 4)
      let chosen = values[scores.firstIndex(of: scores.max()!)!]
      // Else a run that takes the first would pass.
      #expect(chosen != values[0])
      try expectSame(auto, "\(directory)/\(chosen)")
      #expect(try temperature(auto) == chosen && progress.bestScore == scores.max())
      #expect(try Run.open(auto, place: place).settings.trials.isEmpty)
      let record = try #require(try TrialRecord(in: RunDirectory(auto)))
      #expect(record.trials.map(\.value) == values)
      expectClose(record.trials.map(\.score), scores, relative: 1e-12)
      #expect(record.chosen.value == chosen && record.trials[2].run == "trials/temperature-3")
      let line = try MetricsLog.records(RunDirectory(auto).metrics).first { $0.values["activation.temperature"] != nil }
      #expect(line?.values["activation.temperature"] == Double(chosen) && line?.step == 6)
      #expect(line?.values["activation.temperature=1.5:bound_nats"] == scores[1])
      let words =
        "activation.temperature is \(chosen), the best of 4 by bound_nats on the validation examples ("
        + zip(values, scores).map { "\($0): \(String(format: "%.3f", $1))" }.joined(separator: ", ") + ")"
      #expect(record.sentence == words)
      #expect(try String(contentsOfFile: RunDirectory(auto).report, encoding: .utf8).contains(words))
    }
  }

  @Test("the best score is the largest where it rises, else the smallest, and the first of equal ones")
  func best() {
    func chosen(_ scores: [Double], rises: Bool) -> String {
      let trials = scores.enumerated().map { TrialRecord.Entry(value: "\($0)", run: "", score: $1, step: 1) }
      return TrialRecord(path: "a.b", key: "bound_nats", rises: rises, trials: trials).chosen.value
    }
    #expect(chosen([-3, -1, -2, -1], rises: true) == "1" && chosen([-3, -1, -2, -3], rises: false) == "0")
    #expect(chosen([5], rises: true) == "0")
  }

  @Test("stopped in any trial and resumed, the run ends with the bits of the unbroken one")
  func stopped() throws {
    try inDirectory { directory, place in
      let (whole, broken) = (directory + "/whole", directory + "/broken")
      try train(settings("auto"), whole, place)
      #expect(try train(settings("auto"), broken, place, Counter(2)) == .interrupted)
      #expect(try temperature(broken) == "auto")
      var calls = 0
      while try resume(broken, place, Counter(5)) == .interrupted { calls += 1 }
      #expect(calls == 4)
      try expectSame(broken, whole)
      #expect(try temperature(broken) == temperature(whole))
    }
  }

  @Test("cut off while it takes over the best trial, the run does so again")
  func cutOff() throws {
    try inDirectory { directory, place in
      let (whole, broken) = (directory + "/whole", directory + "/broken")
      try train(settings("auto"), whole, place)
      try FileManager.default.copyItem(atPath: whole, toPath: broken)
      // The configuration is the last to be written; of the checkpoints one may be missing.
      try train(settings("auto"), directory + "/open", place, Counter(1))
      try FileManager.default.removeItem(atPath: RunDirectory(broken).configuration)
      try FileManager.default.copyItem(
        atPath: directory + "/open/config.yaml", toPath: RunDirectory(broken).configuration)
      try FileManager.default.removeItem(atPath: RunDirectory(broken).checkpoint(.last))
      let counter = Counter()
      #expect(try resume(broken, place, counter) == .finished)
      #expect(counter.rounds == 0)
      try expectSame(broken, whole)
      #expect(try temperature(broken) == temperature(whole))
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: RunDirectory(broken).metrics))
          == Data(contentsOf: URL(fileURLWithPath: RunDirectory(whole).metrics)))
    }
  }

  @Test("more epochs are for all trials before the choice, and for the chosen value after it; fewer are refused")
  func extended() throws {
    try inDirectory { directory, place in
      let (whole, early, late) = (directory + "/whole", directory + "/early", directory + "/late")
      try train(settings("auto", "training.epochs=3"), whole, place)
      try train(settings("auto"), early, place, Counter(8))
      #expect(
        message { try resume(early, place) { $0.training.epochs = 1 } }
          == "\(early): 6 steps (2 epochs) are done already, which is more than was asked for; nothing was changed")
      try resume(early, place) { $0.training.epochs = 3 }
      try expectSame(early, whole)
      try train(settings("auto"), late, place)
      let counter = Counter()
      try resume(late, place, counter) { $0.training.epochs = 3 }
      #expect(counter.rounds == 3)
      let chosen = try #require(try temperature(late))
      try train(settings(chosen, "training.epochs=3"), directory + "/alone", place)
      try expectSame(late, directory + "/alone")
    }
  }

  @Test("it is refused without validation examples, and null is no spelling of it")
  func refused() throws {
    try inDirectory { directory, place in
      let run = RunDirectory(directory + "/run")
      #expect(
        message { _ = try Run.begin(settings("auto", "data.validation=0"), in: run, place: place) }
          == "activation.temperature: there are no validation examples to score")
      #expect(!run.exists)
    }
    for (text, came) in [("0", "\"0\""), ("null", "\"null\""), ("Auto", "\"Auto\""), ("-1", "\"-1\"")] {
      #expect(
        message { _ = try settings(text) }
          == "--set: activation.temperature: expected a number above 0, or auto, got \(came)")
    }
  }
}
