extension Metric {
  /// The squared Frechet distance between samples and data in a network's features; lower is better.
  public static let frechetDistance = Metric(ofSamples: "fid") { comparison, _ in
    let (real, made, conventions) = try comparison.features()
    return [comparison.finding(try Evaluation.frechetDistance(real, made), conventions)]
  }
}

extension MetricForm {
  static let frechetDistance = MetricForm(
    .frechetDistance, "Frechet distance of samples to data in the features of --features")
}
