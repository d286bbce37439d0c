import Datasets
import Foundation
import Generative
import TestSupport
import Testing
import Torch

@testable import Training

/// Everything that a run carries along: batch norm, noise, two players that alternate, and a bound that wobbles.
private final class Carrier: Trainable {
  private let first: Linear
  private let norm: BatchNorm
  private let second: Linear

  init() {
    let rng = RandomSource(seed: 5)
    first = Linear(4, 6, using: rng)
    norm = BatchNorm(6)
    second = Linear(6, 4, using: rng)
  }

  private func output(_ x: Tensor, _ noise: Tensor) -> Tensor {
    second(norm(first(x.flattened(from: 1)) + noise).tanh())
  }

  var moves: [Move] {
    let names = namedParameters
    let down = Player("down", names.filter { !$0.name.hasPrefix("second") })
    let up = Player("up", names.filter { $0.name.hasPrefix("second") })
    let loss = { [self] (batch: Batch, turn: Turn) in
      let error = output(batch.x, turn.rng.normal([batch.count, 6])) - batch.x.flattened(from: 1)
      return error.square().sum(-1)
    }
    return [
      Move([down], repeats: 2) { [Loss(loss($0, $1))] },
      Move([up]) { [Loss(loss($0, $1), terms: [.init("x", $0.x)])] },
    ]
  }

  func bound(_ batch: Batch, using rng: RandomSource) -> Tensor {
    -(output(batch.x, rng.normal([batch.count, 6])) - batch.x.flattened(from: 1)).square().sum(-1)
  }
}

@Suite("Resuming")
struct ResumeTests {
  /// Grey pixels, binarized anew in every batch.
  private func pixels(_ count: Int, seed: UInt64) throws -> DeviceExamples {
    let bytes = RandomSource(seed: seed).uniform([count * 4]).array(Double.self).map { UInt8($0 * 255) }
    return DeviceExamples(
      try Examples(name: "pixels", storage: .bytes(bytes), shape: [1, 2, 2]), binarization: .dynamic,
      using: RandomSource(seed: 0))
  }

  private let settings = options {
    $0.duration = .epochs(6)
    $0.batchSize = 5
    $0.learningRate = .cosine(start: 0.1, end: 0, steps: 30)
    $0.plateau = PlateauDecay(factor: 0.7, patience: 1)
    $0.clipping = GradientClipping(norm: 1)
    $0.logEvery = 3
    $0.keepEvery = 1
  }

  /// Trains until `stop` rounds are complete, or to the end, from a checkpoint or from the start.
  private func train(_ run: RunDirectory, from: CheckpointName? = nil, until stop: Int = .max) throws
    -> Training.Progress
  {
    let checkpoint = try from.map { try Checkpoint(contentsOf: run.checkpoint($0)) }
    let trainer = try Trainer(
      Carrier(), train: pixels(43, seed: 1), validation: pixels(11, seed: 2), options: settings,
      device: .cpu, run: run, from: checkpoint, observer: Listener())
    _ = try trainer.run { trainer.progress.step >= stop }
    return trainer.progress
  }

  /// All tensors of a checkpoint, as bytes.
  private func state(_ run: RunDirectory, _ name: CheckpointName = .last) throws -> [String: [UInt8]] {
    try Safetensors(contentsOf: run.checkpoint(name)).tensors.mapValues { $0.bytes() }
  }

  private func withoutTime(_ progress: Training.Progress) -> Training.Progress {
    var progress = progress
    progress.seconds = 0
    return progress
  }

  private func validations(_ run: RunDirectory) throws -> [String] {
    try MetricsLog.records(run.metrics).filter { $0.kind == .validation }.map(\.line)
  }

  @Test("a run stopped after any round and resumed ends as the unbroken one, bit for bit")
  func everyRound() throws {
    try withRun { whole in
      let end = try train(whole)
      let expected = try state(whole)
      #expect(end.rateFactor < 1, "the plateau has acted")
      let mean = try #require(expected["model.norm.mean"])
      #expect(mean.count == 24 && mean.contains { $0 != 0 }, "the running mean has moved")
      for stop in 0..<end.step {
        try withRun { broken in
          #expect(try train(broken, until: stop).step == stop)
          let progress = try train(broken, from: .last)
          #expect(withoutTime(progress) == withoutTime(end), "stopped at \(stop)")
          #expect(try state(broken) == expected, "stopped at \(stop)")
          #expect(try state(broken, .best) == state(whole, .best), "stopped at \(stop)")
          #expect(try validations(broken) == validations(whole), "stopped at \(stop)")
        }
      }
    }
  }

  @Test("a run resumed from any checkpoint that was kept ends as the unbroken one, bit for bit")
  func keptCheckpoints() throws {
    try withRun { run in
      let end = try train(run)
      let expected = try state(run)
      let log = try validations(run)
      for step in stride(from: 3, through: end.step, by: 3) {
        #expect(withoutTime(try train(run, from: .step(step))) == withoutTime(end), "from \(step)")
        #expect(try state(run) == expected, "from \(step)")
        #expect(try validations(run) == log, "from \(step)")
      }
    }
  }

  @Test("two runs of one seed are equal, and another seed differs")
  func seeds() throws {
    try withRun { one in
      try withRun { two in
        _ = try train(one)
        _ = try train(two)
        #expect(try state(one) == state(two))
      }
      var other = settings
      other.seed = 2
      try withRun { three in
        _ = try Trainer(
          Carrier(), train: pixels(43, seed: 1), validation: pixels(11, seed: 2), options: other,
          device: .cpu, run: three, observer: Listener()
        ).run()
        #expect(try state(one) != state(three))
      }
    }
  }

  @Test("a checkpoint holds model, optimizer and random state under their names")
  func names() throws {
    try withRun { run in
      _ = try train(run, until: 1)
      let names = try Safetensors(contentsOf: run.checkpoint(.last)).tensors.keys.sorted()
      #expect(names.filter { $0.hasPrefix("model.") } == Carrier().namedTensors.map { "model." + $0.name }.sorted())
      #expect(names.contains("random.state"))
      #expect(
        names.filter { $0.hasPrefix("optimizer.up") } == [
          "optimizer.up.first.0", "optimizer.up.first.1", "optimizer.up.second.0", "optimizer.up.second.1",
          "optimizer.up.steps",
        ])
    }
  }

  // MARK: Checkpoints that do not fit

  /// What resuming says of a checkpoint that was tampered with; expects the log to stay as it is.
  private func refusal(_ tamper: (inout Safetensors) -> Void) throws -> String {
    try withRun { run in
      _ = try train(run, until: 4)
      let path = run.checkpoint(.last)
      var file = try Safetensors(contentsOf: path)
      tamper(&file)
      try file.write(to: path)
      let log = try Data(contentsOf: URL(fileURLWithPath: run.metrics))
      let text = message { _ = try train(run, from: .last) }
      #expect(try Data(contentsOf: URL(fileURLWithPath: run.metrics)) == log)
      return text.replacingOccurrences(of: path, with: "last")
    }
  }

  @Test("a checkpoint of another model, optimizer or layout is refused, tensor by tensor")
  func foreign() throws {
    let cases: [(String, (inout Safetensors) -> Void)] = [
      ("last: no tensor 'first.weight'", { $0.tensors["model.first.weight"] = nil }),
      (
        "last: tensor 'first.weight': expected shape [6, 4], found [2, 4]",
        { $0.tensors["model.first.weight"] = .zeros([2, 4]) }
      ),
      ("last: tensor 'extra' belongs to no part of this model", { $0.tensors["model.extra"] = .zeros([1]) }),
      ("last: no tensor 'optimizer.up.steps'", { $0.tensors["optimizer.up.steps"] = nil }),
      (
        "last: tensor 'optimizer.up.first.0': expected shape [4, 6], found [1]",
        { $0.tensors["optimizer.up.first.0"] = .zeros([1]) }
      ),
      (
        "last: tensor 'optimizer.side.steps' belongs to no part of this model",
        { $0.tensors["optimizer.side.steps"] = .zeros([]) }
      ),
      ("last: no tensor 'random.state'", { $0.tensors["random.state"] = nil }),
      (
        "last: expected a checkpoint of format 'helmholtz-checkpoint-1', found 'other'",
        { $0.metadata["format"] = "other" }
      ),
      (
        "last: expected a checkpoint of format 'helmholtz-checkpoint-1', found no format in the metadata",
        { $0.metadata = [:] }
      ),
      (
        "last: expected a progress manifest, found '{\"step\": \"x\"}'",
        { $0.metadata["progress"] = "{\"step\": \"x\"}" }
      ),
      ("last: expected a progress manifest, found none in the metadata", { $0.metadata["progress"] = nil }),
    ]
    for (expected, tamper) in cases { #expect(try refusal(tamper) == expected) }
  }

  @Test("impossible progress and a random state of other bytes are refused")
  func impossible() throws {
    let text = try refusal {
      $0.metadata["progress"] = $0.metadata["progress"]?.replacingOccurrences(of: "\"step\":4", with: "\"step\":-4")
    }
    #expect(
      text.hasPrefix("last: expected progress with counts of at least 0 and finite numbers, found Progress(step: -4"))
    let short = try refusal { $0.tensors["random.state"] = .zeros([8], dtype: .uint8) }
    #expect(short.hasPrefix("last: tensor 'random.state': expected shape ["))
    let garbage = try refusal { file in
      let count = file.tensors["random.state"]!.count
      file.tensors["random.state"] = .full([count], 255, dtype: .uint8)
    }
    #expect(garbage.hasPrefix("last: expected the state of a random stream, found "))
  }

  @Test("a checkpoint cut short anywhere is refused and never traps")
  func truncated() throws {
    try withRun { run in
      _ = try train(run, until: 4)
      let path = run.checkpoint(.last)
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      for length in stride(from: 0, to: bytes.count, by: 97) {
        try AtomicFile.write(Array(bytes.prefix(length)), to: path)
        #expect(message { _ = try Checkpoint(contentsOf: path) }.hasPrefix(path + ": "))
      }
    }
  }
}
