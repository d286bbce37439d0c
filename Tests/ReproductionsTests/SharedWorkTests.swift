import Datasets
import Evaluation
import Foundation
import Synchronization
import Systems
import TestSupport
import Testing
import Torch
import Training

@testable import Reproductions

@Suite("Cells side by side, and in shares")
struct SharedWorkTests {
  private struct Broken: Error {}

  /// Work of cells `a`, `b`, ... that notes what it does.
  private final class Notes: Sendable {
    let done = Mutex<[String]>([])
    let atOnce = Mutex((now: 0, most: 0))

    func experiment(_ names: [String], version: Int = 1, failing: String? = nil, seconds: Double = 0) -> Experiment {
      Experiment(
        name: "test/work", version: version, summary: "numbers", notes: "None.",
        cells: { _ in
          names.map { name in
            .init(name) { seed, _, _, stops in
              self.atOnce.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
              defer { self.atOnce.withLock { $0.now -= 1 } }
              let end = Date(timeIntervalSinceNow: seconds)
              while Date() < end {
                if stops() { return nil }
                usleep(1000)
              }
              if name == failing { throw Broken() }
              self.done.withLock { $0.append("\(name)\(seed)") }
              return (["n": .init(value: Double(seed))], 3)
            }
          }
        })
    }
  }

  private func reproduction(
    _ experiment: Experiment, in directory: String, seeds: Int? = nil, threads: Int = 1
  ) -> Reproduction {
    Reproduction(
      experiment, scale: .cpu, seeds: seeds, in: directory, place: .fromEnvironment(), threads: threads)
  }

  private func run(
    _ reproduction: Reproduction, jobs: Int = 1, shard: Shard? = nil, before: Int = 0,
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws -> Reproduction.Outcome {
    try reproduction.run(
      version: "0", jobs: jobs, shard: shard, before: before, announcing: { _, _, _ in SilentObserver() },
      shouldStop: shouldStop)
  }

  private func summary(_ outcome: Reproduction.Outcome) throws -> ReproductionSummary {
    guard case .finished(let summary) = outcome else { throw Broken() }
    return summary
  }

  @Test("as many cells are at work as there are jobs, and results keep the order of the declaration")
  func jobs() throws {
    try withTemporaryDirectory { directory in
      let notes = Notes()
      let found = try summary(
        run(reproduction(notes.experiment(["a", "b", "c"], seconds: 0.02), in: directory + "/r"), jobs: 3))
      #expect(found.cells.map { "\($0.name)\($0.seed)" } == ["a1", "b1", "c1", "a2", "b2", "c2", "a3", "b3", "c3"])
      #expect(notes.done.withLock(\.count) == 9)
      #expect((2...3).contains(notes.atOnce.withLock(\.most)))
      #expect(found.cells.allSatisfy { $0.machine == Machine.description })
    }
  }

  @Test("two trainings side by side have the weights and numbers that they have one after the other")
  func sameResults() throws {
    try withTemporaryDirectory { directory in
      let experiment = Experiment(
        name: "test/vae", summary: "small vaes", notes: "None.",
        cells: { _ in
          [2, 3].map { dimensions in
            var settings = try! Catalog.settings(
              "vae", setting: ["encoder.hidden=[8]", "decoder.hidden=[8]", "training.batchSize=10"])
            settings.autoencoder.latent.dimensions = dimensions
            settings.data.name = "strokes"
            (settings.data.limit, settings.data.validation, settings.training.epochs) = (40, 20, 2)
            return .init("vae/\(dimensions)", settings, metrics: [.elbo(samples: 1)], limit: 20, drawings: [])
          }
        })
      let found = try [1, 2].map { jobs in
        try summary(run(reproduction(experiment, in: directory + "/\(jobs)", seeds: 2), jobs: jobs))
      }
      #expect(found[0].cells.map { $0.numbers["elbo"]?.value } == found[1].cells.map { $0.numbers["elbo"]?.value })
      for cell in ["vae-2-seed1", "vae-3-seed1", "vae-2-seed2", "vae-3-seed2"] {
        let weights = try ["1", "2"].map {
          try Safetensors(contentsOf: "\(directory)/\($0)/\(cell)/checkpoints/last.safetensors").tensors
            .filter { $0.key.hasPrefix("model") || $0.key.contains("weight") }
            .mapValues { $0.array(Float.self) }
        }
        #expect(!weights[0].isEmpty && weights[0] == weights[1], "\(cell)")
      }
    }
  }

  @Test(
    "a cell that fails stops the others, and its error is what is thrown; the same call goes on", arguments: [1, 2])
  func failure(_ jobs: Int) throws {
    try withTemporaryDirectory { directory in
      let notes = Notes()
      let broken = notes.experiment(["a", "b", "c"], failing: "b", seconds: 0.01)
      #expect(throws: Broken.self) { _ = try run(reproduction(broken, in: directory + "/r"), jobs: jobs) }
      #expect(notes.done.withLock(\.count) <= 1)
      let again = notes.experiment(["a", "b", "c"])
      let more = try summary(run(reproduction(again, in: directory + "/r"), jobs: jobs))
      #expect(more.cells.count == 9)
      #expect(notes.done.withLock(\.count) == 9)
    }
  }

  @Test("what is stopped says so and begins no further cell", arguments: [1, 2])
  func stopped(_ jobs: Int) throws {
    try withTemporaryDirectory { directory in
      let notes = Notes()
      let experiment = notes.experiment(["a", "b", "c"])
      let outcome = try run(reproduction(experiment, in: directory + "/r"), jobs: jobs) {
        notes.done.withLock(\.count) >= 2
      }
      guard case .stopped = outcome else {
        Issue.record("expected it to be stopped")
        return
      }
      #expect((2...3).contains(notes.done.withLock(\.count)))
    }
  }

  @Test("shares are disjoint and together all; the call without a share gathers them")
  func shards() throws {
    try withTemporaryDirectory { directory in
      let notes = Notes()
      let work = reproduction(notes.experiment(["a", "b"]), in: directory + "/r")
      var counts: [Int] = []
      for number in 1...4 {
        guard case .shared(let finished, let count) = try run(work, shard: Shard(number, of: 4), before: 1) else {
          Issue.record("expected a share")
          return
        }
        #expect(count == 6)
        counts.append(finished)
      }
      // Six pieces that are counted from 1: of 1, 2, ..., 6 the first share has those divided by 4, which is 4.
      #expect(counts == [1, 3, 5, 6])
      #expect(notes.done.withLock { $0 } == ["b2", "a1", "a3", "b1", "b3", "a2"])
      #expect(!FileManager.default.fileExists(atPath: directory + "/r/result.json"))
      #expect(try summary(run(work)).cells.count == 6)
      #expect(notes.done.withLock(\.count) == 6)
    }
  }

  @Test("what another machine finished is gathered where the data are missing, and what nobody did is left out")
  func missingData() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/r"
      let names = ["svhn/a", "svhn/b"]
      let work = Experiment(
        name: "test/data", summary: "numbers", notes: "None.",
        cells: { _ in names.map { .init($0, on: "svhn", isOptional: true) { _ in (["n": .init(value: 1)], 1) } } })
      var place = DatasetOptions.fromEnvironment()
      (place.dataRoot, place.cacheDirectory, place.allowsNetwork) = (nil, directory + "/none", false)
      let reproduction = Reproduction(work, scale: .cpu, seeds: 1, in: path, place: place)
      let piece = reproduction.pieces(seeds: [1])[0]
      let cell = reproduction.path(piece.cell, 1)
      let recipe = try reproduction.recipe(piece.cell, 1)
      try ReproductionDirectory(path: path).prepare(for: "test/data", .cpu)
      try recipe.begin(in: cell)
      try CellFile(recipe, .init(name: "svhn/a", seed: 1, steps: 1, seconds: 1, numbers: ["n": .init(value: 7)]))
        .write(in: cell)
      let found = try summary(run(reproduction))
      #expect(found.cells.map(\.name) == ["svhn/a"] && found.cells[0].numbers["n"]?.value == 7)
      #expect(found.skipped.keys.sorted() == ["svhn/b"])
      let state = try reproduction.state(version: "0")
      #expect(state.words == "finished, 1 left out when last run")
    }
  }

  @Test("a directory that another machine has just begun, or that was left half begun, is taken")
  func halfBegun() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/r"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      try AtomicFile.write([UInt8](), to: path + "/experiment.json.1-a.partial")
      try ReproductionDirectory(path: path).prepare(for: "test/work", .cpu)
      #expect(FileManager.default.fileExists(atPath: path + "/experiment.json"))
    }
  }

  @Test("a share is the I-th of N, and nothing else", arguments: [(0, 3), (4, 3), (-1, 1), (1, 0)])
  func noShard(_ number: Int, _ count: Int) { #expect(Shard(number, of: count) == nil) }

  @Test("what there is of an experiment is told without working on it")
  func state() throws {
    try withTemporaryDirectory { directory in
      let (notes, path) = (Notes(), directory + "/r")
      let work = reproduction(notes.experiment(["a", "b"]), in: path)
      let before = try work.state(version: "0")
      #expect(before.words == "not run" && before.count == 6 && before.summary == nil)
      _ = try run(work, shard: Shard(1, of: 3))
      let part = try work.state(version: "0")
      #expect(part.words == "2 of 6 cells" && part.summary?.cells.count == 2)
      _ = try run(work)
      #expect(try work.state(version: "0").words == "finished")
      // Seeds that were asked for beyond those declared count too.
      _ = try run(reproduction(notes.experiment(["a", "b"]), in: path, seeds: 4))
      let more = try work.state(version: "0")
      #expect(more.count == 8 && more.isFinished && more.summary?.seeds == [1, 2, 3, 4])
      let other = try reproduction(notes.experiment(["a", "b"], version: 2), in: path).state(version: "0")
      #expect(other.words == "not run, 8 cells of other settings" && other.summary == nil)
      #expect(notes.done.withLock(\.count) == 8)
    }
  }
}
