import Generative
import Torch

// Metrics of the classes that a model predicts: one look at all examples each.
extension Metric {
  /// The share of labelled examples whose most probable class is wrong.
  public static let classificationError = Metric(
    ofClasses: "error", unit: "error rate", isPerExample: true
  ) { found, conventions in
    Finding(Estimate(found.mistakes.filter { !$0.isNaN }), examples: found.mistakes, conventions)
  }

  /// How far the probabilities of predicted classes are from the shares of right answers. Guo et al. 2017, Eq. 3.
  public static let calibration = Metric(ofClasses: "ece", unit: "1") { found, conventions in
    Finding(
      found.calibrationError, count: found.labelledCount,
      conventions + [("bins", .count(ClassPredictions.bins)), ("width", .text("equal"))])
  }

  /// How many examples of each class are taken for each; the value is the share of wrong ones.
  public static let confusion = Metric(ofClasses: "confusion", unit: "error rate") { found, conventions in
    let rows = found.confusion.enumerated().map { index, row in
      (key: "class_\(index)", value: Convention.text(row.map(String.init).joined(separator: " ")))
    }
    return Finding(
      found.errorRate, count: found.labelledCount,
      conventions + [("rows", .text("true classes")), ("columns", .text("predicted classes"))] + rows)
  }

  /// A metric of predictions for examples, of which some have a label.
  private init(
    ofClasses name: String, unit: String, isPerExample: Bool = false,
    _ measure: @escaping @Sendable (ClassPredictions, [(key: String, value: Convention)]) -> Finding
  ) {
    self.init(name, unit: unit, needs: .classes, isPerExample: isPerExample) { model, subject, _ in
      let examples = try subject.codedExamples()
      let found = try ClassPredictions(
        of: model, on: examples, samples: ClassPredictions.draws, seed: subject.options.seed,
        progress: { subject.progress(name, $0, examples.count) })
      guard found.labelledCount > 0 else { throw MetricError("\(name): expected labels in the data, got none") }
      return [measure(found, model.isClassifiedByDraws ? [("draws", .count(ClassPredictions.draws))] : [])]
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
