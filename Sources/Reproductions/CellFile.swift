import Configuration
import Foundation
import Systems
import Torch

/// What makes a cell's numbers what they are; compared before they are taken again.
///
/// It is written twice: to `recipe.json` before anything else is done, and to `cell.json` with the numbers. The two may
/// differ in what is only measured: metrics, examples and the feature network.
struct Recipe: Codable, Equatable {
  /// The experiment and its cell.
  let experiment, cell: String
  /// The version of the experiment's declaration.
  let version: Int
  /// The budget.
  let scale: Experiment.Scale
  /// Of weights, order, noise and the choice of examples.
  let seed: UInt64
  /// Every setting by its path; empty for work without a system.
  let settings: [String: String]
  /// What is measured at the end and on the way.
  let metrics, trajectory: [String]
  /// Test examples that are measured on; nil is all.
  let limit: Int?
  /// Whether batch norm's statistics are those of the whole training set.
  let gathersNorms: Bool
  /// The SHA-256 of the feature network's file; nil where no metric needs one.
  var features: String?

  /// The experiment, cell, seed and scale in words.
  var name: String { "\(cell) of \(experiment), seed \(seed), scale \(scale.rawValue)" }

  private static func path(_ directory: String) -> String { directory + "/recipe.json" }

  /// What a cell was begun by in a directory; nil where nothing says so.
  static func begun(in directory: String) throws -> Recipe? {
    let path = path(directory)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do {
      return try ResultFile.read(path)
    } catch {
      throw FileError(
        path,
        "expected what a cell was begun by, got something else; choose another --out, or remove \(directory) to do it "
          + "again")
    }
  }

  /// Says in a directory, which need not exist, what its cell is begun by.
  func begin(in directory: String) throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try ResultFile.write(self, to: Self.path(directory))
  }
}

extension RunSettings {
  /// Every setting by its path, but for the number of threads, which is the machine's and not the experiment's.
  func byPath() throws -> [String: String] {
    var values = try SettingsDocument(yaml: yaml(), source: model).values
    values["training.threads"] = nil
    return values
  }
}

/// The first few settings in which two runs differ: `training.epochs 2 instead of 4`.
func differences(_ found: [String: String], from expected: [String: String]) -> String {
  let shown = 3
  let paths = Set(found.keys).union(expected.keys).filter { found[$0] != expected[$0] }.sorted()
  let words = paths.prefix(shown).map { path in
    switch (found[path], expected[path]) {
    case (let found?, let expected?): "\(path) \(found) instead of \(expected)"
    case (let found?, nil): "\(path) \(found), which is not set now"
    default: "no \(path), which is \(expected[path] ?? "") now"
    }
  }
  let more = paths.count - words.count
  return words.joined(separator: ", ") + (more > 0 ? ", and \(counted(more, "more setting"))" : "")
}

/// The file of a finished cell, `cell.json`: what came out of it, and what made it.
///
/// Numbers of examples are beside it, in `examples.safetensors`, a tensor for each metric.
struct CellFile: Codable {
  let recipe: Recipe
  var result: Results.CellResult

  private static func path(_ directory: String) -> String { directory + "/cell.json" }
  private static func examples(_ directory: String) -> String { directory + "/examples.safetensors" }

  /// Whether a cell was finished in a directory.
  static func exists(in directory: String) -> Bool { FileManager.default.fileExists(atPath: path(directory)) }

  init(_ recipe: Recipe, _ result: Results.CellResult) {
    self.recipe = recipe
    self.result = result
  }

  /// The cell that was finished in a directory; nil where none was.
  init?(in directory: String) throws {
    guard Self.exists(in: directory) else { return nil }
    let path = Self.path(directory)
    do {
      self = try ResultFile.read(path)
    } catch {
      throw FileError(
        path,
        "expected what came out of a finished cell and what made it, got something else; remove the file, "
          + "and the cell is measured again")
    }
    let file = Self.examples(directory)
    guard FileManager.default.fileExists(atPath: file) else { return }
    for (metric, values) in try Safetensors(contentsOf: file).tensors {
      result.numbers[metric]?.examples = values.array(Double.self)
    }
  }

  /// Writes the numbers of examples, then the file that says that the cell is finished.
  func write(in directory: String) throws {
    let tensors = result.numbers.compactMapValues { $0.examples.map { Tensor($0, shape: [$0.count]) } }
    let file = Self.examples(directory)
    if tensors.isEmpty {
      if FileManager.default.fileExists(atPath: file) { try FileManager.default.removeItem(atPath: file) }
    } else {
      try Safetensors(tensors: tensors).write(to: file)
    }
    try ResultFile.write(self, to: Self.path(directory))
  }
}

/// JSON in which a number may be infinite or none.
enum ResultFile {
  static func write(_ value: some Encodable, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    try AtomicFile.write([UInt8](encoder.encode(value)), to: path)
  }

  static func read<Value: Decodable>(_ path: String) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(Value.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }
}
