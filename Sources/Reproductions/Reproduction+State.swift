import Foundation

extension Reproduction {
  /// What a directory has of an experiment.
  public struct State: Sendable {
    /// Cells with their seeds that are finished, and how many there are to be: those of the seeds that were begun, at
    /// least as many as are declared.
    public let finished, count: Int
    /// Cells with their seeds that were left out for want of data when a report was last written.
    public let leftOut: Int
    /// Finished cells that another version of the experiment or other settings made; no number is taken from them.
    public let outdated: Int
    /// Wall time of training.
    public let seconds: Double
    /// What came out so far; nil where nothing did.
    public let summary: ReproductionSummary?

    /// Whether nothing is left to do.
    public var isFinished: Bool { finished == count && finished > 0 }

    /// The state in words.
    public var words: String {
      let old = outdated > 0 ? ", \(counted(outdated, "cell")) of other settings" : ""
      let out = leftOut > 0 ? ", \(leftOut) left out when last run" : ""
      if isFinished { return "finished" + out + old }
      return (finished == 0 ? "not run" : "\(finished) of \(count) cells") + out + old
    }
  }

  /// What the directory has of it. Works on nothing and writes nothing.
  public func state(version: String) throws -> State {
    let found = try pieces(seeds: seeds + moreSeeds())
    var results = Results(cells: [])
    let left = leftOut()
    var (outdated, missing, out) = (0, 0, 0)
    var networks: [String: String] = [:]
    for piece in found {
      guard let file = try CellFile(in: path(piece.cell, piece.seed)) else {
        if let reason = left[piece.cell.name] {
          results.skipped[piece.cell.name] = reason
          out += 1
        } else {
          missing += 1
        }
        continue
      }
      var recipe = try recipe(piece.cell, piece.seed)
      recipe.features = file.recipe.features
      // Numbers that were seen through other networks do not make a mean.
      let data = piece.cell.settings?.data.name ?? ""
      let isOfOneNetwork = file.recipe.features.map { networks[data, default: $0] == $0 } ?? true
      guard recipe == file.recipe, isOfOneNetwork else {
        outdated += 1
        continue
      }
      if let network = file.recipe.features { networks[data] = network }
      results.cells.append(file.result)
    }
    let finished = results.cells.count
    return State(
      finished: finished, count: finished + missing + outdated, leftOut: out, outdated: outdated,
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
