import Datasets
import Figures
import Foundation
import Torch

/// How long files take to become examples in memory.
struct LoadBenchmark: Benchmark {
  private let plan: Plan

  let name = "Files to examples in memory"

  init(_ plan: Plan) { self.plan = plan }

  /// Pictures in the folder.
  private static let pictures = 10_000

  func run(_ earlier: [Finding]) throws -> Finding {
    var options = DatasetOptions.fromEnvironment()
    options.allowsNetwork = false
    var lanes: [Race.Lane] = []
    var notes: [String] = []
    let sets: [(String, [Split])] = [("mnist", [.train, .test]), ("cifar-10", [.train])]
    for (set, splits) in sets {
      do {
        // Once before, so that the files are in the system's cache for every round.
        let count = try splits.map { try Dataset.named(set, options).examples($0).count }.reduce(0, +)
        lanes.append(
          Race.Lane(name: "\(set), \(count) examples", kind: .ours) { [options] in
            try seconds { for split in splits { _ = try Dataset.named(set, options).examples(split) } }
          })
      } catch {
        notes.append("not measured: \(set) (\("\(error)".prefix { $0 != "\n" }))")
      }
    }
    var rows: [Row] = []
    try withTemporaryDirectory { directory in
      try Self.draw(in: directory)
      lanes.append(
        Race.Lane(name: "a folder of \(Self.pictures) PNG, 28 x 28", kind: .ours) { [options] in
          try seconds { _ = try Dataset.named(directory, options).train }
        })
      var race = Race(lanes)
      for _ in 0..<plan.rounds { try race.turn() }
      rows = race.rows
      notes += race.notes
    }
    return Finding(name: name, unit: "s", rows: rows, notes: notes)
  }

  private func seconds(_ body: () throws -> Void) rethrows -> Double { try milliseconds(body) / 1e3 }

  /// Strokes as picture files.
  private static func draw(in directory: String) throws {
    var options = DatasetOptions.fromEnvironment()
    options.trainCount = pictures
    let examples = try Dataset.named("strokes", options).train
    guard case .bytes(let bytes) = examples.storage else { return }
    for index in 0..<examples.count {
      let image = PixelImage(
        width: 28, height: 28, channels: 1, pixels: Array(bytes[index * 784..<(index + 1) * 784]))
      try image.write(to: URL(fileURLWithPath: "\(directory)/\(index).png"))
    }
  }
}
