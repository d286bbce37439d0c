import Datasets
import Evaluation
import Figures
import Foundation
import Generative
import Torch

/// Metrics of a session's model on examples of a data set.
public struct RunEvaluation {
  private let session: Session
  private let dataset: Dataset
  private let split: Split
  private let options: MeasuringOptions
  private let gathersNorms: Bool
  private let progress: Subject.Progress

  /// - Parameter gathersNorms: whether batch norm takes its statistics over the whole training split, instead of the
  ///   running ones.
  public init(
    _ session: Session, on split: Split, of dataset: Dataset, _ options: MeasuringOptions, gathersNorms: Bool = false,
    progress: @escaping Subject.Progress = { _, _, _ in }
  ) {
    self.session = session
    self.dataset = dataset
    self.split = split
    self.options = options
    self.gathersNorms = gathersNorms
    self.progress = progress
  }

  /// All of `metrics`, in order; one that has parts gives several values.
  public func measure(_ metrics: [Metric]) throws -> [MetricValue] {
    try subject.check(metrics)
    if gathersNorms { try gatherNorms() }
    return try subject.measure(metrics)
  }

  /// The session's model and data, as metrics ask for them.
  private var subject: Subject {
    Subject(
      session.settings.model, session.trained, on: split, dataName: session.settings.data.name, options,
      examples: { try session.examples(split, of: dataset, limit: options.limit) },
      trainingExamples: { try session.examples(.train, of: dataset, limit: $0) },
      images: images,
      trainingImages: {
        try session.settings.data.trainingExamples(of: session.settings.data.dataset(options.place))
      },
      intensities: session.scaling.intensities,
      draw: session.run.map { run in { try draw($0, $1, columns: $2, in: run.figures) } },
      unfinished: unfinished, progress: progress)
  }

  /// The split's images as they are stored, whatever the model sees of them.
  private func images() throws -> Examples {
    let examples = try dataset.examples(split)
    guard Pictures.canShow(examples.shape) else { throw SessionError.noPictures(examples.name, examples.shape) }
    return options.limit.map(examples.prefix) ?? examples
  }

  /// A grid of images; the file's path.
  private func draw(_ name: String, _ images: Tensor, columns: Int, in figures: String) throws -> String {
    let path = "\(figures)/\(name).png"
    try ImageGrid(Pictures.images(images), columns: columns).render().write(to: URL(fileURLWithPath: path))
    return path
  }

  /// What an annealing of this checkpoint on these examples with these options has left behind.
  private func unfinished(count: Int) throws -> PartialValues? {
    guard let run = session.run, let step = session.checkpoint?.progress.step else { return nil }
    let key = "\(step) \(dataset.info.name) \(split) \(count) \(options.seed) \(options.annealing)"
    let weights = sha256(session.trained.namedParameters.flatMap { $0.parameter.value.bytes() })
    let whole = sha256(Array("\(key) \(weights)".utf8))
    return try PartialValues("\(run.path)/ais-\(whole.prefix(12)).json", key: whole)
  }

  /// Puts the means of batch norm's statistics over the batches of an epoch in place of the running ones.
  private func gatherNorms() throws {
    let model = session.trained
    guard model.namedTensors.count > model.namedParameters.count, let score = model.score else {
      throw MetricError("\(session.settings.model): expected a model with batch norm, got one without")
    }
    let examples = try session.examples(.train, of: dataset, isTraining: true)
    let order = BatchOrder(
      count: examples.count, batchSize: session.settings.training.batchSize, seed: options.seed, device: session.device)
    let rng = session.random(options.seed)
    for number in 1...order.batchesPerEpoch {
      let indices = order.indices(at: number - 1)
      // Variances need more than one example.
      if indices.count == 1, number > 1 { continue }
      try withoutGradients {
        let batch = try examples.batch(indices, using: rng)
        TrainingMode.gather(number) { _ = score.value(batch, rng) }
      }
      progress("batch norm", number, order.batchesPerEpoch)
    }
  }
}
