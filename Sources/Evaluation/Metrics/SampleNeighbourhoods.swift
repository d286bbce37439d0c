extension Metric {
  /// Precision, recall, density and coverage of samples in a network's features; higher is better.
  public static let neighbourhoods = Metric(ofSamples: "prdc") { comparison, _ in
    let (real, made, conventions) = try comparison.features()
    let found = try NeighbourhoodMetrics(real: real, generated: made, k: neighbours)
    let all = conventions + [("k", .count(neighbours))]
    return [
      comparison.finding(part: "precision", found.precision, all),
      comparison.finding(part: "recall", found.recall, all),
      comparison.finding(part: "density", found.density, all),
      comparison.finding(part: "coverage", found.coverage, all),
    ]
  }

  /// The neighbour that a neighbourhood reaches to.
  private static let neighbours = 5
}

extension MetricForm {
  static let neighbourhoods = MetricForm(
    .neighbourhoods, "precision, recall, density and coverage of samples in the same features")
}
