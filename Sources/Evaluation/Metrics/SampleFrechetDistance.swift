import Torch

extension Metric {
  /// The squared Frechet distance between samples and data in a network's features; lower is better.
  public static let frechetDistance = Metric(ofSamples: "fid") { comparison, _ in
    let (real, made, conventions) = try comparison.features()
    return [comparison.finding(try Evaluation.frechetDistance(real, made), conventions)]
  }

  /// The same between two halves of the data, chosen at random: what a perfect model of as many samples as half of the
  /// data would have.
  public static let frechetFloor = Metric("fid:floor", unit: "1", needs: .images, needsFeatures: true) {
    _, subject, rng in
    let network = try SampleComparison.network(for: subject)
    let images = try subject.images()
    guard images.count >= 4 else {
      throw MetricError("fid:floor: expected at least 4 images to halve, got \(images.count)")
    }
    let place = subject.options.place
    let known = try FeatureCache(cache: place.cacheDirectory, log: place.log)
      .features(of: ImageSet(images), by: network, progress: subject.report("fid:floor: data"))
    let order = rng.permutation(images.count).to(known.features.device)
    let half = images.count / 2
    let rows = known.features.to(.float64)
    let (one, other) = (rows.gathered(order.narrowed(0, 0..<half)), rows.gathered(order.narrowed(0, half..<2 * half)))
    return [
      Finding(
        try Evaluation.frechetDistance(one, other), count: half,
        [
          ("data", .text("two halves of \(subject.split.rawValue)")), ("network", .text(network.name)),
          ("network_hash", .text(network.shortHash)), ("layer", .text(network.layer)),
        ])
    ]
  }
}

extension MetricForm {
  static let frechetDistance = MetricForm(
    "fid[:floor]", "Frechet distance of samples to data, or of its two halves", example: .frechetDistance
  ) { parameters in
    parameters.isEmpty ? .frechetDistance : parameters == ["floor"] ? .frechetFloor : nil
  }
}
