import Datasets
import Foundation
import Generative
import Torch

/// A model's samples beside data, in the features of a network.
struct SampleComparison {
  /// The data's images.
  let real: Examples
  /// What the network makes of samples.
  let made: FeatureSet
  let network: any FeatureNetwork
  private let metric: String
  private let portrayal: String
  private let isStretched: Bool
  private let subject: Subject

  /// Draws samples for the metric of a name and runs the network over them.
  init(
    of model: any Generator, _ subject: Subject, for metric: String, using rng: RandomSource
  ) throws {
    self.metric = metric
    self.subject = subject
    network = try Self.network(for: subject)
    real = try subject.images()
    let samples = subject.samples(of: model, subject.sampleCount(real.count), using: rng)
    made = try FeatureSet(
      of: ImageSet(samples, name: "samples"), by: network, progress: subject.report("\(metric): samples"))
    portrayal = model.portrayal
    isStretched = subject.options.stretchesSamples
  }

  /// The network that the options name, or that of the run's own data.
  static func network(for subject: Subject) throws -> any FeatureNetwork {
    let (cache, data) = (subject.options.place.cacheDirectory, subject.dataName)
    // A data set of the user's is a path, but its network goes by its name.
    let own = FeatureNetworks.defaultFile(for: data, cache: cache)
    guard subject.options.features != nil || FileManager.default.fileExists(atPath: own) else {
      throw MetricError(
        "expected --features FILE, or the network of the run's data in '\(own)'; "
          + "train one with 'helmholtz features train --data \(data)'")
    }
    return try FeatureNetworks.load(subject.options.features ?? own, cache: cache)
  }

  /// The features of samples and those of data, which go through the network once, with what is to be said of the data.
  func features() throws -> (real: Tensor, made: Tensor, conventions: [(key: String, value: Convention)]) {
    let place = subject.options.place
    let known = try FeatureCache(cache: place.cacheDirectory, log: place.log)
      .features(of: ImageSet(real), by: network, progress: subject.report("\(metric): data"))
    return (
      known.features.to(.float64), made.features.to(.float64),
      [
        ("data", .text(subject.split.rawValue)), ("data_examples", .count(real.count)),
        ("layer", .text(network.layer)), ("data_cached", .text(known.isCached ? "yes" : "no")),
      ]
    )
  }

  /// A number of the samples' classes, with what is to be said of network and samples, and classes that none belongs to
  /// where the network's are those of the data.
  func classFinding(
    _ value: Double, _ conventions: [(key: String, value: Convention)]
  ) -> Metric.Finding {
    var found = finding(value, conventions)
    if real.classCount == network.classCount, let counts = real.labelCounts {
      found.note(
        MissingClasses(made.probabilities, like: counts.map(Double.init), names: real.classNames), of: subject.name)
    }
    return found
  }

  /// A number of all samples, with what is to be said of network and samples.
  func finding(
    part: String? = nil, _ value: Double, _ conventions: [(key: String, value: Convention)]
  ) -> Metric.Finding {
    Metric.Finding(
      part: part, value, count: made.features.size(0),
      conventions + [
        ("network", .text(network.name)), ("network_hash", .text(network.shortHash)),
        ("samples", .text(portrayal + (isStretched ? ", each stretched to [0, 1]" : ""))),
        ("channels", .text(made.conversion.rawValue)), ("resize", .text(network.resize)),
      ])
  }
}

extension Metric.Finding {
  /// Says which classes samples of a model have none of.
  mutating func note(_ missing: MissingClasses, of model: String) {
    conventions.append(missing.convention)
    warning = missing.warning(of: model)
  }
}

extension Metric {
  /// A metric of samples in the features of a network.
  init(
    ofSamples name: String, unit: String = "1",
    _ measure: @escaping @Sendable (SampleComparison, RandomSource) throws -> [Finding]
  ) {
    self.init(name, unit: unit, needs: .images, needsFeatures: true) { model, subject, rng in
      try measure(SampleComparison(of: model, subject, for: name, using: rng), rng)
    }
  }
}

extension Subject {
  /// Samples that are compared with data at most, unless the options say how many.
  private static let mostSamples = 10_000
  /// Samples that are drawn at once.
  private static let rowsAtOnce = 500

  /// How many samples are compared with `data` examples.
  func sampleCount(_ data: Int) -> Int { options.samples ?? min(data, Self.mostSamples) }

  /// What the model draws, as its `portrayal` says, as pixels in [0, 1]: `[count, channels, height, width]`.
  func samples(of model: any Generator, _ count: Int, using rng: RandomSource) -> Tensor {
    let images = intensities(drawn(from: model, count, as: .means, using: rng)).clamped(0, 1)
    guard options.stretchesSamples else { return images }
    let rows = images.flattened(from: 1)
    let low = rows.top(1, axis: 1, largest: false).values  // [count, 1]
    let high = rows.top(1, axis: 1).values
    return ((rows - low) / (high - low).clamped(1e-12, .infinity)).reshaped(images.shape)
  }

  /// What the model draws, `[count] + exampleShape`, on the processor.
  func drawn(from model: any Generator, _ count: Int, as shown: Shown, using rng: RandomSource) -> Tensor {
    Tensor.concatenated(
      stride(from: 0, to: count, by: Self.rowsAtOnce).map { start in
        withoutGradients { model.examples(min(Self.rowsAtOnce, count - start), as: shown, using: rng) }.to(.cpu)
      })
  }
}
