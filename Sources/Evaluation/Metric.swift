import Foundation

/// A number that can be asked of a model on a set of examples.
public enum Metric: Equatable, Sendable {
  /// The evidence lower bound with so many draws a code; the KL exact where it can be.
  case elbo(samples: Int)
  /// The importance-weighted bound. Burda et al. 2016, Eq. 8.
  case iwae(samples: Int)
  /// KL(q(z|x), p(z)).
  case kl
  /// -E log p(x|z).
  case reconstruction
  /// The importance-weighted bound in bits per dimension; lower is better.
  case bitsPerDimension(samples: Int)
  /// log p(x) by annealed importance sampling.
  case annealed
  /// The gap of annealing's bounds on the model's own examples, and the bounds.
  case annealingGap
  /// Latent dimensions whose posterior mean varies.
  case activeUnits
  /// An estimate of I(x; z) under q(z|x).
  case mutualInformation
  /// MMD^2 of codes to the prior.
  case priorMMD
  /// log det of the codes' covariance by dimension.
  case logDetCovariance
  /// The error of a classifier of codes that has seen so many labels; nil is all, at most 10,000.
  case probe(Probe, labels: Int?)
  /// Frechet distance of samples to data in a network's features.
  case frechetDistance
  /// Kernel distance of the same.
  case kernelDistance
  /// Precision, recall, density and coverage of the same.
  case neighbourhoods
  /// The Inception score of samples.
  case inceptionScore
  /// The classes of samples, as a network sees them, beside those of the data.
  case classCrossEntropy
  /// Whether samples lie nearer to the training set than held-out data.
  case memorization
  /// The share of examples whose most probable class is wrong.
  case classificationError
  /// How far the probabilities of classes are from the shares of right answers.
  case calibration
  /// How often each class is taken for each.
  case confusion

  /// A classifier that codes are given to.
  public enum Probe: String, CaseIterable, Sendable { case linear, svm, knn }

  /// Names with their default and an explanation, for help and messages.
  public static let known: [(name: String, meaning: String)] = [
    ("elbo", "evidence lower bound, nats (elbo:K averages K draws)"),
    ("iwae:K", "importance-weighted bound with K draws, nats"),
    ("kl", "KL of the posterior to the prior, nats"),
    ("reconstruction", "expected negative log likelihood of x given its code, nats"),
    ("bpd:K", "bits per dimension, by the importance-weighted bound with K draws"),
    ("ais", "log p(x) by annealed importance sampling, nats"),
    ("bdmc", "the gap of annealing's two bounds on data of the model's own, nats"),
    ("active-units", "latent dimensions whose posterior mean varies"),
    ("mi", "mutual information of x and z under the encoder, nats"),
    ("mmd-prior", "squared MMD of the codes to the prior"),
    ("logdet", "log det of the codes' covariance by dimension"),
    ("probe:linear|svm|knn[:N]", "error of a classifier of codes, from N labels"),
    ("fid", "Frechet distance of samples to data in the features of --features"),
    ("kid", "kernel distance of the same"),
    ("prdc", "precision, recall, density and coverage of the same"),
    ("is", "Inception score of samples"),
    ("class-ce", "cross entropy of the samples' classes under the data's, nats"),
    ("memorization", "whether samples lie nearer to the training set than held-out data"),
    ("error", "share of examples that a model with classes classifies wrongly"),
    ("ece", "expected calibration error of its probabilities"),
    ("confusion", "how often each class is taken for each"),
  ]

  /// Those that are a mean of one number per example and need a posterior with a density.
  public var isBound: Bool {
    switch self {
    case .elbo, .iwae, .kl, .reconstruction, .bitsPerDimension: true
    default: false
    }
  }

  /// Whether it looks at predicted classes alone, so that a model that draws nothing has it too.
  public var isOfClasses: Bool {
    switch self {
    case .classificationError, .calibration, .confusion: true
    default: false
    }
  }

  /// Whether it looks at images through a feature network.
  public var needsFeatures: Bool {
    switch self {
    case .frechetDistance, .kernelDistance, .neighbourhoods, .inceptionScore, .classCrossEntropy: true
    default: false
    }
  }

  /// Reads `elbo`, `elbo:10`, `iwae:5000`, `bpd:100`, `probe:svm:1000` and the other names of `known`.
  public init(_ text: String) throws(MetricError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    if let metric = try Self.probe(parts.map(String.init), text) ?? Self.plain[text] {
      self = metric
      return
    }
    var samples: Int?
    if parts.count == 2 {
      guard let count = Int(parts[1]), (1...1_000_000).contains(count) else {
        throw MetricError("metric '\(text)': expected 1 to 1000000 samples, got '\(parts[1])'")
      }
      samples = count
    }
    switch (parts.count <= 2 ? String(parts[0]) : text, samples) {
    case ("elbo", _): self = .elbo(samples: samples ?? 1)
    case ("iwae", let count?): self = .iwae(samples: count)
    case ("kl", nil): self = .kl
    case ("reconstruction", nil): self = .reconstruction
    case ("bpd", _): self = .bitsPerDimension(samples: samples ?? 1)
    default:
      let names = Self.known.map(\.name).joined(separator: ", ")
      throw MetricError("unknown metric '\(text)'; there are \(names)")
    }
  }

  private static let plain: [String: Metric] = [
    "ais": .annealed, "bdmc": .annealingGap, "active-units": .activeUnits, "mi": .mutualInformation,
    "mmd-prior": .priorMMD, "logdet": .logDetCovariance, "fid": .frechetDistance, "kid": .kernelDistance,
    "prdc": .neighbourhoods, "is": .inceptionScore, "class-ce": .classCrossEntropy, "memorization": .memorization,
    "error": .classificationError, "ece": .calibration, "confusion": .confusion,
  ]

  private static func probe(_ parts: [String], _ text: String) throws(MetricError) -> Metric? {
    guard parts[0] == "probe" else { return nil }
    guard (2...3).contains(parts.count), let probe = Probe(rawValue: parts[1]) else {
      throw MetricError("metric '\(text)': expected probe:linear, probe:svm or probe:knn")
    }
    guard parts.count == 3 else { return .probe(probe, labels: nil) }
    guard let labels = Int(parts[2]), (2...1_000_000).contains(labels) else {
      throw MetricError("metric '\(text)': expected 2 to 1000000 labels, got '\(parts[2])'")
    }
    return .probe(probe, labels: labels)
  }

  /// The name as it is asked for.
  public var name: String {
    switch self {
    case .elbo(let samples): samples == 1 ? "elbo" : "elbo:\(samples)"
    case .iwae(let samples): "iwae:\(samples)"
    case .kl: "kl"
    case .reconstruction: "reconstruction"
    case .bitsPerDimension(let samples): samples == 1 ? "bpd" : "bpd:\(samples)"
    case .probe(let probe, let labels): "probe:\(probe.rawValue)" + (labels.map { ":\($0)" } ?? "")
    default: Self.plain.first { $0.value == self }!.key
    }
  }

  /// Draws of a code for each example, where the metric says how many.
  public var drawn: Int? {
    switch self {
    case .elbo(let samples), .iwae(let samples), .bitsPerDimension(let samples): samples
    default: nil
    }
  }

  /// The unit of its values.
  public var unit: String {
    switch self {
    case .bitsPerDimension: "bits/dimension"
    case .elbo, .iwae, .kl, .reconstruction, .annealed, .annealingGap, .mutualInformation, .classCrossEntropy: "nats"
    case .logDetCovariance: "nats/dimension"
    case .activeUnits: "units"
    case .probe, .classificationError, .confusion: "error rate"
    case .frechetDistance, .kernelDistance, .neighbourhoods, .inceptionScore, .priorMMD, .memorization, .calibration:
      "1"
    }
  }
}

/// A metric that is not known, does not fit the model, or is not defined for an array.
public struct MetricError: Error, Equatable, CustomStringConvertible {
  /// One line for people: what was measured, what was expected, what came.
  public let description: String

  /// An error with this message.
  public init(_ description: String) { self.description = description }
}

/// A mean over examples with its standard error.
public struct Estimate: Equatable, Sendable {
  /// The mean over the examples.
  public let mean: Double
  /// The standard deviation over the examples divided by the root of their number; NaN for one example.
  public let standardError: Double
  /// How many examples.
  public let count: Int

  /// The mean and standard error of one number per example.
  public init(_ values: [Double]) {
    count = values.count
    let mean = values.reduce(0, +) / Double(count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    standardError = (squares / Double(count - 1) / Double(count)).squareRoot()
  }
}
