import Datasets
import Foundation
import Generative
import TestSupport
import Testing
import Torch

@testable import Training

/// Everything that a run carries along: batch norm, noise, two players that alternate, and a bound that wobbles.
private final class Carrier: Game {
  private let first: Linear
  private let norm: BatchNorm
  private let second: Linear
  private let down: Player
  private let up: Player

  init() {
    let rng = RandomSource(seed: 5)
    first = Linear(4, 6, using: rng)
    norm = BatchNorm(6)
    second = Linear(6, 4, using: rng)
    down = Player("down", [first, norm])
    up = Player("up", side: .adversary, [second])
  }

  private func loss(_ x: Tensor, _ rng: RandomSource) -> Tensor {
    let flat = x.flattened(from: 1)
    let h = norm(first(flat) + rng.normal([x.size(0), 6])).tanh()
    return (second(h) - flat).square().sum(-1)
  }

  var players: [Player] { [down, up] }
  let batchesPerRound = 3

  func play(_ table: any Table) throws {
    for _ in 0..<2 { try table.move(down, Loss(loss(table.batch(.main).x, table.rng))) }
    let x = try table.batch(.main).x
    try table.move(up, Loss(loss(x, table.rng), terms: [.init("x", x)]))
  }

  var score: Score? { .bound { [self] batch, rng in -loss(batch.x, rng) } }
}

@Suite("Resuming")
struct ResumeTests {
  /// Grey pixels, binarized anew in every batch.
  private func pixels(_ count: Int, seed: UInt64) throws -> DeviceExamples {
    let bytes = RandomSource(seed: seed).uniform([count * 4]).array(Double.self).map { UInt8($0 * 255) }
    return DeviceExamples(
      try Examples(name: "pixels", storage: .bytes(bytes), shape: [1, 2, 2]), binarization: .dynamic)
  }

  private let settings = options {
    $0.duration = .epochs(6)
    $0.model.learningRate = .cosine(start: 0.1, end: 0, over: .steps(30))
    $0.model.plateau = PlateauDecay(factor: 0.7, patience: 1)
    $0.model.clipping = GradientClipping(norm: 1)
    $0.model.average = 0.9
    var adversary = SideOptions()
    adversary.optimizer = .rmsProp(RMSProp.Options())
    adversary.learningRate = .linear(start: 0.05, end: 0, after: .epochs(1), until: .epochs(6))
    $0.adversary = adversary
    $0.logEvery = 3
    $0.keepEvery = 1
  }

  /// Trains until `stop` rounds are complete, or to the end, from a checkpoint or from the start.
  private func train(_ run: RunDirectory, from: CheckpointName? = nil, until stop: Int = .max) throws
    -> TrainingProgress
  {
    let checkpoint = try from.map { try Checkpoint(contentsOf: run.checkpoint($0)) }
    let trainer = try Trainer(
      Carrier(), feeds: [.main: ExampleBatches(pixels(43, seed: 1), batchSize: 5, seed: settings.seed)],
      validation: pixels(11, seed: 2), options: settings, device: .cpu, run: run, from: checkpoint, observer: Listener()
    )
    _ = try trainer.run { trainer.progress.step >= stop }
    return trainer.progress
  }

  /// All tensors of a checkpoint, as bytes.
  private func state(_ run: RunDirectory, _ name: CheckpointName = .last) throws -> [String: [UInt8]] {
    try Safetensors(contentsOf: run.checkpoint(name)).tensors.mapValues { $0.bytes() }
  }

  private func withoutTime(_ progress: TrainingProgress) -> TrainingProgress {
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
      #expect(end.rateFactor(.model) < 1, "the plateau has acted")
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

  @Test(
    "what else a step leaves is written before the last checkpoint, from which a killed run goes on",
    arguments: [true, false])
  func lastComesLast(_ validates: Bool) throws {
    try withRun { run in
      // A directory in its place stands for a kill that comes before it.
      try FileManager.default.createDirectory(
        atPath: run.checkpoint(.last) + "/inside", withIntermediateDirectories: true)
      let settings = options { ($0.duration, $0.keepEvery) = (.epochs(1), 1) }
      let trainer = try Trainer(Toy.slope(), validates: validates, settings, run)
      #expect(message { _ = try trainer.run() }.hasPrefix(run.checkpoint(.last)))
      for name in [CheckpointName.best, .step(1)] {
        #expect(FileManager.default.fileExists(atPath: run.checkpoint(name)), "\(name)")
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
          Carrier(), feeds: [.main: ExampleBatches(pixels(43, seed: 1), batchSize: 5, seed: other.seed)],
          validation: pixels(11, seed: 2), options: other, device: .cpu, run: three, observer: Listener()
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
        names.filter { $0.hasPrefix("optimizer.first") || $0.hasPrefix("optimizer.down") } == [
          "optimizer.down.steps", "optimizer.first.bias.first", "optimizer.first.bias.second",
          "optimizer.first.weight.first", "optimizer.first.weight.second",
        ])
      #expect(
        names.filter { $0.hasPrefix("average.") } == [
          "average.first.bias", "average.first.weight", "average.norm.bias", "average.norm.weight",
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
      ("last: no tensor 'optimizer.down.steps'", { $0.tensors["optimizer.down.steps"] = nil }),
      (
        "last: tensor 'optimizer.first.weight.first': expected shape [6, 4], found [1]",
        { $0.tensors["optimizer.first.weight.first"] = .zeros([1]) }
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
      text.hasPrefix(
        "last: expected progress with counts of at least 0 and finite numbers, found TrainingProgress(step: -4"))
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
