import Evaluation
import Foundation
import Inference
import Torch

/// What inference for a density came to; as JSON a contract, in which what is not known is null.
public struct InferenceResult: Sendable, Equatable {
  /// The name of the density.
  public let target: String
  /// How draws were made.
  public let method: InferenceMethod
  /// The names of the coordinates.
  public let columns: [String]
  /// How many draws there are.
  public let samples: Int
  /// What is known of log Z by the fit.
  public let bound: Bound
  /// log of the integral of the density, where it is known: nats.
  public let logEvidence: Double?
  /// The split R-hat of ranks by column; nil without chains, or with fewer than four draws of each.
  public let rHat: [String: Double]?
  /// The bulk effective sample size by column.
  public let ess: [String: Double]?
  /// Divergences of chains after their warm-up.
  public let divergences: Int?
  /// KL(q, p) and KL(p, q) by nearest neighbours, from our draws q and those of the reference p: nats.
  public let klToReference, klFromReference: Double?
  /// Kolmogorov-Smirnov distances to the reference, of columns and of what is derived of them.
  public let ks: [String: Double]?
  /// The shares of the draws in each part of the space that the target tells apart.
  public let modes: [Mode]?
  /// Seconds of work.
  public let seconds: Double
  /// What a reader should know beside the numbers.
  public let notes: [String]

  /// The k of the neighbours.
  public static let neighbours = 1

  /// A lower bound of log Z, or an estimate of one.
  public struct Bound: Sendable, Equatable {
    /// nats; nil where there is none.
    public let value: Double?
    /// Over draws.
    public let standardError: Double?
    public let kind: Kind

    /// Where a bound comes from.
    public enum Kind: String, Sendable {
      /// From the density of q: a bound on average.
      case exact
      /// From a critic: an estimate of a bound, and none itself.
      case critic
      /// There is none.
      case none
    }
  }

  /// A part of the space and its share.
  public struct Mode: Sendable, Equatable, Encodable {
    public let name: String
    public let mass: Double
  }
}

extension InferenceResult: Encodable {
  private enum Key: String, CodingKey {
    case target, method, columns, samples, bound, ess, divergences, ks, modes, seconds
    case logEvidence = "log_evidence"
    case rHat = "rhat"
    case klToReference = "kl_to_reference"
    case klFromReference = "kl_from_reference"
  }

  private enum BoundKey: String, CodingKey {
    case value, kind
    case standardError = "standard_error"
  }

  /// Every key each time; null for what is not known or no number.
  public func encode(to encoder: any Encoder) throws {
    func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }
    func finite(_ values: [String: Double]?) -> [String: Double?]? { values?.mapValues { finite($0) } }
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(target, forKey: .target)
    try container.encode(method.rawValue, forKey: .method)
    try container.encode(columns, forKey: .columns)
    try container.encode(samples, forKey: .samples)
    var part = container.nestedContainer(keyedBy: BoundKey.self, forKey: .bound)
    try part.encode(finite(bound.value), forKey: .value)
    try part.encode(finite(bound.standardError), forKey: .standardError)
    try part.encode(bound.kind.rawValue, forKey: .kind)
    try container.encode(finite(logEvidence), forKey: .logEvidence)
    try container.encode(finite(rHat), forKey: .rHat)
    try container.encode(finite(ess), forKey: .ess)
    try container.encode(divergences, forKey: .divergences)
    try container.encode(finite(klToReference), forKey: .klToReference)
    try container.encode(finite(klFromReference), forKey: .klFromReference)
    try container.encode(finite(ks), forKey: .ks)
    try container.encode(modes, forKey: .modes)
    try container.encode(seconds, forKey: .seconds)
  }

  /// The JSON, with sorted keys.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

/// What work leaves for the result: its draws and what only it knows.
struct InferenceFindings {
  /// `[chains, draws, d]` of chains, which may have some too many, `[n, d]` of all else; finite.
  let draws: Tensor
  /// The draws that were asked for.
  let count: Int
  var bound = InferenceResult.Bound(value: nil, standardError: nil, kind: .none)
  var divergences: Int?
  var seconds = 0.0

  /// The draws, `[n, d]`.
  var rows: Tensor { draws.reshaped([-1, draws.size(-1)]).narrowed(0, 0..<count) }
}

extension InferenceResult {
  /// Measures draws of a target.
  ///
  /// - Parameter reference: draws of the normalized density, `[m, d]`, of which no two are equal.
  init(_ target: Target, _ method: InferenceMethod, _ found: InferenceFindings, reference: Tensor?) throws {
    let rows = found.rows.to(.float64)
    var notes: [String] = []
    self.target = target.name
    self.method = method
    columns = target.columns
    samples = rows.size(0)
    bound = found.bound
    logEvidence = target.logNormalizer
    let convergence = Self.convergence(found.draws)
    func byColumn(_ value: (Convergence) -> Double) -> [String: Double]? {
      convergence.map { Dictionary(zip(target.columns, $0.map(value))) { first, _ in first } }
    }
    (rHat, ess) = (byColumn(\.rHat), byColumn(\.bulkESS))
    divergences = found.divergences
    modes =
      target.modes.isEmpty
      ? nil : target.modes.map { Mode(name: $0.name, mass: $0.contains(rows).to(.float64).mean().item()) }
    if let reference {
      let distances = try Self.neighbourKLs(rows, reference, notes: &notes)
      (klToReference, klFromReference) = (distances?.to, distances?.from)
      ks = Self.distances(target, rows, reference)
    } else {
      (klToReference, klFromReference, ks) = (nil, nil, nil)
    }
    seconds = found.seconds
    self.notes = notes
  }

  /// Of every column of chains `[chains, draws, d]`; nil of other draws, and of few.
  private static func convergence(_ draws: Tensor) -> [Convergence]? {
    guard draws.rank == 3, draws.size(1) >= 4 else { return nil }
    return (0..<draws.size(2)).map { column in
      let values = draws.at(column, axis: 2)  // [chains, draws]
      return Convergence((0..<values.size(0)).map { values.at($0).array(Double.self) })
    }
  }

  /// Both directions; nil, with a note, where draws are repeated.
  private static func neighbourKLs(
    _ rows: Tensor, _ reference: Tensor, notes: inout [String]
  ) throws -> (to: Double, from: Double)? {
    guard rows.size(0) > neighbours else {
      notes.append("KL by nearest neighbours takes at least 2 draws, there is 1")
      return nil
    }
    if let row = equalRows(rows)?.second {
      notes.append(
        "KL by nearest neighbours is not defined: draw \(row) repeats another, as chains do that stay where they are; "
          + "a larger --thin helps")
      return nil
    }
    return (
      try neighbourKL(rows, reference, k: neighbours), try neighbourKL(reference, rows, k: neighbours)
    )
  }

  private static func distances(_ target: Target, _ rows: Tensor, _ reference: Tensor) -> [String: Double] {
    var found: [String: Double] = [:]
    for (column, name) in target.columns.enumerated() {
      found[name] = kolmogorovSmirnov(
        rows.at(column, axis: 1).array(Double.self), reference.at(column, axis: 1).array(Double.self))
    }
    for derived in target.derived {
      found[derived.name] = kolmogorovSmirnov(
        derived.value(rows).array(Double.self), derived.value(reference).array(Double.self))
    }
    return found
  }
}

/// The first row of `x` `[n, d]` that equals one before it, and that one; nil where all differ.
func equalRows(_ x: Tensor) -> (first: Int, second: Int)? {
  let width = x.size(1)
  let values = x.array(Double.self)
  var seen: [ArraySlice<Double>: Int] = [:]
  for row in 0..<x.size(0) {
    if let first = seen.updateValue(row, forKey: values[row * width..<(row + 1) * width]) { return (first, row) }
  }
  return nil
}
