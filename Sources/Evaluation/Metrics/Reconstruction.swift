extension Metric {
  /// -E log p(x|z) over one draw of a code, nats; lower is better.
  public static let reconstruction = Metric(.reconstruction, needs: .reconstruction) { $0 }
}

extension MetricForm {
  static let reconstruction = MetricForm(
    .reconstruction, "negative log likelihood of an example given its code, in nats")
}
