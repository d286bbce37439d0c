import Generative
import Probability

extension Metric {
  /// KL(q(z), p(z)) of the aggregate posterior, by distances from codes to their `k`-th neighbours among the other codes
  /// and among as many draws of the prior: nats; 0 is best. Mescheder et al. 2017, Table 1.
  public static func priorKL(k: Int = 1) -> Metric {
    Metric("kl-prior:knn" + (k == 1 ? "" : ":\(k)"), unit: "nats", needs: .codesAndPrior) { model, subject, rng in
      let codes = try Codes(model, subject.examples(), using: rng)
      let prior = model.withoutClass(model.prior.sample([codes.count], using: rng)).to(.cpu).to(.float64)
      return [
        Finding(
          try neighbourKL(codes.draws, prior, k: k), count: codes.count,
          [
            ("k", .count(k)), ("codes", .text("draws of q(z|x)")), ("dimension", .count(codes.dimension)),
            ("prior_draws", .count(codes.count)),
          ])
      ]
    }
  }
}

extension MetricForm {
  static let priorKL = MetricForm(
    "kl-prior[:knn[:K]]", "KL(q(z), p(z)) by nearest neighbours, in nats",
    example: .priorKL()
  ) { (parameters) throws(MetricError) in
    let text = (["kl-prior"] + parameters).joined(separator: ":")
    switch parameters.count {
    case 0: return .priorKL()
    case 1 where parameters == ["knn"]: return .priorKL()
    case 2 where parameters[0] == "knn":
      return .priorKL(k: try number(parameters[1], in: 1...1000, "neighbours", of: text))
    default: throw MetricError("metric '\(text)': expected kl-prior, kl-prior:knn or kl-prior:knn:K")
    }
  }
}
