extension Metric {
  /// log 1/K sum p(x, z_k) / q(z_k|x) for K draws of a code, nats; higher is better. Burda et al. 2016, Eq. 8.
  public static func iwae(samples: Int) -> Metric {
    Metric(.iwae(samples: samples), needs: .importanceWeights) { $0 }
  }
}

extension MetricForm {
  static let iwae = draws(
    "iwae:K", "importance-weighted bound from K draws of the code, in nats", standard: nil
  ) { .iwae(samples: $0) }
}
