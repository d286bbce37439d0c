import Evaluation
import Generative
import Torch

extension Session {
  /// The model, if it knows classes.
  public func classifier() throws(SessionError) -> any ClassPredictor {
    guard let model = trained as? any ClassPredictor, model.classCount > 0 else {
      throw SessionError.noClassifier(settings.model)
    }
    return model
  }

  /// The model, if it draws examples of a class.
  public func classConditional() throws(SessionError) -> any ClassConditional {
    guard let model = try classifier() as? any ClassConditional else { throw .noGenerator(settings.model) }
    return model
  }

  /// Draws of a over which class probabilities are averaged: the authors' number.
  public static let classificationDraws = 100
}

extension RunEvaluation {
  func classification(_ metric: Metric, _ rng: RandomSource) throws -> MetricValue {
    let examples = try examples()
    let found = try ClassPredictions(
      of: session.classifier(), on: examples, samples: Session.classificationDraws, using: rng,
      progress: { report(metric.name)($0, examples.count) })
    let count = found.labelledCount
    guard count > 0 else { throw MetricError("\(metric.name): expected labels in the data, got none") }
    let draws: [(key: String, value: Convention)] = [("draws", .count(Session.classificationDraws))]
    func result(_ value: Double, error: Double? = nil, _ more: [(key: String, value: Convention)] = []) -> MetricValue {
      MetricValue(
        metric.name, unit: metric.unit, value, standardError: error, count: count, conventions: draws + more)
    }
    let rate = found.errorRate
    switch metric {
    case .calibration:
      return result(found.calibrationError, [("bins", .count(ClassPredictions.bins)), ("width", .text("equal"))])
    case .confusion:
      let rows = found.confusion.enumerated().map { index, row in
        (key: "class_\(index)", value: Convention.text(row.map(String.init).joined(separator: " ")))
      }
      return result(rate, [("rows", .text("true classes")), ("columns", .text("predicted classes"))] + rows)
    default: return result(rate, error: (rate * (1 - rate) / Double(count)).squareRoot())
    }
  }
}
