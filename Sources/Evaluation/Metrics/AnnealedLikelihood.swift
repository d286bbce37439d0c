extension Metric {
  /// log p(x) by annealed importance sampling, nats; higher is better. An annealing that was killed goes on.
  public static let annealed = Metric("ais", unit: "nats", needs: .continuousCodes, isPerExample: true) {
    model, subject, _ in
    let options = subject.options
    let examples = try subject.examples()
    let partial = try subject.unfinished(examples.count)
    let values = try annealedLogLikelihood(
      of: model, on: examples, options.annealing, seed: options.seed, finished: partial,
      progress: subject.report("ais"))
    try partial?.remove()
    return [Finding(Estimate(values), options.annealing.conventions(model))]
  }
}

extension MetricForm {
  static let annealed = MetricForm(.annealed, "log p(x) by annealed importance sampling, in nats")
}
