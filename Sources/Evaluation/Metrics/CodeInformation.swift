import Foundation

extension Metric {
  /// An estimate of I(x; z) under q(z|x), nats; at most log n. Zhao et al. 2019, appendix B.2.
  public static let mutualInformation = Metric(
    "mi", unit: "nats", needs: .gaussianPosterior
  ) { model, subject, rng in
    let codes = try Codes(model, subject.examples(), using: rng)
    guard let logVariances = codes.logVariances else {
      preconditionFailure("mi: expected the variances of a diagonal Gaussian, got none")
    }
    return [
      Finding(
        try Evaluation.mutualInformation(mean: codes.means, logVariance: logVariances, z: codes.draws),
        count: codes.count, [("most", .number(log(Double(codes.count)))), ("draws", .text("one a code"))])
    ]
  }
}

extension MetricForm {
  static let mutualInformation = MetricForm(
    .mutualInformation, "mutual information between examples and their codes, in nats")
}
