import Evaluation
import Generative
import Torch

extension RunEvaluation {
  func classification(_ metric: Metric, _ rng: RandomSource) throws -> MetricValue {
    let examples = try examples()
    let found = try ClassPredictions(
      of: run.classifier(), on: examples, samples: ClassPredictions.defaultSamples, using: rng,
      progress: { report(metric.name)($0, examples.count) })
    let count = found.labelledCount
    guard count > 0 else { throw MetricError("\(metric.name): expected labels in the data, got none") }
    let draws: [(key: String, value: Convention)] = [("draws", .count(ClassPredictions.defaultSamples))]
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
