import Configuration
import Datasets
import Evaluation
import Foundation
import Generative
import Systems
import TestSupport
import Testing
import Training

@testable import Runs
@testable import Torch

@Suite("Runs made of stages") struct StagesTests {
  private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var heard: [(stage: String, step: Int)] = []
    let stopAt: (stage: String, step: Int)?
    init(stopAt: (String, Int)? = nil) { self.stopAt = stopAt }
    func note(_ stage: String, _ step: Int) { lock.withLock { heard.append((stage, step)) } }
    var shouldStop: Bool {
      guard let stopAt else { return false }
      return lock.withLock { heard.contains { $0.stage == stopAt.stage && $0.step >= stopAt.step } }
    }
    var stages: [String] { lock.withLock { heard.map(\.stage) } }
  }

  private final class Observer: TrainingObserver {
    let (stage, counter): (String, Counter)
    init(_ stage: String, _ counter: Counter) { (self.stage, self.counter) = (stage, counter) }
    func completed(step: Int, of total: Int) { counter.note(stage, step) }
    func logged(_ record: LogRecord) {}
  }

  private func inDirectory(_ body: (String, DatasetOptions) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      try body(
        directory,
        DatasetOptions(cacheDirectory: directory + "/cache", allowsNetwork: false, trainCount: 120, testCount: 40))
    }
  }

  /// Tiny settings on points: a few rounds a stage.
  private static func settings(_ system: String = "asl", _ changes: [String] = []) throws -> RunSettings {
    try Catalog.settings(
      system,
      setting: [
        "data.name=two-moons", "data.validation=10", "training.batchSize=20", "training.epochs=2",
        "encoder.hidden=[8]", "regression.hidden=[8]", "training.logEvery=2", "training.threads=1",
      ] + changes)
  }

  private static let small = ["density.couplings=2", "density.hidden=[8]"]

  @discardableResult
  private func train(
    _ settings: RunSettings, _ path: String, _ place: DatasetOptions, serial: Bool = false,
    _ counter: Counter = Counter()
  ) throws -> Outcome {
    let run = try Run.begin(settings, in: RunDirectory(path), place: place)
    return try finish(run, serial: serial, counter)
  }

  private func finish(_ run: Run, serial: Bool = false, _ counter: Counter = Counter()) throws -> Outcome {
    let (outcome, _) = try run.trainStages(
      serial: serial, observer: { Observer($0, counter) }, shouldStop: { counter.shouldStop })
    if outcome != .interrupted { try run.finish() }
    return outcome
  }

  private func tensors(_ path: String) throws -> [String: [UInt8]] {
    try Safetensors(contentsOf: RunDirectory(path).checkpoint(.last)).tensors.mapValues { $0.bytes() }
  }

  @Test("side by side and one after the other give the same weights, and the whole has those of its stages")
  func serial() throws {
    try inDirectory { directory, place in
      let counter = Counter()
      #expect(try train(Self.settings("asl", Self.small), directory + "/a", place, counter) == .finished)
      #expect(Set(counter.stages) == ["encoder", "density", "regression"])
      #expect(counter.stages.prefix { $0 == "encoder" }.count == 12)
      #expect(try train(Self.settings("asl", Self.small), directory + "/b", place, serial: true) == .finished)
      for stage in ["", "/encoder", "/density", "/regression"] {
        let isSame = try tensors(directory + "/a" + stage) == tensors(directory + "/b" + stage)
        #expect(isSame, "\(stage)")
      }
      let whole = try tensors(directory + "/a")
      for (stage, prefix) in [("encoder", "encoder"), ("density", "density"), ("regression", "regression")] {
        let part = try tensors(directory + "/a/" + stage).filter { $0.key.hasPrefix("model.") }
        #expect(!part.isEmpty)
        for (name, bytes) in part {
          let isSame = whole["model.\(prefix)." + name.dropFirst("model.".count)] == bytes
          #expect(isSame, "\(name)")
        }
      }
      #expect(whole["model.noise.scale"]?.contains { $0 != 0 } == true)
    }
  }

  @Test("stages side by side share the threads, one alone has them all")
  func threads() throws {
    let settings = try Self.settings()
    let pipeline = try Pipeline(
      [
        Stage("encoder", settings), Stage("density", after: ["encoder"]) { _ in settings },
        Stage("regression", after: ["encoder"]) { _ in settings },
      ], isOfRun: true)
    for (threads, shares) in [(1, [1, 1, 1]), (2, [2, 1, 1]), (5, [5, 2, 2])] {
      #expect(pipeline.stages.map { pipeline.share(of: $0, in: threads) } == shares)
    }
  }

  @Test("stopped in any stage, it goes on to the same bits")
  func resumed() throws {
    try inDirectory { directory, place in
      try train(Self.settings("asl", Self.small), directory + "/whole", place)
      let expected = try tensors(directory + "/whole")
      for (index, stop) in [("encoder", 3), ("density", 2), ("regression", 5)].enumerated() {
        let path = directory + "/cut\(index)"
        #expect(
          try train(Self.settings("asl", Self.small), path, place, serial: index == 2, Counter(stopAt: stop))
            == .interrupted)
        #expect(throws: (any Error).self) { _ = try Run.open(path, place: place) }
        #expect(try finish(Run.resume(RunDirectory(path), place: place)) == .finished)
        let isSame = try tensors(path) == expected
        #expect(isSame, "stopped in \(stop)")
        // Once more: there is nothing to do.
        let again = Counter()
        #expect(try finish(Run.resume(RunDirectory(path), place: place), again) == .finished)
        #expect(again.stages.isEmpty)
        let isStill = try tensors(path) == expected
        #expect(isStill)
      }
    }
  }

  @Test("it samples, reconstructs, interpolates, encodes and reports as one model")
  func oneModel() throws {
    try inDirectory { directory, place in
      try train(Self.settings("vae-asl", Self.small), directory + "/p", place)
      let run = try Run.open(directory + "/p", place: place)
      #expect(try run.samples(5, seed: 1).shape == [5, 2])
      let x = Tensor([0.5, 1, -1, 0], shape: [2, 2]).to(.float32)
      #expect(try run.reconstructions(of: x, seed: 1).shape == [2, 2])
      #expect(try run.codes(of: x, seed: 1).shape == [2, 2])
      #expect(try run.interpolation(2, steps: 3, path: .linear, of: nil, seed: 1).shape == [2, 3, 2])
      let model = try #require(run.model as? AuxiliarySupervisedModel)
      #expect(model.prior.hasDensity && model.prior.dimension == 2)
      // Its samples are those of its parts, taken by hand.
      let rng = RandomSource(seed: 4)
      let u = withoutGradients { model.density.examples(3, as: .draws, using: rng) }
      let hand = withoutGradients { model.noise.added(to: try! #require(model.regression).predict(u), using: rng) }
      let drawn = withoutGradients { model.examples(3, as: .draws, using: RandomSource(seed: 4)) }
      #expect(hand.array(Double.self) == drawn.array(Double.self))
      for file in [
        "report.html", "figures/encoder-loss.svg", "figures/density-loss.svg", "figures/regression-loss.svg",
      ] {
        #expect(FileManager.default.fileExists(atPath: directory + "/p/" + file), "\(file)")
      }
      #expect(model.card.players.map(\.player).map { $0.prefix(3) }.sorted() == ["I a", "II ", "III"])
    }
  }

  @Test("a run of one's own is the encoder: it is copied, trained no more, and may be taken away")
  func ownEncoder() throws {
    try inDirectory { directory, place in
      let vae = directory + "/vae"
      let settings = try Catalog.settings(
        "vae",
        setting: [
          "data.name=two-moons", "data.validation=10", "likelihood.family=gaussian", "encoder.hidden=[8]",
          "decoder.hidden=[8]", "latent.dimensions=3", "training.batchSize=20", "training.epochs=1",
        ])
      let run = try Run.begin(settings, in: RunDirectory(vae), place: place)
      _ = try run.train(observer: SilentObserver())
      try run.finish()
      // Its log is not needed.
      try FileManager.default.removeItem(atPath: RunDirectory(vae).metrics)
      let changes = Self.small + ["encoder.from=\(vae)"]
      let own = try Catalog.settings(
        "asl",
        setting: ["data.name=two-moons", "data.validation=10", "training.batchSize=20", "training.epochs=1"] + changes)
      let counter = Counter()
      #expect(try train(own, directory + "/p", place, counter) == .finished)
      #expect(!counter.stages.contains("encoder") && counter.stages.contains("regression"))
      // The regression starts at the decoder: after one epoch it is near it, and not at it.
      try FileManager.default.removeItem(atPath: vae)
      let opened = try Run.open(directory + "/p", place: place)
      #expect(try opened.codes(of: Tensor([0.5, 1], shape: [1, 2]).to(.float32), seed: 1).shape == [1, 3])
      #expect(try finish(Run.resume(RunDirectory(directory + "/p"), place: place)) == .finished)
    }
  }

  @Test(
    "the second VAE, a mixture and a GAN are densities of codes, too", arguments: ["vae", "gmm", "gan", "nice", "maf"])
  func densities(_ kind: String) throws {
    try inDirectory { directory, place in
      let own =
        switch kind {
        case "gmm": ["density.components=2"]
        case "vae", "gan": ["density.hidden=[8]"]
        default: ["density.couplings=2", "density.hidden=[8]"]
        }
      #expect(try train(Self.settings("vae-asl", ["density.kind=\(kind)"] + own), directory + "/p", place) == .finished)
      let run = try Run.open(directory + "/p", place: place)
      let samples = try run.samples(50, seed: 2).array(Double.self)
      let isFinite = samples.allSatisfy(\.isFinite)
      #expect(isFinite)
      #expect(try run.model(as: .decoder).prior.hasDensity == !["vae", "gan"].contains(kind))
    }
  }

  @Test("a two-stage VAE has no third stage: its first decoder leads back")
  func twoStages() throws {
    try inDirectory { directory, place in
      let settings = try Catalog.settings(
        "two-stage-vae",
        setting: [
          "data.name=two-moons", "data.validation=10", "training.batchSize=20", "encoder.epochs=1", "density.epochs=1",
          "encoder.hidden=[8]", "regression.hidden=[8]", "density.hidden=[8]",
        ])
      #expect(try train(settings, directory + "/p", place) == .finished)
      let run = try Run.open(directory + "/p", place: place)
      let model = try #require(run.model as? AuxiliarySupervisedModel)
      #expect(model.regression == nil && run.stageRuns.map(\.name) == ["encoder", "density"])
      #expect(try run.samples(3, seed: 1).shape == [3, 2])
    }
  }

  @Test("settings that contradict each other are refused in a sentence")
  func refusals() throws {
    try inDirectory { directory, place in
      func message(_ system: String, _ changes: String...) -> String {
        do {
          _ = try Run.prepare(Self.settings(system, changes), place: place)
          return ""
        } catch { return "\(error)" }
      }
      #expect(message("asl", "encoder.from=\(directory)/none").contains("the encoder is a run of its own"))
      #expect(
        message("asl", "encoder.from=infomax", "regression.start=encoder")
          == "regression.start: infomax has no decoder to start at, got encoder")
      #expect(message("asl", "encoder.from=infomax", "regression.loss=decoder").contains("has no decoder"))
      #expect(message("asl", "encoder.dimensions=1").contains("at least 2"))
      #expect(message("vae-asl", "encoder.lambda=3").contains("encoder.from is vae"))
      #expect(message("asl", "density.kind=gmm", "density.couplings=3").contains("density.kind is gmm"))
      #expect(message("asl", "density.kind=gmm", "density.components=5000").contains("5000"))
      #expect(message("asl", "density.kind=gmm", "density.learningRate=0.1").contains("takes no gradients"))
      #expect(message("asl", "encoder.hidden=[]").contains("the noise of mi joins dense layers"))
      #expect(message("asl", "encoder.channels=[4]").contains("encoder.channels: feature maps are for images"))
      // By the keys that stages have in the whole, before there is a directory.
      #expect(message("asl", "encoder.batchSize=1").hasPrefix("encoder.batchSize: expected at least 2 examples"))
      #expect(message("asl", "density.kind=gan", "density.schedule.kind=plateau").hasPrefix("density.schedule.kind: "))
    }
  }

  @Test("an encoder that has no decoder is refused where its decoder is to lead back")
  func noDecoder() throws {
    try inDirectory { directory, place in
      let first = try Catalog.settings(
        "infomax",
        setting: [
          "data.name=two-moons", "points.hidden=[8]", "points.dimensions=2", "adversary.hidden=[8]",
          "training.batchSize=20", "training.epochs=1",
        ])
      let run = try Run.begin(first, in: RunDirectory(directory + "/own"), place: place)
      _ = try run.train(observer: SilentObserver())
      try run.finish()
      let changes = [
        "data.name=two-moons", "data.validation=10", "encoder.from=\(directory)/own", "regression.loss=decoder",
      ]
      do {
        _ = try Run.prepare(Catalog.settings("asl", setting: changes), place: place)
        Issue.record("expected a refusal")
      } catch { #expect("\(error)" == "regression.loss: infomax has no decoder that could lead back, got decoder") }
    }
  }

  @Test("an encoder that has networks of points leads back by its decoder of points")
  func encoderOfPoints() throws {
    try inDirectory { directory, place in
      let common = ["data.name=two-moons", "data.validation=10", "training.batchSize=20", "training.epochs=1"]
      let first = try Catalog.settings("mi", setting: common + ["points.hidden=[8]", "points.dimensions=2"])
      let run = try Run.begin(first, in: RunDirectory(directory + "/own"), place: place)
      _ = try run.train(observer: SilentObserver())
      try run.finish()
      let settings = try Catalog.settings("asl", setting: common + Self.small + ["encoder.from=\(directory)/own"])
      #expect(try train(settings, directory + "/p", place) == .finished)
      #expect(try Run.open(directory + "/p", place: place).samples(3, seed: 1).shape == [3, 2])
    }
  }

  @Test("data that lie elsewhere today are gone on with to the same bits")
  func moved() throws {
    try inDirectory { directory, place in
      var place = place
      (place.trainCount, place.testCount) = (nil, nil)
      let points = RandomSource(seed: 3).normal([120, 2])
      for name in ["a", "b"] { try points.writeNPY(to: "\(directory)/\(name).npy") }
      let settings = try Self.settings("asl", Self.small + ["data.name=\(directory)/a.npy"])
      try train(settings, directory + "/whole", place)
      #expect(try train(settings, directory + "/cut", place, Counter(stopAt: ("density", 2))) == .interrupted)
      try FileManager.default.removeItem(atPath: directory + "/a.npy")
      let resumed = try Run.resume(RunDirectory(directory + "/cut"), place: place) {
        $0.data.name = directory + "/b.npy"
      }
      #expect(try finish(resumed) == .finished)
      let isSame = try tensors(directory + "/cut") == tensors(directory + "/whole")
      #expect(isSame)
    }
  }
}
