/// A number that was measured, its uncertainty, and what a reader needs to get the same number.
public struct MetricValue: Sendable {
  /// The metric as it was asked for, or a part of it such as `precision`.
  public let metric: String
  /// The unit of value and standard error, such as `nats`; empty for a number without one.
  public let unit: String
  public let value: Double
  /// The standard error over examples, where the metric is a mean over them.
  public let standardError: Double?
  /// How many examples.
  public let count: Int
  /// One number per example of the set, in order, NaN where it has none; nil for a metric of the set as a whole.
  public let examples: [Double]?
  /// Estimators, kernels, networks, numbers of draws.
  public let conventions: [(key: String, value: Convention)]

  public init(
    _ metric: String, unit: String, _ value: Double, standardError: Double? = nil, count: Int,
    examples: [Double]? = nil, conventions: [(key: String, value: Convention)] = []
  ) {
    self.metric = metric
    self.unit = unit
    self.value = value
    self.standardError = standardError
    self.count = count
    self.examples = examples
    self.conventions = conventions
  }

  /// What the measurement of a metric came to.
  init(_ metric: String, unit: String, _ finding: Metric.Finding) {
    self.init(
      finding.part ?? metric, unit: unit, finding.value, standardError: finding.standardError, count: finding.count,
      examples: finding.examples, conventions: finding.conventions)
  }
}

/// The value of a convention.
public enum Convention: Encodable, Equatable, Sendable {
  case text(String)
  case count(Int)
  case number(Double)

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .count(let count): try container.encode(count)
    case .number(let number): try container.encode(number)
    }
  }
}
