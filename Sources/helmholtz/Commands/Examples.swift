import ArgumentParser
import Datasets
import Figures
import Foundation
import Runs
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

  /// What the options ask for; says which split it takes where the set has no test split.
  func selection(_ run: Run) throws -> Selection {
    var settings = run.settings.data
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

  /// The first examples as one batch.
  func batch(_ run: Run, limit: Int, using rng: RandomSource) throws -> Batch {
    let selection = try selection(run)
    let examples = try run.examples(selection.split, of: selection.dataset, limit: limit)
    return try examples.batch(0..<examples.count, using: rng)
  }
}

extension Split: ExpressibleByArgument {}

func check(_ value: Int?, _ name: String, in range: ClosedRange<Int> = 1...1_000_000) throws {
  if let value, !range.contains(value) {
    throw ValidationError(
      "\(name): expected \(range.lowerBound) to \(range.upperBound), got \(value)")
  }
}

/// Refuses, before any work, a file whose ending is not one of these, in any case.
func checkEnding(_ path: String, _ endings: String...) throws {
  guard endings.contains(where: path.lowercased().hasSuffix) else {
    throw ValidationError("--out: expected a \(endings.joined(separator: " or ")) file, got '\(path)'")
  }
}

/// Writes rows of examples, `[rows, columns] + shape`, as one picture or as an array of that shape.
func writeRows(_ x: Tensor, columns: Int?, to path: String) throws {
  try writeExamples(path.lowercased().hasSuffix(".npy") ? x : x.flattened(from: 0, to: 1), columns: columns, to: path)
}

/// Writes examples as a picture or an array, by the file's ending.
func writeExamples(
  _ x: Tensor, besides originals: Tensor? = nil, columns: Int? = nil, to path: String
) throws {
  if path.lowercased().hasSuffix(".npy") {
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
