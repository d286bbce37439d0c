import Foundation

extension Reproduction {
  /// What a directory has of an experiment.
  public struct State: Sendable {
    /// Cells with their seeds that are finished, and how many there are to be: those of the seeds that were begun, at
    /// least as many as are declared.
    public let finished, count: Int
    /// Finished cells that another version of the experiment or other settings made; no number is taken from them.
    public let outdated: Int
    /// Wall time of training.
    public let seconds: Double
    /// What came out so far; nil where nothing did.
    public let summary: ReproductionSummary?

    /// Whether nothing is left to do.
    public var isFinished: Bool { finished == count }

    /// The state in words.
    public var words: String {
      let old = outdated > 0 ? ", \(counted(outdated, "cell")) of other settings" : ""
      if isFinished { return "finished" + old }
      return (finished == 0 ? "not run" : "\(finished) of \(count) cells") + old
    }
  }

  /// What the directory has of it. Works on nothing and writes nothing.
  public func state(version: String) throws -> State {
    let found = try pieces(seeds: seeds + moreSeeds())
    var results = Results(cells: [])
    let left = leftOut()
    var (outdated, missing) = (0, 0)
    for piece in found {
      guard let file = try CellFile(in: path(piece.cell, piece.seed)) else {
        // What is left out for want of data is not waited for.
        if left[piece.cell.name] == nil {
          missing += 1
        } else {
          results.skipped[piece.cell.name] = left[piece.cell.name]
        }
        continue
      }
      var recipe = try recipe(piece.cell, piece.seed)
      recipe.features = file.recipe.features
      if recipe == file.recipe { results.cells.append(file.result) } else { outdated += 1 }
    }
    let finished = results.cells.count
    return State(
      finished: finished, count: finished + missing + outdated, outdated: outdated,
      seconds: results.cells.reduce(0) { $0 + $1.seconds },
      summary: finished == 0 ? nil : ReproductionSummary(experiment, scale, results, version: version))
  }

  /// Why cells were left out when a report was last written.
  private func leftOut() -> [String: String] {
    (try? ResultFile.read(directory + "/result.json") as ReproductionSummary)?.skipped ?? [:]
  }

  /// The seeds of cells in the directory that are not declared: `--seeds` asked for more.
  private func moreSeeds() throws -> [UInt64] {
    guard FileManager.default.fileExists(atPath: directory) else { return [] }
    let found = try FileManager.default.contentsOfDirectory(atPath: directory).compactMap { name in
      name.range(of: "-seed", options: .backwards).flatMap { UInt64(name[$0.upperBound...]) }
    }
    return Set(found).subtracting(seeds).sorted()
  }
}
