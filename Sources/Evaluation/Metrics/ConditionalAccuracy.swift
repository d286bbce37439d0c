import Datasets
import Generative
import Torch

extension Capability where Model == any ClassConditional {
  /// Images of a class.
  public static var classImages: Self {
    classSamples.refined("images of a class", lack: "draws no images of a class") {
      $0.exampleShape.count == 3 ? $0 : nil
    }
  }
}

extension Metric {
  /// The share of samples of a class that a network, trained apart, takes for that class; every class has as many.
  /// Hu et al. 2018, appendix G.1.
  ///
  /// Its part `conditional-accuracy:data` is that share of the data's own labelled images: what the network can tell at all.
  public static let conditionalAccuracy = Metric(
    "conditional-accuracy", unit: "accuracy", needs: .classImages, needsFeatures: true
  ) { model, subject, rng in
    let name = "conditional-accuracy"
    let network = try SampleComparison.network(for: subject)
    guard network.classCount == model.classCount else {
      throw MetricError(
        "\(name): expected a network of the model's \(model.classCount) classes, got \(network.classCount) in "
          + "\(network.name)")
    }
    let data = try subject.images()
    let count = subject.sampleCount(data.count)
    let wanted = (0..<count).map { Int64($0 % model.classCount) }
    let samples = RowBlocks.ranges(count, size: 500).map { rows in
      withoutGradients {
        let classes = Tensor(Array(wanted[rows])).to(model.device)
        let code = model.code(model.prior.sample([rows.count], using: rng), ofClass: classes)
        return model.decode(code, as: .means, using: rng).to(.cpu)
      }
    }
    let images = subject.intensities(.concatenated(samples)).clamped(0, 1)
    let made = try FeatureSet(
      of: ImageSet(images, name: "samples"), by: network, progress: subject.report("\(name): samples"))
    let conventions: [(key: String, value: Convention)] = [
      ("network", .text(network.name)), ("network_hash", .text(network.shortHash)),
      ("samples", .text(model.portrayal)), ("channels", .text(made.conversion.rawValue)),
    ]
    var found = share(of: made.probabilities, as: wanted, part: nil, conventions)
    let names = data.classCount == network.classCount ? data.classNames : nil
    let even = Array(repeating: 1.0, count: network.classCount)
    found.note(MissingClasses(made.probabilities, like: even, names: names), of: subject.name)
    guard let labels = data.labels else { return [found] }
    let real = try FeatureSet(of: ImageSet(data), by: network, progress: subject.report("\(name): data"))
    return [found, share(of: real.probabilities, as: labels.map(Int64.init), part: "\(name):data", conventions)]
  }

  /// The share of rows of probabilities whose largest is that of the class; rows without a class do not count.
  private static func share(
    of probabilities: Tensor, as classes: [Int64], part: String?, _ conventions: [(key: String, value: Convention)]
  ) -> Finding {
    let rows = zip(probabilities.argmax(1).array(Int64.self), classes).filter { $0.1 >= 0 }
    return Finding(part: part, Estimate(rows.map { $0.0 == $0.1 ? 1.0 : 0.0 }), conventions)
  }
}

extension MetricForm {
  static let conditionalAccuracy = MetricForm(
    .conditionalAccuracy, "share of samples of a class that a network takes for it")
}
