extension Metric {
  /// The number of latent dimensions whose posterior mean varies over the examples. Burda et al. 2016, section 5.2.
  public static let activeUnits = Metric("active-units", unit: "units", needs: .codes) { model, subject, rng in
    let codes = try Codes(model, subject.examples(), using: rng)
    guard codes.count > 1 else { throw MetricError("active-units: expected at least 2 examples, got \(codes.count)") }
    return [
      Finding(
        Double(codes.activeUnits), count: codes.count,
        [("threshold", .number(Codes.activityThreshold)), ("dimension", .count(codes.dimension))])
    ]
  }
}

extension MetricForm {
  static let activeUnits = MetricForm(
    .activeUnits, "number of latent dimensions whose posterior mean varies")
}
