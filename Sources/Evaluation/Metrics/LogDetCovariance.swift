extension Metric {
  /// log det of the codes' covariance, divided by their dimension, nats; 0 for codes like N(0, I).
  public static let logDetCovariance = Metric(
    "logdet", unit: "nats/dimension", needs: .codes
  ) { model, subject, rng in
    let codes = try Codes(model, subject.examples(), using: rng)
    let value = try Evaluation.logDetCovariance(codes.draws)
    return [
      Finding(
        value, count: codes.count,
        [
          ("codes", .text("draws of q(z|x)")), ("ddof", .count(1)), ("dimension", .count(codes.dimension)),
          ("log_det", .number(value * Double(codes.dimension))),
        ])
    ]
  }
}

extension MetricForm {
  static let logDetCovariance = MetricForm(
    .logDetCovariance, "log det of the codes' covariance per dimension, in nats")
}
