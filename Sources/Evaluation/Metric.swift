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

  /// Names with their default and an explanation, for help and messages.
  public static let known: [(name: String, meaning: String)] = [
    ("elbo", "evidence lower bound, nats (elbo:K averages K draws)"),
    ("iwae:K", "importance-weighted bound with K draws, nats"),
    ("kl", "KL of the posterior to the prior, nats"),
    ("reconstruction", "expected negative log likelihood of x given its code, nats"),
    ("bpd:K", "bits per dimension, by the importance-weighted bound with K draws"),
  ]

  /// Reads `elbo`, `elbo:10`, `iwae:5000`, `kl`, `reconstruction`, `bpd`, `bpd:100`.
  public init(_ text: String) throws(MetricError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
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

  /// The name as it is asked for.
  public var name: String {
    switch self {
    case .elbo(let samples): samples == 1 ? "elbo" : "elbo:\(samples)"
    case .iwae(let samples): "iwae:\(samples)"
    case .kl: "kl"
    case .reconstruction: "reconstruction"
    case .bitsPerDimension(let samples): samples == 1 ? "bpd" : "bpd:\(samples)"
    }
  }

  /// The unit of its values.
  public var unit: String {
    if case .bitsPerDimension = self { "bits/dimension" } else { "nats" }
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
