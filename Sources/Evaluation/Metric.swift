import Torch

/// A number, or a few, that can be asked of a model on a set of examples.
///
/// A metric is a value: its name, its unit, what a model must have for it, and how it is measured. To add one, write it
/// in a file of its own, as `ActiveUnits.swift` does, and list its form in `Metric.forms`.
///
///     let values = try subject.measure([.elbo(samples: 1), .iwae(samples: 100), Metric("probe:svm:1000")])
public struct Metric: Sendable, Equatable {
  /// The name as it is asked for, such as `iwae:5000`.
  public let name: String
  /// The unit of its values.
  public let unit: String
  /// What a model must have.
  public let need: Need
  /// Whether it has a number for each example, of which its value is the mean.
  public let isPerExample: Bool
  /// Measures it; the stream is the metric's own. A metric that has parts gives several values.
  public let measure: @Sendable (Subject, RandomSource) throws -> [MetricValue]

  /// A metric of a model that has a capability.
  ///
  /// - Parameters:
  ///   - capability: what a model must have; `measure` is given the model as that.
  ///   - needsFeatures: whether it looks at images through a feature network.
  ///   - isPerExample: whether its finding has the numbers of the examples.
  public init<Model>(
    _ name: String, unit: String, needs capability: Capability<Model>, needsFeatures: Bool = false,
    isPerExample: Bool = false,
    measure: @escaping @Sendable (Model, Subject, RandomSource) throws -> [Finding]
  ) {
    self.name = name
    self.unit = unit
    need = Need(capability, features: needsFeatures)
    self.isPerExample = isPerExample
    self.measure = { subject, rng in
      let model: Model
      do throws(Lack) { model = try capability.of(subject.model) } catch { throw subject.refusal(of: name, error) }
      return try measure(model, subject, rng).map { MetricValue(name, unit: unit, $0) }
    }
  }

  /// Two metrics of one name are the same.
  public static func == (one: Metric, other: Metric) -> Bool { one.name == other.name }

  /// What one measurement of a metric came to, before it has a name and a unit.
  public struct Finding {
    /// The name of a part, such as `precision`; nil for the metric's own.
    public let part: String?
    /// The number, in the metric's unit.
    public let value: Double
    /// The standard error over examples, where the value is a mean over them.
    public let standardError: Double?
    /// How many examples.
    public let count: Int
    /// One number per example of the set, in order, NaN where it has none; nil for a metric of the set as a whole.
    public let examples: [Double]?
    /// Estimators, kernels, networks, numbers of draws.
    public var conventions: [(key: String, value: Convention)]
    /// Whether it is an estimate of a bound that can lie above what it should bound.
    public var isApproximate = false
    /// What a reader must know who would take it for what it is called.
    public var warning: String?

    /// A number of `count` examples.
    public init(
      part: String? = nil, _ value: Double, standardError: Double? = nil, count: Int,
      _ conventions: [(key: String, value: Convention)] = []
    ) {
      self.part = part
      self.value = value
      self.standardError = standardError
      self.count = count
      examples = nil
      self.conventions = conventions
    }

    /// A mean over examples.
    ///
    /// - Parameter examples: one number per example of the set, where these are not the estimate's own.
    public init(
      part: String? = nil, _ estimate: Estimate, examples: [Double]? = nil,
      _ conventions: [(key: String, value: Convention)] = []
    ) {
      self.part = part
      value = estimate.mean
      standardError = estimate.standardError
      count = estimate.count
      self.examples = examples ?? estimate.values
      self.conventions = conventions
    }
  }
}

extension Metric {
  /// All metrics, in the order of help and messages.
  public static let forms: [MetricForm] = [
    .elbo, .iwae, .kl, .reconstruction, .bitsPerDimension, .annealed, .annealingGap, .evidenceByQuadrature,
    .evidenceByEnumeration, .activeUnits, .mutualInformation,
    .priorMMD, .priorKL, .logDetCovariance, .probe, .frechetDistance, .kernelDistance, .neighbourhoods, .inceptionScore,
    .classCrossEntropy, .conditionalAccuracy, .codeInformation, .memorization, .sharpness, .sampleSharpness,
    .wasserstein, .modes, .classificationError, .calibration, .confusion, .targetError, .domainAccuracy,
  ]

  /// Reads `elbo`, `elbo:10`, `iwae:5000`, `bpd:100`, `probe:svm:1000` and the other spellings of `forms`.
  public init(_ text: String) throws(MetricError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    for form in Self.forms where form.name == parts[0] {
      if let metric = try form.parse(Array(parts.dropFirst())) {
        self = metric
        return
      }
    }
    throw MetricError("unknown metric '\(text)'; there are \(Self.forms.map(\.spelling).joined(separator: ", "))")
  }
}

/// A metric that is not known, does not fit the model, or is not defined for an array.
public struct MetricError: Error, Equatable, CustomStringConvertible {
  /// One line for people: what was measured, what was expected, what came.
  public let description: String

  /// An error with this message.
  public init(_ description: String) { self.description = description }
}
