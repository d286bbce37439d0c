extension Metric {
  /// KL(q(z|x), p(z)), nats; in closed form where there is one, else of one draw.
  public static let kl = Metric(.kl, needs: .density) { $0 }
}

extension MetricForm {
  static let kl = MetricForm(.kl, "KL divergence from the prior to the posterior of the code, in nats")
}
