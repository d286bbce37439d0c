import ArgumentParser
import Datasets
import Figures
import Foundation
import Runs
import Systems
import Torch

/// Which examples a command takes: a split of the run's own set or of another one, or a whole array.
struct ExampleSource: ParsableArguments {
  @Option(help: "A data set, a file or a folder of images (default: the run's own).")
  var data: String?
  @Option(
    help: "Split of the data (default: test; all that --data names, if it is a file or a folder without one).")
  var split: Split?
  @OptionGroup var form: DataForm
  @OptionGroup var place: DataPlace

  /// Refuses options that say which examples to take, where none are.
  func refuse(because why: String) throws {
    let given = [
      ("--data", data != nil), ("--split", split != nil), ("--key", form.key != nil), ("--header", form.header),
      ("--labels", form.labels != nil), ("--image-size", form.imageSize != nil), ("--channels", form.channels != nil),
      ("--skip-bad", form.skipBad), ("--stream", form.stream),
    ]
    if let first = given.first(where: \.1) { throw ValidationError("\(first.0) has no effect: \(why)") }
  }

  /// What the options ask for; says which split it takes where the set has no test split.
  ///
  /// - Parameter own: the run's own data where the options name no other: its only or its first set by default.
  func selection(_ run: Run, own: DataSettings? = nil) throws -> Selection {
    var settings = own ?? run.settings.data
    let isWhole = split == nil && (data.map(Dataset.isFile) ?? false)
    if let data, !isSame(data, settings.name) { settings = settings.moved(to: data) }
    if isWhole { settings.validation = 0 }
    form.apply(to: &settings)
    let dataset = try settings.dataset(place.options)
    if isWhole, !dataset.has(.test) { return Selection(wholeOf: dataset) }
    if let split { return Selection(split, of: dataset) }
    let selection = Selection(reportedOf: dataset)
    if !dataset.has(.test) {
      note("\(dataset.info.name) has no test split: taking the \(selection.name) split")
    }
    return selection
  }

  /// Whether two names mean the same set or file.
  private func isSame(_ a: String, _ b: String) -> Bool {
    func place(_ name: String) -> String {
      Dataset.isFile(name) ? URL(fileURLWithPath: name).standardizedFileURL.path : name
    }
    return place(a) == place(b)
  }

  /// The first examples as the model encodes them: all there are up to `limit`, and at least `least`.
  func examples(_ run: Run, limit: Int? = nil, atLeast least: Int = 1) throws -> DeviceExamples {
    let selection = try selection(run)
    let examples = try run.examples(selection.split, of: selection.dataset, limit: limit, for: .coding)
    guard examples.count >= least else {
      throw RunError.tooFew(
        "data '\(selection.dataset.info.name)', \(selection.name)", expected: least, found: examples.count,
        "ask for fewer, or take another --data or --split")
    }
    return examples
  }

  /// The same as one tensor.
  func tensor(_ run: Run, limit: Int, atLeast least: Int = 1) throws -> Tensor {
    let examples = try examples(run, limit: limit, atLeast: least)
    return try examples.batch(0..<examples.count, using: run.random(0)).x
  }
}

extension Split: ExpressibleByArgument {}

func check(_ value: Int?, _ name: String, in range: ClosedRange<Int> = 1...1_000_000) throws {
  if let value, !range.contains(value) {
    let allowed =
      range.upperBound == .max ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    throw ValidationError("\(name): expected \(allowed), got \(value)")
  }
}

/// Refuses, before any work, a file that cannot be written: of another ending, in a directory that is not there.
func checkOutput(_ path: String, _ endings: String..., option: String = "--out") throws {
  guard endings.isEmpty || endings.contains(where: { hasEnding(path, $0) }) else {
    throw ValidationError("\(option): expected a \(endings.joined(separator: " or ")) file, got '\(path)'")
  }
  var isDirectory: ObjCBool = false
  if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
    throw ValidationError("\(option): expected a file, got the directory '\(path)'")
  }
  let parent = parentDirectory(of: path)
  guard !parent.isEmpty else { return }
  guard FileManager.default.fileExists(atPath: parent, isDirectory: &isDirectory), isDirectory.boolValue else {
    throw ValidationError("\(option): there is no directory '\(parent)' for '\(path)'")
  }
}

/// Whether a file's name ends like this, in capitals or not.
func hasEnding(_ path: String, _ ending: String) -> Bool { path.lowercased().hasSuffix(ending) }

/// Writes rows of examples, `[rows, columns] + shape`, as one picture or as an array of that shape.
func writeRows(_ x: Tensor, columns: Int?, to path: String) throws {
  try writeExamples(hasEnding(path, ".npy") ? x : x.flattened(from: 0, to: 1), columns: columns, to: path)
}

/// Writes examples as a picture or an array, by the file's ending.
func writeExamples(
  _ x: Tensor, besides originals: Tensor? = nil, columns: Int? = nil, to path: String
) throws {
  if hasEnding(path, ".npy") {
    try x.writeNPY(to: path)
    return print("\(path): array of shape \(x.shape)")
  }
  guard Pictures.canShow(Array(x.shape.dropFirst())) else {
    throw RunError.noImages(Array(x.shape.dropFirst()))
  }
  let images = try Pictures.images(x)
  let grid =
    if let originals {
      ImageGrid(originals: try Pictures.images(originals), reconstructions: images)
    } else {
      ImageGrid(images, columns: columns)
    }
  try grid.render().write(to: URL(fileURLWithPath: path))
  print("\(path): \(images.count) images")
}
