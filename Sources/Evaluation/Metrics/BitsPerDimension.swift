extension Metric {
  /// The importance-weighted bound in bits per dimension; lower is better.
  public static func bitsPerDimension(samples: Int) -> Metric {
    Metric(.bitsPerDimension(samples: samples), needs: .importanceWeights) { $0 }
  }
}

extension MetricForm {
  static let bitsPerDimension = draws(
    "bpd:K", "importance-weighted bound from K draws, in bits per dimension", standard: 1
  ) { .bitsPerDimension(samples: $0) }
}
