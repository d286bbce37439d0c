extension Metric {
  /// The squared MMD between codes and as many draws of the prior; 0 is best. Zhao et al. 2019, section 4.2.1.
  public static let priorMMD = Metric("mmd-prior", unit: "1", needs: .codesAndPrior) { model, subject, rng in
    let codes = try Codes(model, subject.examples(), using: rng)
    let prior = model.prior.sample([codes.count], using: rng).to(.cpu).to(.float64)
    return [
      Finding(
        try squaredMMD(
          codes.draws, prior, kernel: .infoVAE(dimension: codes.dimension), estimator: .unbiased),
        count: codes.count,
        [
          ("kernel", .text("exp(-r2 / d^2)")), ("estimator", .text("unbiased")), ("codes", .text("draws of q(z|x)")),
          ("prior_draws", .count(codes.count)),
        ])
    ]
  }
}

extension MetricForm {
  static let priorMMD = MetricForm(.priorMMD, "squared MMD between the codes and draws of the prior")
}
