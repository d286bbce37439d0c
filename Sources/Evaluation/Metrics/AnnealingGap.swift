extension Metric {
  /// The gap between annealing's bounds on examples that the model draws, and the bounds, nats.
  ///
  /// Grosse, Ghahramani & Adams 2015.
  public static let annealingGap = Metric("bdmc", unit: "nats", needs: .continuousCodes) { model, subject, rng in
    let options = subject.options
    let bounds = bidirectionalBounds(
      of: model, count: options.limit ?? simulated, options.annealing, using: rng, progress: subject.report("bdmc"))
    let conventions = options.annealing.conventions(model) + [("examples", .text("drawn from the model"))]
    return [
      Finding(Estimate(zip(bounds.upper, bounds.lower).map { $0 - $1 }), conventions),
      Finding(part: "bdmc:lower", Estimate(bounds.lower), conventions),
      Finding(part: "bdmc:upper", Estimate(bounds.upper), conventions),
    ]
  }

  /// Examples that the model draws for `bdmc` unless a limit says otherwise.
  private static let simulated = 100
}

extension MetricForm {
  static let annealingGap = MetricForm(
    .annealingGap, "gap between annealing's two bounds on samples of the model, in nats")
}
