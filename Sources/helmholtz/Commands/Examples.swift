import ArgumentParser
import Datasets
import Experiments
import Figures
import Foundation
import Torch

/// Which examples a command takes: a split of the run's own set or of another one.
struct ExampleSource: ParsableArguments {
  @Option(help: "A data set or a .npy file (default: the run's own).") var data: String?
  @Option(help: "train, validation or test.") var split = Split.test
  @OptionGroup var place: DataPlace

  /// The first examples of the split, on the model's device.
  func examples(_ session: Session, limit: Int?) throws -> DeviceExamples {
    try session.examples(split, of: try session.dataset(data, place), limit: limit)
  }

  /// The same as one batch.
  func batch(_ session: Session, limit: Int, using rng: RandomSource) throws -> Batch {
    let examples = try examples(session, limit: limit)
    return examples.batch(0..<examples.count, using: rng)
  }
}

extension Split: ExpressibleByArgument {}

func checkPositive(_ value: Int, _ name: String) throws {
  if value < 1 { throw ValidationError("\(name): expected at least 1, got \(value)") }
}

/// Writes examples as a picture or an array, by the file's ending.
func writeExamples(
  _ x: Tensor, besides originals: Tensor? = nil, columns: Int? = nil, to path: String
) throws {
  if path.hasSuffix(".npy") {
    try x.writeNPY(to: path)
    return print("\(path): array of shape \(x.shape)")
  }
  guard path.hasSuffix(".png") else {
    throw ValidationError("--out: expected a .png or .npy file, got '\(path)'")
  }
  guard Pictures.canShow(Array(x.shape.dropFirst())) else {
    throw SessionError.noImages(Array(x.shape.dropFirst()))
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
