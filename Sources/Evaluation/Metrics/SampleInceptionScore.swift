import Torch

extension Metric {
  /// The Inception score of samples under a network's classes: from 1 to their number, higher is better.
  public static let inceptionScore = Metric(ofSamples: "is") { comparison, _ in
    let (mean, deviation) = try Evaluation.inceptionScore(comparison.made.probabilities.to(.float64), splits: splits)
    return [comparison.classFinding(mean, [("splits", .count(splits)), ("deviation", .number(deviation))])]
  }

  private static let splits = 10
}

extension MetricForm {
  static let inceptionScore = MetricForm(.inceptionScore, "Inception score of samples under the network's classes")
}
