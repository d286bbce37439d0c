import Datasets
import Evaluation
import Foundation
import Runs
import Systems
import TestSupport
import Testing
import Torch
import Training

@testable import Reproductions

@Suite("Reproductions in a directory")
struct ReproductionTests {
  /// Work that counts how often it is done.
  private final class Count: @unchecked Sendable { var value = 0 }

  private func work(
    _ names: [String], version: Int = 1, count: Count = Count(), value: Double = 1
  ) -> Experiment {
    Experiment(
      name: "test/work", version: version, summary: "numbers", notes: "None.",
      cells: { _ in
        names.map { name in
          .init(name) { seed, _, _, _ in
            count.value += 1
            return (["n": .init(value: value * Double(seed), error: 0.1, examples: [Double(seed), .nan])], 3)
          }
        }
      },
      claims: { _ in [.init("It is above zero.", Measure("n")(names[0]) > 0)] })
  }

  private func vae(
    _ metrics: [Metric] = [.elbo(samples: 1)], version: Int = 1, epochs: Int = 2, limit: Int = 20
  ) -> Experiment {
    Experiment(
      name: "test/vae", version: version, summary: "a small vae", notes: "None.",
      cells: { _ in
        var settings = try! Catalog.settings(
          "vae",
          setting: ["encoder.hidden=[8]", "decoder.hidden=[8]", "latent.dimensions=2", "training.batchSize=10"])
        settings.data.name = "strokes"
        settings.data.limit = 40
        settings.data.validation = 20
        settings.training.epochs = epochs
        settings.training.keepEvery = 2
        return [
          .init("vae", settings, metrics: metrics, trajectory: [.elbo(samples: 1), .kl], limit: limit, drawings: [])
        ]
      })
  }

  @discardableResult
  private func run(
    _ experiment: Experiment, _ scale: Experiment.Scale = .smoke, seeds: Int? = nil, in directory: String
  ) throws -> ReproductionSummary {
    var place = DatasetOptions.fromEnvironment()
    place.cacheDirectory = directory + "-cache"
    let outcome = try Reproduction(
      experiment, scale: scale, seeds: seeds, in: directory, place: place, threads: 1
    ).run(version: "0", announcing: { _, _, _ in SilentObserver() })
    guard case .finished(let found) = outcome else { throw CancellationError() }
    return found
  }

  private func refusal(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "nothing was thrown"
    } catch { return "\(error)" }
  }

  @Test("a finished cell is not done again, and more seeds add to what is there")
  func seeds() throws {
    try withTemporaryDirectory { directory in
      let (path, count) = (directory + "/r", Count())
      #expect(try run(work(["a", "b"], count: count), .cpu, in: path).seeds == [1, 2, 3])
      #expect(count.value == 6)
      let more = try run(work(["a", "b"], count: count), .cpu, seeds: 4, in: path)
      #expect(count.value == 8 && more.cells.map(\.seed) == [1, 1, 2, 2, 3, 3, 4, 4])
      // The values 1 to 4, and their examples, which were read back.
      #expect(more.rows[0].numbers["n"]?.value == 2.5 && more.cells[0].numbers["n"]?.examples?.first == 1)
      #expect(more.claims[0].verdict == .holds)
    }
  }

  @Test("infinite numbers and NaN are written and read back", arguments: [Double.infinity, -.infinity, .nan])
  func notFinite(_ value: Double) throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/r"
      try run(work(["a"], value: value), in: path)
      let count = Count()
      let again = try run(work(["a", "b"], count: count, value: value), in: path)
      let found = try #require(again.cells[0].numbers["n"]?.value)
      #expect(count.value == 1 && (found == value || found.isNaN && value.isNaN))
      let read: ReproductionSummary = try ResultFile.read(path + "/result.json")
      #expect(read.cells.count == 2)
    }
  }

  @Test("a directory of another scale, another experiment or with other things in it is refused")
  func otherDirectory() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/r"
      try run(work(["a"]), in: path)
      #expect(
        refusal { try run(work(["a"]), .paper, in: path) }
          == "\(path): holds test/work at scale smoke, not test/work at scale paper; choose another --out")
      #expect(
        refusal { try run(vae(), in: path) }
          == "\(path): holds test/work at scale smoke, not test/vae at scale smoke; choose another --out")
      let mine = directory + "/mine"
      try FileManager.default.createDirectory(atPath: mine, withIntermediateDirectories: false)
      try AtomicFile.write([UInt8](), to: mine + "/notes.txt")
      #expect(
        refusal { try run(vae(), in: mine) }
          == "\(mine): expected a new directory, an empty one or one of test/vae, got one that has 'notes.txt' in it; "
          + "choose another --out")
      let file = mine + "/notes.txt"
      #expect(refusal { try run(vae(), in: file) } == "\(file): expected a directory, got a file")
      #expect(refusal { try run(vae(), in: file + "/r") } == "\(file)/r: expected a directory, but '\(file)' is a file")
    }
  }

  @Test("a cell that was copied from another scale, or made by another version, is refused")
  func otherCell() throws {
    try withTemporaryDirectory { directory in
      try run(work(["a"]), in: directory + "/smoke")
      let path = directory + "/paper"
      try run(work(["a"]), .paper, seeds: 1, in: path)
      let cell = path + "/a-seed1"
      try FileManager.default.removeItem(atPath: cell)
      try FileManager.default.copyItem(atPath: directory + "/smoke/a-seed1", toPath: cell)
      #expect(
        refusal { try run(work(["a"]), .paper, seeds: 1, in: path) }
          == "\(cell): is a of test/work, seed 1, scale smoke, expected a of test/work, seed 1, scale paper; "
          + "choose another --out")
      let first = directory + "/smoke/a-seed1"
      #expect(
        refusal { try run(work(["a"], version: 2), in: directory + "/smoke") }
          == "\(first): was made by version 1 of test/work, which is version 2 now; choose another --out, or remove "
          + "\(first) to do it again")
      try AtomicFile.write(Array("{\"name\": \"a\"}".utf8), to: first + "/cell.json")
      #expect(
        refusal { try run(work(["a"]), in: directory + "/smoke") }
          == "\(first)/cell.json: expected what came out of a finished cell and what made it, got something else; "
          + "remove the file, and the cell is measured again")
    }
  }

  @Test("a cell with other settings is refused, one that is measured otherwise is measured again")
  func changed() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/r"
      try run(vae(), in: path)
      let weights = try Data(contentsOf: URL(fileURLWithPath: path + "/vae-seed1/checkpoints/last.safetensors"))
      let more = try run(vae([.elbo(samples: 1), .reconstruction], limit: 10), in: path)
      #expect(more.cells[0].numbers["reconstruction"] != nil)
      #expect(more.cells[0].numbers["elbo"]?.examples?.count == 10)
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: path + "/vae-seed1/checkpoints/last.safetensors")) == weights)
      let cell = path + "/vae-seed1"
      let words =
        "\(cell): was trained with other settings than test/vae has at scale smoke: training.epochs 2 instead of 3; "
        + "choose another --out, or remove \(cell) to train it again"
      #expect(refusal { try run(vae(epochs: 3), in: path) } == words)
      // A run that somebody has trained on is no longer what was measured.
      let file = RunDirectory(cell).configuration
      let text = try String(contentsOfFile: file, encoding: .utf8)
      try AtomicFile.write(Array(text.replacing("epochs: 2 ", with: "epochs: 9 ").utf8), to: file)
      #expect(
        refusal { try run(vae(), in: path) }
          == words.replacing("training.epochs 2 instead of 3", with: "training.epochs 9 instead of 2"))
      try AtomicFile.write(Array(text.utf8), to: file)
      // The same where the cell was begun and not finished.
      try FileManager.default.removeItem(atPath: cell + "/cell.json")
      #expect(refusal { try run(vae(epochs: 3), in: path) } == words)
    }
  }

  @Test("what another version or scale has begun is refused, finished or not, trained or worked on")
  func otherTraining() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/r"
      let cell = path + "/vae-seed1"
      let words =
        "\(cell): was made by version 1 of test/vae, which is version 2 now; choose another --out, or remove \(cell) to "
        + "do it again"
      try run(vae(), in: path)
      #expect(refusal { try run(vae(version: 2), in: path) } == words)
      try FileManager.default.removeItem(atPath: cell + "/cell.json")
      #expect(refusal { try run(vae(version: 2), in: path) } == words)
      // A refusal changes nothing: the same version goes on.
      #expect(try run(vae(), in: path).cells.count == 1)
      let paper = directory + "/paper"
      try run(work(["a"]), .paper, seeds: 1, in: paper)
      try FileManager.default.removeItem(atPath: paper + "/a-seed1/cell.json")
      #expect(
        refusal { try run(work(["a"], version: 2), .paper, seeds: 1, in: paper) }
          == "\(paper)/a-seed1: was made by version 1 of test/work, which is version 2 now; choose another --out, or "
          + "remove \(paper)/a-seed1 to do it again")
      let other = directory + "/other"
      try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: false)
      try FileManager.default.copyItem(atPath: path + "/vae-seed1", toPath: directory + "/kept")
      try run(vae(), .paper, seeds: 1, in: other)
      try FileManager.default.removeItem(atPath: other + "/vae-seed1")
      try FileManager.default.copyItem(atPath: directory + "/kept", toPath: other + "/vae-seed1")
      try FileManager.default.removeItem(atPath: other + "/vae-seed1/cell.json")
      #expect(
        refusal { try run(vae(), .paper, seeds: 1, in: other) }
          == "\(other)/vae-seed1: is vae of test/vae, seed 1, scale smoke, expected vae of test/vae, seed 1, scale "
          + "paper; choose another --out")
    }
  }

  @Test("a cell that does not say what it was begun by is refused")
  func withoutRecipe() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/r"
      let cell = path + "/vae-seed1"
      try run(vae(), in: path)
      let recipe = try Data(contentsOf: URL(fileURLWithPath: cell + "/recipe.json"))
      try AtomicFile.write(Array("{}".utf8), to: cell + "/recipe.json")
      #expect(
        refusal { try run(vae(), in: path) }
          == "\(cell)/recipe.json: expected what a cell was begun by, got something else; choose another --out, or "
          + "remove \(cell) to do it again")
      try FileManager.default.removeItem(atPath: cell + "/recipe.json")
      let words =
        "\(cell): expected recipe.json, which says what a cell was begun by, got a cell without; choose another --out, "
        + "or remove \(cell) to do it again"
      #expect(refusal { try run(vae(), in: path) } == words)
      try FileManager.default.removeItem(atPath: cell + "/cell.json")
      #expect(refusal { try run(vae(), in: path) } == words)
      // Killed between the recipe and the run: it begins, also by another recipe.
      try FileManager.default.removeItem(atPath: cell)
      try FileManager.default.createDirectory(atPath: cell, withIntermediateDirectories: false)
      try recipe.write(to: URL(fileURLWithPath: cell + "/recipe.json"))
      #expect(try run(vae(version: 2), in: path).cells[0].steps == 8)
      #expect(try Recipe.begun(in: cell)?.version == 2)
    }
  }

  @Test("what is measured has the draws of the cell's seed")
  func draws() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/r"
      let cells = try run(vae([.reconstruction]), .cpu, seeds: 2, in: path).cells
      let place = DatasetOptions.fromEnvironment()
      let second = try Run.open(RunReference(RunDirectory(path + "/vae-seed2"), .last), place: place)
      let dataset = try second.dataset()
      func measured(_ seed: UInt64) throws -> Double {
        var options = MeasuringOptions(place: place)
        (options.seed, options.limit, options.samples) = (seed, 20, 20)
        return try second.measure([.reconstruction], on: Selection(reportedOf: dataset), options).values[0].value
      }
      #expect(try cells[1].numbers["reconstruction"]?.value == measured(2))
      #expect(try cells[1].numbers["reconstruction"]?.value != measured(1))
    }
  }

  /// A small feature network of strokes in a file.
  private func network(seed: UInt64, to file: String) throws {
    var settings = FeatureSettings(data: "strokes")
    (settings.channels, settings.epochs, settings.limit, settings.seed) = ([4], 1, 50, seed)
    for path in [file, file.replacing(".safetensors", with: ".run")] where FileManager.default.fileExists(atPath: path)
    {
      try FileManager.default.removeItem(atPath: path)
    }
    _ = try FeatureTraining(settings, to: file, .fromEnvironment()).train(observer: SilentObserver())
  }

  @Test("with another feature network a cell is measured again and not trained again")
  func features() throws {
    try withTemporaryDirectory { directory in
      let (path, file) = (directory + "/r", directory + "/r-cache/features/strokes.safetensors")
      let checkpoint = URL(fileURLWithPath: path + "/vae-seed1/checkpoints/last.safetensors")
      try network(seed: 1, to: file)
      let first = try run(vae([.frechetDistance]), .cpu, seeds: 1, in: path).cells[0]
      #expect(try CellFile(in: path + "/vae-seed1")?.recipe.features == fileHash(file))
      let weights = try Data(contentsOf: checkpoint)
      try network(seed: 2, to: file)
      let second = try run(vae([.frechetDistance]), .cpu, seeds: 1, in: path).cells[0]
      #expect(first.numbers["fid"]?.value != second.numbers["fid"]?.value)
      #expect(try CellFile(in: path + "/vae-seed1")?.recipe.features == fileHash(file))
      #expect(try Data(contentsOf: checkpoint) == weights)
    }
  }

  @Test("machines that share a directory see through the network that the first of them put there")
  func sharedFeatures() throws {
    try withTemporaryDirectory { directory in
      let (path, file) = (directory + "/r", directory + "/r-cache/features/strokes.safetensors")
      try network(seed: 1, to: file)
      var place = DatasetOptions.fromEnvironment()
      place.cacheDirectory = path + "-cache"
      let shared = Reproduction(
        vae([.frechetDistance]), scale: .cpu, seeds: 1, in: path, place: place, threads: 1)
      _ = try shared.run(version: "0", shard: Shard(1, of: 1), announcing: { _, _, _ in SilentObserver() })
      let beside = path + "/features/strokes.safetensors"
      #expect(try fileHash(beside) == fileHash(file))
      let first = try #require(try CellFile(in: path + "/vae-seed1")).result.numbers["fid"]?.value
      // The cache of another machine has another network, which is not looked at.
      try network(seed: 2, to: file)
      let gathered = try run(vae([.frechetDistance]), .cpu, seeds: 1, in: path).cells[0]
      #expect(gathered.numbers["fid"]?.value == first)
      #expect(try CellFile(in: path + "/vae-seed1")?.recipe.features == fileHash(beside))
    }
  }

  @Test("at scale smoke the feature network lies beside the results, and the user's cache stays as it is")
  func smokeFeatures() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/r"
      try run(vae(), in: path)
      try network(seed: 1, to: path + "/features/strokes.safetensors")
      let cell = try run(vae([.frechetDistance]), in: path).cells[0]
      #expect(cell.numbers["fid"] != nil)
      #expect(!FileManager.default.fileExists(atPath: path + "-cache"))
    }
  }

  @Test("numbers and the end of the trajectory are of the last checkpoint, not of the best")
  func last() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/r"
      // Kept after 2 epochs of 3: the last step is no kept one.
      let cell = try run(vae(epochs: 3), in: path).cells[0]
      #expect(cell.steps == 12 && cell.trajectorySteps == [8, 12])
      for metric in ["elbo", "kl"] {
        let number = try #require(cell.numbers[metric]?.value)
        #expect(cell.trajectory[metric]?.map(\.value).last == number)
      }
      // A best checkpoint of other weights changes nothing.
      let checkpoints = path + "/vae-seed1/checkpoints/"
      try FileManager.default.removeItem(atPath: checkpoints + "best.safetensors")
      try FileManager.default.copyItem(
        atPath: checkpoints + "step-8.safetensors", toPath: checkpoints + "best.safetensors")
      try FileManager.default.removeItem(atPath: path + "/vae-seed1/cell.json")
      let again = try run(vae(epochs: 3), in: path).cells[0]
      #expect(again.numbers["elbo"]?.value == cell.numbers["elbo"]?.value)
      #expect(cell.trajectory["elbo"]?[0].value != cell.numbers["elbo"]?.value)
    }
  }

  @Test("the report has claims with the paper's numbers beside ours")
  func page() throws {
    try withTemporaryDirectory { directory in
      try run(work(["a"]), .cpu, in: directory + "/r")
      let page = try String(contentsOfFile: directory + "/r/report.html", encoding: .utf8)
      for words in ["Claim 1: holds", "It is above zero.", "n of a", "std. error", "Numbers"] {
        #expect(page.contains(words), "\(words)")
      }
    }
  }
}
