extension Metric {
  /// The kernel distance between samples and data in a network's features; 0 on average for equal distributions.
  public static let kernelDistance = Metric(ofSamples: "kid") { comparison, rng in
    let (real, made, conventions) = try comparison.features()
    let size = min(subsetSize, real.size(0), made.size(0))
    let (mean, deviation) = try Evaluation.kernelDistance(real, made, subsets: subsets, size: size, using: rng)
    return [
      comparison.finding(
        mean,
        conventions + [
          ("subsets", .count(subsets)), ("subset_size", .count(size)), ("deviation", .number(deviation)),
        ])
    ]
  }

  // As the authors have them.
  private static let subsets = 100
  private static let subsetSize = 1000
}

extension MetricForm {
  static let kernelDistance = MetricForm(
    .kernelDistance, "kernel distance of samples to data in the same features")
}
