import Generative
import Torch

// Metrics of the classes that a model predicts: one look at all examples each.
extension Metric {
  /// The share of labelled examples whose most probable class is wrong.
  public static let classificationError = Metric(ofClasses: "error", unit: "error rate") { found, count in
    let rate = found.errorRate
    return (rate, (rate * (1 - rate) / Double(count)).squareRoot(), [])
  }

  /// How far the probabilities of predicted classes are from the shares of right answers. Guo et al. 2017, Eq. 3.
  public static let calibration = Metric(ofClasses: "ece", unit: "1") { found, _ in
    (found.calibrationError, nil, [("bins", .count(ClassPredictions.bins)), ("width", .text("equal"))])
  }

  /// How many examples of each class are taken for each; the value is the share of wrong ones.
  public static let confusion = Metric(ofClasses: "confusion", unit: "error rate") { found, _ in
    let rows = found.confusion.enumerated().map { index, row in
      (key: "class_\(index)", value: Convention.text(row.map(String.init).joined(separator: " ")))
    }
    return (
      found.errorRate, nil, [("rows", .text("true classes")), ("columns", .text("predicted classes"))] + rows
    )
  }

  /// A metric of predictions for labelled examples, whose number it is given.
  private init(
    ofClasses name: String, unit: String,
    _ measure:
      @escaping @Sendable (ClassPredictions, Int) -> (
        value: Double, error: Double?, conventions: [(key: String, value: Convention)]
      )
  ) {
    self.init(name, unit: unit, needs: .classes) { model, subject, _ in
      let examples = try subject.codedExamples()
      let found = try ClassPredictions(
        of: model, on: examples, samples: ClassPredictions.draws, seed: subject.options.seed,
        progress: { subject.progress(name, $0, examples.count) })
      let count = found.labelledCount
      guard count > 0 else { throw MetricError("\(name): expected labels in the data, got none") }
      let (value, error, conventions) = measure(found, count)
      return [
        Finding(
          value, standardError: error, count: count, [("draws", .count(ClassPredictions.draws))] + conventions)
      ]
    }
  }
}

extension MetricForm {
  static let classificationError = MetricForm(
    .classificationError, "share of labelled examples whose predicted class is wrong")
  static let calibration = MetricForm(
    .calibration, "expected calibration error of the probabilities of predicted classes")
  static let confusion = MetricForm(
    .confusion, "number of examples of each class that are taken for each class")
}
