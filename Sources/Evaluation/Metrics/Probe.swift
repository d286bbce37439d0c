import Datasets

extension Metric {
  /// A classifier that is trained on codes.
  public enum Probe: String, CaseIterable, Sendable { case linear, svm, knn }

  /// The error rate of a classifier of codes that was trained on those of the first `labels` training examples.
  ///
  /// - Parameter labels: nil is all, at most 10,000.
  public static func probe(_ probe: Probe, labels: Int?) -> Metric {
    let name = "probe:\(probe.rawValue)" + (labels.map { ":\($0)" } ?? "")
    return Metric.probe(probe, name) { subject in
      let training = try subject.trainingExamples(labels ?? mostLabels)
      if let labels, training.count < labels {
        throw MetricError("\(name): expected \(labels) labelled training examples, got \(training.count)")
      }
      return training
    }
  }

  /// The error rate of a classifier of codes that was trained on `perClass` training examples of each class.
  ///
  /// The seed of the run's data draws them: they are those whose labels a model that learns from few has with that seed.
  public static func probe(_ probe: Probe, perClass: Int) -> Metric {
    .probe(probe, "probe:\(probe.rawValue):\(perClass)\(perClassEnd)") { try $0.labelledExamples(perClass) }
  }

  private static func probe(
    _ probe: Probe, _ name: String, training: @escaping @Sendable (Subject) throws -> DeviceExamples
  ) -> Metric {
    Metric(name, unit: "error rate", needs: .codes) { model, subject, rng in
      guard subject.split != .train else {
        throw MetricError("\(name): expected a validation or test split to measure on, got train")
      }
      let train = try Codes(model, training(subject), using: rng).labelled("train")
      let test = try Codes(model, subject.examples(), using: rng).labelled(subject.split.rawValue)
      let (error, conventions) = try probe.errorRate(train: train, test: test)
      return [
        Finding(
          error, standardError: (error * (1 - error) / Double(test.count)).squareRoot(), count: test.count,
          [("labels", .count(train.count)), ("codes", .text("posterior means"))] + conventions)
      ]
    }
  }

  /// What a number of labels in a spelling ends in that is one of each class.
  fileprivate static let perClassEnd = "-per-class"

  /// Labels that a probe takes unless it is told how many.
  private static let mostLabels = 10_000
}

extension Metric.Probe {
  /// Neighbours that vote.
  private static let neighbours = 5

  /// The share of test rows that it gets wrong, and what it was set to.
  fileprivate func errorRate(
    train: LabelledRows, test: LabelledRows
  ) throws(MetricError) -> (Double, conventions: [(key: String, value: Convention)]) {
    switch self {
    case .linear:
      return (try LinearProbe(train: train).errorRate(test), [("l2", .number(LinearProbe.defaultL2))])
    case .svm:
      return (
        try SVMProbe(kernel: .rbf(gamma: nil), cost: 1).errorRate(train: train, test: test),
        [("kernel", .text("rbf, gamma 1 / (d variance)")), ("C", .number(1))]
      )
    case .knn:
      return (try knnProbe(train: train, test: test, k: Self.neighbours), [("k", .count(Self.neighbours))])
    }
  }
}

extension MetricForm {
  static let probe = MetricForm(
    "probe:linear|svm|knn[:N]", "error rate of a classifier of codes, from N labels",
    example: .probe(.linear, labels: nil)
  ) { (parameters) throws(MetricError) in
    let text = (["probe"] + parameters).joined(separator: ":")
    guard (1...2).contains(parameters.count), let probe = Metric.Probe(rawValue: parameters[0]) else {
      throw MetricError("metric '\(text)': expected probe:linear, probe:svm or probe:knn")
    }
    guard parameters.count == 2 else { return .probe(probe, labels: nil) }
    if parameters[1].hasSuffix(Metric.perClassEnd) {
      let count = String(parameters[1].dropLast(Metric.perClassEnd.count))
      return .probe(probe, perClass: try number(count, in: 1...1_000_000, "labels of each class", of: text))
    }
    return .probe(probe, labels: try number(parameters[1], in: 2...1_000_000, "labels", of: text))
  }
}
