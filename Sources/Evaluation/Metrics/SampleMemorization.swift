import Datasets
import Torch

extension Metric {
  /// Whether samples lie nearer to the training images than held-out images do, with a picture of their neighbours.
  ///
  /// Meehan, Chaudhuri & Dasgupta 2020, section 3, without their division into cells.
  public static let memorization = Metric("memorization", unit: "1", needs: .images) { model, subject, rng in
    guard subject.split != .train else {
      throw MetricError("memorization: expected a validation or test split to compare with, got train")
    }
    let heldOut = try stored(subject.images())
    let training = try stored(subject.trainingImages())
    let count = min(subject.sampleCount(heldOut.count), mostCompared)
    let drawn = subject.samples(of: model, count, using: rng)
    var failure: (any Error)?
    let blocks = pairBlocks(training.count, size: blockSize).lazy.compactMap { range -> Tensor? in
      subject.progress("memorization", range.upperBound, training.count)
      do { return try training.batch(range, using: rng).x } catch {
        failure = error
        return nil
      }
    }
    let compared = try heldOut.batch(0..<min(heldOut.count, mostCompared), using: rng).x
    let found = try Memorization(samples: drawn, heldOut: compared, training: blocks, neighbours: neighbours)
    if let failure { throw failure }
    let picture = try subject.draw.map { draw in
      let images = try pictured(found, drawn, training, rng)
      return try draw("memorization", images, 1 + found.neighbours[0].count)
    }
    let conventions: [(key: String, value: Convention)] =
      [
        ("meaning", .text("P(sample nearer to training data than held-out example); 0.5 is none, 1 is copying")),
        ("deviations", .number(found.deviations)), ("distance", .text("Euclidean, pixels in [0, 1]")),
        ("median_sample_distance", .number(found.sampleDistance)),
        ("median_heldout_distance", .number(found.heldOutDistance)), ("training_examples", .count(training.count)),
        ("heldout_examples", .count(compared.size(0))), ("samples", .text(model.portrayal)),
      ] + (picture.map { [("picture", .text($0))] } ?? [])
    return [Finding(found.nearness, count: count, conventions)]
  }

  /// Samples and held-out images that are compared at most: the distances to 60,000 take a second a thousand.
  private static let mostCompared = 2000
  /// Training images that are compared at once.
  private static let blockSize = 2000
  /// Training images that are found for each sample.
  private static let neighbours = 5
  /// Samples that are drawn beside their neighbours.
  private static let mostPictured = 12

  /// Images as they are, for the processor that distances are taken on.
  private static func stored(_ examples: Examples) throws -> DeviceExamples {
    DeviceExamples(examples, Preparation())
  }

  /// The first samples, each before its nearest training images.
  private static func pictured(
    _ found: Memorization, _ samples: Tensor, _ training: DeviceExamples, _ rng: RandomSource
  ) throws -> Tensor {
    let rows = min(mostPictured, samples.size(0))
    return .concatenated(
      try (0..<rows).flatMap { row -> [Tensor] in
        let neighbours = try training.batch(Tensor(found.neighbours[row].map(Int64.init)), using: rng).x
        return [samples.narrowed(0, row..<row + 1), neighbours]
      })
  }
}

extension MetricForm {
  static let memorization = MetricForm(
    .memorization, "whether samples lie nearer to training data than held-out data")
}
