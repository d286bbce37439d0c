import Datasets
import Evaluation
import Figures
import Foundation
import Generative
import Torch
import Training

extension Run {
  /// What was measured on a selection of examples.
  public struct Measured {
    /// The examples.
    public let selection: Selection
    /// The values, in the order of the metrics.
    public let values: [MetricValue]
  }

  /// Metrics of the model on a selection of examples, in order; one that has parts gives several values.
  ///
  /// - Parameters:
  ///   - gathersNorms: whether batch norm takes its statistics over the whole training split, instead of the running
  ///     ones.
  ///   - perExample: whether each metric must have a number for each example, as an `ExampleTable` wants.
  /// - Throws: `MetricError` before anything is measured if the model cannot answer one of them.
  public func measure(
    _ metrics: [Metric], on selection: Selection, _ options: MeasuringOptions, gathersNorms: Bool = false,
    perExample: Bool = false, progress: @escaping Subject.Progress = { _, _, _ in }
  ) throws -> Measured {
    let subject = subject(selection, options, progress)
    try subject.check(metrics, perExample: perExample)
    if gathersNorms { try gatherNorms(selection.dataset, seed: options.seed, progress) }
    return Measured(selection: selection, values: try withTensorErrors { try subject.measure(metrics) })
  }

  /// The model and its data, as metrics ask for them.
  private func subject(
    _ selection: Selection, _ options: MeasuringOptions, _ progress: @escaping Subject.Progress
  ) -> Subject {
    let (dataset, split) = (selection.dataset, selection.split)
    return Subject(
      settings.model, model, on: split, dataName: settings.data.name, options,
      examples: { try examples(split, of: dataset, limit: options.limit) },
      codedExamples: { try examples(split, of: dataset, limit: options.limit, for: .coding) },
      trainingExamples: { try examples(.train, of: dataset, limit: $0) },
      labelledExamples: { perClass in
        let chosen = try settings.data.trainingExamples(of: dataset)
          .labelled(perClass: perClass, seed: settings.data.seed)
        return try onDevice(chosen, for: .measuring)
      },
      targetExamples: settings.design.target.map { _ in { try heldOutTarget(split, limit: options.limit) } },
      images: { try images(split, of: dataset, limit: options.limit) },
      trainingImages: { try settings.data.trainingExamples(of: settings.data.dataset(options.place)) },
      intensities: scaling.intensities,
      draw: directory.map { directory in { try draw($0, $1, columns: $2, in: directory.figures) } },
      unfinished: { try unfinished(selection, count: $0, options) }, progress: progress)
  }

  /// Examples of the second set, as the model classifies them.
  private func heldOutTarget(_ split: Split, limit: Int?) throws -> DeviceExamples {
    guard let selection = try targetSelection(split) else {
      preconditionFailure("Run: expected a second set of examples, got none")
    }
    return try examples(selection.split, of: selection.dataset, limit: limit, for: .coding)
  }

  /// A split's images as they are stored, whatever the model sees of them.
  private func images(_ split: Split, of dataset: Dataset, limit: Int?) throws -> Examples {
    let examples = try examples(split, of: dataset, limit: limit)
    guard Pictures.canShow(examples.shape) else { throw RunError.noPictures(examples.name, examples.shape) }
    return examples
  }

  /// A grid of images; the file's path.
  private func draw(_ name: String, _ images: Tensor, columns: Int, in figures: String) throws -> String {
    let path = "\(figures)/\(name).png"
    try ImageGrid(Pictures.images(images), columns: columns).render().write(to: URL(fileURLWithPath: path))
    return path
  }

  /// What an annealing of this checkpoint on these examples with these options has left behind.
  private func unfinished(_ selection: Selection, count: Int, _ options: MeasuringOptions) throws -> PartialValues? {
    guard let directory, let step = checkpoint?.progress.step else { return nil }
    let key =
      "\(step) \(selection.dataset.info.name) \(selection.split) \(count) \(options.seed) \(options.annealing) "
      + "\(settings.data.seed) \(settings.data.testBinarization)"
    let weights = sha256(model.namedParameters.flatMap { $0.parameter.value.bytes() })
    let whole = sha256(Array("\(key) \(weights)".utf8))
    return try PartialValues("\(directory.path)/ais-\(whole.prefix(12)).json", key: whole)
  }

  /// Replaces the running statistics of batch norm by the means over the batches of an epoch.
  private func gatherNorms(_ dataset: Dataset, seed: UInt64, _ progress: Subject.Progress) throws {
    guard model.namedTensors.count > model.namedParameters.count else {
      throw MetricError("\(settings.model): expected a model with batch norm, got one without")
    }
    guard let score = (model as? any Game)?.score else {
      throw MetricError("\(settings.model): statistics of batch norm are gathered by the score, and it has none")
    }
    // Those that the run learned from.
    let examples = try trainingExamples(of: dataset, settings.data)
    let order = BatchOrder(
      count: examples.count, batchSize: settings.training.batchSize, smallest: settings.smallestBatch(facts),
      seed: seed,
      device: device)
    let rng = random(seed)
    for number in 1...order.batchesPerEpoch {
      let indices = order.indices(at: number - 1)
      try withTensorErrors {
        try withoutGradients {
          let batch = try examples.batch(indices, using: rng)
          TrainingMode.gather(number) { _ = score.value(batch, rng) }
        }
      }
      progress("batch norm", number, order.batchesPerEpoch)
    }
  }
}
