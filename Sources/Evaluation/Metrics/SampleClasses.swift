import Torch

extension Metric {
  /// The cross entropy of the classes that a network sees in samples under the labels of the data, nats.
  ///
  /// Zhao et al. 2017, section 4.2.1.
  public static let classCrossEntropy = Metric(ofSamples: "class-ce", unit: "nats") { comparison, _ in
    guard let labels = comparison.real.labels else {
      throw MetricError("class-ce: expected labels in the data, got none")
    }
    var data = [Double](repeating: 0, count: comparison.network.classCount)
    for label in labels where label >= 0 {
      guard Int(label) < data.count else {
        throw MetricError("class-ce: expected classes below the network's \(data.count), got \(label)")
      }
      data[Int(label)] += 1
    }
    // Soft counts: a class that no sample is nearest to still has some probability.
    let samples: [Double] = comparison.made.probabilities.to(.float64).mean(0).array()
    let (crossEntropy, entropy) = try Evaluation.classCrossEntropy(samples, data)
    return [
      comparison.finding(
        crossEntropy,
        [
          ("entropy", .number(entropy)), ("kl", .number(crossEntropy - entropy)),
          ("sample_classes", .text("mean probabilities of \(comparison.network.scores)")),
        ])
    ]
  }
}

extension MetricForm {
  static let classCrossEntropy = MetricForm(
    .classCrossEntropy, "cross entropy of the samples' classes under the data's, in nats")
}
