import Configuration
import Datasets
import Evaluation
import Foundation
import Generative
import Networks
import Systems
import Torch
import Training

/// The training of a feature network, from the data to its file.
///
/// The run lies beside the file, `mnist.run` beside `mnist.safetensors`; the same settings go on where it stopped.
public struct FeatureTraining {
  private let settings: FeatureSettings
  private let file: String
  private let run: RunDirectory
  private let dataset: Dataset
  private let classes: Int
  /// What accuracy is reported on.
  private let reported: Split
  private let log: @Sendable (String) -> Void

  /// Keeps initial weights apart from other streams derived of the same seed.
  private static let stream: UInt64 = 0x6665_6174_7572_6573
  /// Examples that are classified at once.
  private static let batchSize = 500

  /// What training came to.
  public struct Summary: Encodable, Sendable {
    /// The file of the network; nil while training is not over.
    public let file: String?
    /// The network's name, and the SHA-256 of its file; nil while training is not over.
    public let name, hash: String?
    /// The run's directory, the data set, and how training came to its end.
    public let run, data, outcome: String
    /// The split that `accuracy` is of: the test split, else the validation split, else the training split.
    public let split: String?
    /// The fraction of examples classified rightly by the checkpoint with the best validation bound.
    public let accuracy: Double?
    public let examples: Int?
    /// Epochs of the settings, complete rounds, and CPU threads.
    public let epochs, step, threads: Int
    /// The seed of weights, data order and noise.
    public let seed: UInt64
    /// Training time without validation and checkpoints, over all runs.
    public let seconds: Double
  }

  /// - Parameter file: a `.safetensors` file to be.
  public init(_ settings: FeatureSettings, to file: String, _ options: DatasetOptions) throws {
    guard file.lowercased().hasSuffix(".safetensors") else {
      throw FileError(file, "expected a name that ends in .safetensors")
    }
    self.settings = settings
    self.file = file
    run = RunDirectory(file.dropLast(".safetensors".count) + ".run")
    log = options.log
    dataset = try settings.dataset(options)
    guard dataset.info.shape.count == 3 else {
      throw RunError.noPictures(settings.data, dataset.info.shape)
    }
    classes = dataset.info.classCount ?? 0
    guard classes >= 2 else { throw RunError.noClasses(settings.data, classes) }
    reported = try Self.reportedSplit(of: dataset, options)
  }

  /// The test split, else the validation split, else the training split. Told before training, not after an hour of it.
  private static func reportedSplit(of dataset: Dataset, _ options: DatasetOptions) throws -> Split {
    let held: Split = dataset.has(.validation) ? .validation : .train
    guard dataset.has(.test) else { return held }
    do {
      _ = try dataset.test
      return .test
    } catch DatasetError.unavailable(_, let file, _) {
      options.log("\(dataset.info.name): no source has '\(file)'; accuracy will be of the \(held.rawValue) split")
      return held
    }
  }

  /// Trains until it is over or `shouldStop` says so; writes the file at the end.
  public func train(
    observer: any TrainingObserver, shouldStop: () -> Bool = { false }
  ) throws -> Summary {
    let lock = try begin()
    defer { withExtendedLifetime(lock) {} }
    let train = try trainingExamples()
    let checkpoint = try run.newest()
    let classifier = makeClassifier()
    let trainer = try Trainer(
      classifier,
      feeds: [
        .main: ExampleBatches(
          prepared(train, Augmentation(flips: settings.flips, shift: settings.shift)), batchSize: settings.batchSize,
          seed: settings.seed)
      ],
      validation: dataset.has(.validation) ? prepared(labelled(.validation)) : nil,
      options: settings.options, device: .cpu, run: run, from: checkpoint,
      observer: observer)
    let outcome = try trainer.run(shouldStop: shouldStop)
    return try result(outcome, trainer.progress, classifier)
  }

  /// Opens the run, or makes it; refuses one of other settings.
  private func begin() throws -> RunLock {
    let configuration = settings.yaml(heading: "A feature network.")
    guard run.exists else { return try run.create(configuration: configuration) }
    let lock = try run.lock()
    guard try String(contentsOfFile: run.configuration, encoding: .utf8) == configuration else {
      throw FileError(
        run.path, "expected a training with these settings, found one with others; remove it or name another --out")
    }
    return lock
  }

  private func makeClassifier() -> Classifier {
    let rng = RandomSource.derived(seed: settings.seed, Self.stream)
    let network = ResidualNetwork(
      dataset.info.shape, channels: settings.channels, blocks: settings.blocks, using: rng)
    return Classifier(network, classes: classes, using: rng)
  }

  /// The examples of a split whose class is known.
  private func labelled(_ split: Split, limit: Int? = nil) throws -> Examples {
    var examples = try dataset.examples(split)
    guard let labels = examples.labels else { throw RunError.noClasses(settings.data, 0) }
    if labels.contains(Examples.unlabelled) {
      examples = examples.subset(labels.indices.filter { labels[$0] != Examples.unlabelled })
    }
    return limit.map(examples.prefix) ?? examples
  }

  /// The training examples, but for one that would be a batch of its own: batch norm has no variance for it.
  private func trainingExamples() throws -> Examples {
    let all = try labelled(.train, limit: settings.limit)
    guard all.count >= 2 else {
      throw RunError.tooFew("data '\(settings.data)'", expected: 2, found: all.count, "bring more")
    }
    guard all.count % settings.batchSize == 1 else { return all }
    log("\(settings.data): the last of \(all.count) examples is left out, as it would be a batch of one")
    return all.prefix(all.count - 1)
  }

  private func prepared(_ examples: Examples, _ augmentation: Augmentation = Augmentation()) -> DeviceExamples {
    DeviceExamples(examples, Preparation(augmentation: augmentation))
  }

  private func result(
    _ outcome: Outcome, _ progress: TrainingProgress, _ classifier: Classifier
  ) throws -> Summary {
    var (written, split, found): (ResidualFeatures?, Split?, (accuracy: Double, count: Int)?)
    if outcome != .interrupted {
      try Checkpoint(contentsOf: RunReference(run).file()).load(into: classifier)
      split = reported
      found = try accuracy(classifier, on: reported)
      let card = ResidualFeatures.Card(
        data: FeatureNetworks.name(of: settings.data), imageShape: dataset.info.shape, channels: settings.channels,
        blocks: settings.blocks, classes: classes, accuracy: found!.accuracy, split: reported.rawValue,
        epochs: settings.epochs, seed: settings.seed)
      written = try ResidualFeatures.write(classifier, card, to: file)
    }
    return Summary(
      file: written.map { _ in file }, name: written?.name, hash: written?.hash, run: run.path, data: settings.data,
      outcome: outcome.rawValue, split: split?.rawValue, accuracy: found?.accuracy, examples: found?.count,
      epochs: settings.epochs, step: progress.step, threads: Runtime.threads, seed: settings.seed,
      seconds: progress.seconds)
  }

  private func accuracy(_ classifier: Classifier, on split: Split) throws -> (accuracy: Double, count: Int) {
    let examples = prepared(try labelled(split))
    let rng = RandomSource(seed: settings.seed)
    var right = 0.0
    for start in stride(from: 0, to: examples.count, by: Self.batchSize) {
      let batch = try examples.batch(start..<min(examples.count, start + Self.batchSize), using: rng)
      right += withoutGradients { classifier.isRight(batch.labels!, batch.x).sum().item() }
    }
    return (right / Double(examples.count), examples.count)
  }
}
