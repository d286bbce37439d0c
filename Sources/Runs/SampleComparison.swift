import Datasets
import Evaluation
import Figures
import Foundation
import Generative
import Torch

/// A model's samples beside data, in the features of a network.
struct SampleComparison {
  private let evaluation: RunEvaluation
  private let rng: RandomSource
  private let network: any FeatureNetwork

  /// Of the kernel distance, as its authors have them.
  private static let subsets = 100
  private static let subsetSize = 1000
  /// Of the Inception score.
  private static let splits = 10
  /// Of precision and recall.
  private static let neighbours = 5

  init(_ evaluation: RunEvaluation, _ rng: RandomSource) throws {
    self.evaluation = evaluation
    self.rng = rng
    let (cache, data) = (evaluation.options.place.cacheDirectory, evaluation.run.settings.data.name)
    if evaluation.options.features == nil,
      case let file = FeatureNetworks.defaultFile(for: data, cache: cache),
      !FileManager.default.fileExists(atPath: file)
    {
      throw MetricError(
        "expected --features FILE, or the network of the run's data in '\(file)'; "
          + "train one with 'helmholtz features train --data \(data)'")
    }
    // A data set of the user's is a path, but its network goes by its name.
    network = try FeatureNetworks.load(
      evaluation.options.features ?? FeatureNetworks.defaultFile(for: data, cache: cache), cache: cache)
  }

  func measure(_ metric: Metric) throws -> [MetricValue] {
    let real = try evaluation.images(evaluation.split)
    let count = evaluation.sampleCount(real.count)
    let made = try FeatureSet(
      of: ImageSet(evaluation.samples(count, using: rng), name: "samples"), by: network,
      progress: evaluation.report("\(metric.name): samples"))
    func result(
      _ name: String, _ value: Double, _ conventions: [(key: String, value: Convention)]
    ) -> MetricValue {
      MetricValue(
        name, unit: metric.unit, value, count: count,
        conventions: conventions + [
          ("network", .text(network.name)), ("network_hash", .text(network.shortHash)),
          ("samples", .text(evaluation.samplesShown)), ("channels", .text(made.conversion.rawValue)),
          ("resize", .text(network.resize)),
        ])
    }
    if metric == .inceptionScore {
      let (mean, deviation) = try inceptionScore(made.probabilities.to(.float64), splits: Self.splits)
      return [result(metric.name, mean, [("splits", .count(Self.splits)), ("deviation", .number(deviation))])]
    }
    if metric == .classCrossEntropy { return [try classCrossEntropy(real, made, result)] }
    let known = try FeatureCache(cache: evaluation.options.place.cacheDirectory, log: evaluation.options.place.log)
      .features(of: ImageSet(real), by: network, progress: evaluation.report("\(metric.name): data"))
    let (x, y) = (known.features.to(.float64), made.features.to(.float64))
    let data: [(key: String, value: Convention)] = [
      ("data", .text(evaluation.split.rawValue)), ("data_examples", .count(real.count)),
      ("layer", .text(network.layer)), ("data_cached", .text(known.isCached ? "yes" : "no")),
    ]
    switch metric {
    case .frechetDistance: return [result(metric.name, try frechetDistance(x, y), data)]
    case .kernelDistance:
      let size = min(Self.subsetSize, x.size(0), y.size(0))
      let (mean, deviation) = try kernelDistance(x, y, subsets: Self.subsets, size: size, using: rng)
      return [
        result(
          metric.name, mean,
          data + [
            ("subsets", .count(Self.subsets)), ("subset_size", .count(size)), ("deviation", .number(deviation)),
          ])
      ]
    default:
      let found = try NeighbourhoodMetrics(real: x, generated: y, k: Self.neighbours)
      let conventions = data + [("k", .count(Self.neighbours))]
      return [
        result("precision", found.precision, conventions), result("recall", found.recall, conventions),
        result("density", found.density, conventions), result("coverage", found.coverage, conventions),
      ]
    }
  }
}

extension SampleComparison {
  /// The classes that the network sees in samples, beside the labels of the data. Zhao et al. 2017, section 4.2.1.
  private func classCrossEntropy(
    _ real: Examples, _ made: FeatureSet,
    _ result: (String, Double, [(key: String, value: Convention)]) -> MetricValue
  ) throws -> MetricValue {
    guard let labels = real.labels else { throw MetricError("class-ce: expected labels in the data, got none") }
    var data = [Double](repeating: 0, count: network.classCount)
    for label in labels where label >= 0 {
      guard Int(label) < data.count else {
        throw MetricError("class-ce: expected classes below the network's \(data.count), got \(label)")
      }
      data[Int(label)] += 1
    }
    // Soft counts: a class that no sample is nearest to still has some probability.
    let samples: [Double] = made.probabilities.to(.float64).mean(0).array()
    let (crossEntropy, entropy) = try Evaluation.classCrossEntropy(samples, data)
    return result(
      Metric.classCrossEntropy.name, crossEntropy,
      [
        ("entropy", .number(entropy)), ("kl", .number(crossEntropy - entropy)),
        ("sample_classes", .text("mean probabilities of \(network.scores)")),
      ])
  }
}

extension RunEvaluation {
  /// A split's images as they are stored, whatever the model sees of them.
  func images(_ split: Split) throws -> Examples {
    let examples = try dataset.examples(split)
    guard Pictures.canShow(examples.shape) else { throw RunError.noPictures(examples.name, examples.shape) }
    return options.limit.map(examples.prefix) ?? examples
  }

  /// How many samples are compared with `data` examples.
  func sampleCount(_ data: Int) -> Int { options.samples ?? min(data, Self.mostSamples) }

  private static let mostSamples = 10_000
  /// Codes that are decoded at once.
  private static let rowsAtOnce = 500

  /// What samples are: a likelihood without a mean to show gives draws.
  var samplesShown: String {
    let z = model.prior.sample([1], using: RandomSource(seed: 0, device: run.device))
    return withoutGradients { model.likelihood(z).isShownByDraw } ? "draws of p(x|z)" : "means of p(x|z)"
  }

  /// Means of p(x|z) at draws from the prior, or draws of it, as pixels in [0, 1], `[count, channels, height, width]`.
  func samples(_ count: Int, using rng: RandomSource) -> Tensor {
    Tensor.concatenated(
      stride(from: 0, to: count, by: Self.rowsAtOnce).map { start in
        let drawn = Pictures.samples(of: model, count: min(Self.rowsAtOnce, count - start), using: rng)
        return run.scaling.intensities(drawn).clamped(0, 1).to(.cpu)
      })
  }

  /// Samples and held-out images by their distance to the run's training images, with a picture.
  func memorization(_ rng: RandomSource) throws -> [MetricValue] {
    guard split != .train else {
      throw MetricError("memorization: expected a validation or test split to compare with, got train")
    }
    let heldOut = try plain(images(split))
    let own = try run.settings.data.dataset(options.place)
    let training = try plain(run.settings.data.trainingExamples(of: own))
    let count = min(sampleCount(heldOut.count), Self.mostCompared)
    let drawn = samples(count, using: rng)
    var failure: (any Error)?
    let blocks = stride(from: 0, to: training.count, by: 2000).lazy.compactMap { start -> Tensor? in
      let range = start..<min(training.count, start + 2000)
      self.progress(range.upperBound, training.count)
      do { return try training.batch(range, using: rng).x } catch {
        failure = error
        return nil
      }
    }
    let compared = try heldOut.batch(0..<min(heldOut.count, Self.mostCompared), using: rng).x
    let found = try Memorization(samples: drawn, heldOut: compared, training: blocks, neighbours: 5)
    if let failure { throw failure }
    let picture = try self.picture(found, drawn, training, rng)
    let conventions: [(key: String, value: Convention)] =
      [
        ("meaning", .text("P(sample nearer to training data than held-out example); 0.5 is none, 1 is copying")),
        ("deviations", .number(found.deviations)), ("distance", .text("Euclidean, pixels in [0, 1]")),
        ("median_sample_distance", .number(found.sampleDistance)),
        ("median_heldout_distance", .number(found.heldOutDistance)), ("training_examples", .count(training.count)),
        ("heldout_examples", .count(compared.size(0))), ("samples", .text(samplesShown)),
      ] + (picture.map { [("picture", .text($0))] } ?? [])
    return [MetricValue("memorization", unit: "1", found.nearness, count: count, conventions: conventions)]
  }

  /// Samples and held-out images that are compared at most: the distances to 60,000 take a second a thousand.
  private static let mostCompared = 2000

  private func plain(_ examples: Examples) throws -> DeviceExamples {
    DeviceExamples(examples, Preparation(), using: RandomSource(seed: 0))
  }

  private func progress(_ done: Int, _ total: Int) { report("memorization")(done, total) }

  /// The first samples, each beside its nearest training images; the file's path.
  private func picture(
    _ found: Memorization, _ samples: Tensor, _ training: DeviceExamples, _ rng: RandomSource
  ) throws -> String? {
    guard let run = run.directory else { return nil }
    let rows = min(12, samples.size(0))
    let tiles = try (0..<rows).flatMap { row -> [Tensor] in
      let neighbours = try training.batch(Tensor(found.neighbours[row].map(Int64.init)), using: rng).x
      return [samples.narrowed(0, row..<row + 1), neighbours]
    }
    let path = run.figures + "/memorization.png"
    try ImageGrid(Pictures.images(.concatenated(tiles)), columns: 1 + found.neighbours[0].count).render()
      .write(to: URL(fileURLWithPath: path))
    return path
  }
}
