import Foundation
import Torch

/// A directory of results, with a file that says of what.
struct ReproductionDirectory {
  let path: String

  /// What is written to `experiment.json`.
  private struct Contents: Codable, Equatable {
    let experiment: String
    let scale: Experiment.Scale
  }

  /// Makes the directory, or refuses one that holds anything else.
  func prepare(for experiment: String, _ scale: Experiment.Scale) throws {
    let file = path + "/experiment.json"
    let expected = Contents(experiment: experiment, scale: scale)
    let manager = FileManager.default
    if manager.fileExists(atPath: file) {
      let found: Contents
      do {
        found = try ResultFile.read(file)
      } catch {
        throw FileError(
          file, "expected the name of an experiment and a scale, got something else; choose another --out")
      }
      guard found == expected else {
        throw FileError(
          path,
          "holds \(found.experiment) at scale \(found.scale.rawValue), not \(experiment) at scale \(scale.rawValue); "
            + "choose another --out")
      }
      return
    }
    try refuseFiles()
    do {
      try manager.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw FileError(path, "cannot make the directory: \((error as NSError).localizedDescription)")
    }
    let others = try manager.contentsOfDirectory(atPath: path)
      .filter { !$0.hasPrefix(".") && !($0.hasPrefix("experiment.json.") && $0.hasSuffix(".partial")) }.sorted()
    if let other = others.first {
      // Another machine may have begun the same in between.
      if other == "experiment.json" || others.contains("experiment.json") {
        return try prepare(for: experiment, scale)
      }
      throw FileError(
        path,
        "expected a new directory, an empty one or one of \(experiment), got one that has '\(other)' in it; "
          + "choose another --out")
    }
    try ResultFile.write(expected, to: file)
  }

  /// Refuses a path that is a file or lies under one.
  private func refuseFiles() throws(FileError) {
    var place = path
    while !place.isEmpty {
      var isDirectory: ObjCBool = false
      if FileManager.default.fileExists(atPath: place, isDirectory: &isDirectory) {
        guard !isDirectory.boolValue else { return }
        throw FileError(path, "expected a directory, " + (place == path ? "got a file" : "but '\(place)' is a file"))
      }
      place = parentDirectory(of: place)
    }
  }
}
