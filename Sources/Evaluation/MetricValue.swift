/// A number that was measured, its uncertainty, and what a reader needs to get the same number.
public struct MetricValue: Sendable {
  /// The metric as it was asked for, or a part of it such as `precision`.
  public let metric: String
  /// The unit of value and standard error, such as `nats`; empty for a number without one.
  public let unit: String
  public let value: Double
  /// The standard error over examples, where the metric is a mean over several.
  public let standardError: Double?
  /// How many examples.
  public let count: Int
  /// One number per example of the set, in order, NaN where it has none; nil for a metric of the set as a whole.
  public let examples: [Double]?
  /// Estimators, kernels, networks, numbers of draws.
  public var conventions: [(key: String, value: Convention)] {
    own + (warning.map { [("warning", .text($0))] } ?? [])
  }
  private let own: [(key: String, value: Convention)]
  /// Whether it is an estimate of a bound that can lie above what it should bound.
  public let isApproximate: Bool
  /// What a reader must know who would take it for what it is called; among the conventions too.
  public internal(set) var warning: String?

  public init(
    _ metric: String, unit: String, _ value: Double, standardError: Double? = nil, count: Int,
    examples: [Double]? = nil, conventions: [(key: String, value: Convention)] = [], isApproximate: Bool = false
  ) {
    self.metric = metric
    self.unit = unit
    self.value = value
    self.standardError = standardError
    self.count = count
    self.examples = examples
    own = conventions
    self.isApproximate = isApproximate
  }

  /// What the measurement of a metric came to.
  init(_ metric: String, unit: String, _ finding: Metric.Finding) {
    self.init(
      finding.part ?? metric, unit: unit, finding.value, standardError: finding.standardError, count: finding.count,
      examples: finding.examples, conventions: finding.conventions, isApproximate: finding.isApproximate)
    warning = finding.warning
  }

  /// Name and unit in one word, as logs and tables have it: `iwae:20_nats`, `bpd_bits_per_dimension`.
  public var key: String {
    metric + (unit == "1" ? "" : "_" + unit.replacing("/", with: "_per_").replacing(" ", with: "_"))
  }
}

/// The value of a convention.
public enum Convention: Encodable, Equatable, Sendable {
  case text(String)
  case count(Int)
  /// A number; NaN is one that is not defined, null in JSON.
  case number(Double)
  /// None, such as the standard error of one example; null in JSON.
  case empty

  /// A number, or none.
  public init(_ number: Double?) { self = number.map(Self.number) ?? .empty }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .count(let count): try container.encode(count)
    case .number(let number) where number.isNaN: try container.encodeNil()
    case .number(let number): try container.encode(number)
    case .empty: try container.encodeNil()
    }
  }
}
