import Foundation
import Torch

/// How far each code stands for one factor of variation, and each factor is told by one code.
public struct Disentanglement {
  /// The mutual information gap, from 0 to 1.
  ///
  /// The mean over the factors v of (I(z1; v) - I(z2; v)) / H(v) for the codes z1 and z2 that know most about v.
  /// Chen et al. 2018, Eq. 6. Codes, and factors of more than 20 values, are cut into 20 equal
  /// bins from their least to their largest value. A single code has no second, whose information is then 0.
  public let mig: Double
  /// The separated attribute predictability, from 0 to 1.
  ///
  /// The mean over the factors of the gap between the two codes with the largest R^2 of a line through one code. Kumar
  /// et al. 2018, section 3; the paper takes a classifier's accuracy for factors that are categories, here R^2 for all.
  public let sap: Double
  /// 1 - the entropy, in base of the number of factors, of what each code is important for; weighted by importance.
  ///
  /// Eastwood & Williams 2018, section 2. The importance of a code is the size of its weight in a lasso of the
  /// standardized factor on the standardized codes.
  public let disentanglement: Double
  /// 1 - the entropy, in base of the number of codes, of what is important for each factor; weighted by importance.
  public let completeness: Double
  /// The mean over the factors of the lasso's R^2 on these same rows; the paper reports an error instead.
  public let informativeness: Double
  /// The sizes of the lasso's weights, `[codes][factors]`.
  public let importance: [[Double]]

  /// Equal bins between the least and the largest value of a continuous variable.
  public static let bins = 20
  /// The lasso's penalty, for the mean squared error halved, as scikit-learn has it.
  public static let defaultAlpha = 0.01

  /// Compares `codes` `[n, d]` with `factors` `[n, k]` of the same examples.
  public init(codes: Tensor, factors: Tensor, alpha: Double = Self.defaultAlpha) throws(MetricError) {
    let codes = try finiteRows(codes, atLeast: 2, name: "disentanglement")
    let factors = try finiteRows(factors, atLeast: 2, name: "disentanglement")
    guard codes.size(0) == factors.size(0) else {
      throw MetricError(
        "disentanglement: expected factors of all \(codes.size(0)) rows, got \(factors.size(0))")
    }
    guard alpha > 0, alpha.isFinite else { throw MetricError("disentanglement: expected alpha > 0, got \(alpha)") }
    let z = Self.columns(codes)
    let v = Self.columns(factors)
    if let constant = v.firstIndex(where: { Set($0).count == 1 }) {
      throw MetricError("disentanglement: expected factors that vary, got a constant in column \(constant)")
    }

    let zBins = z.map { Self.binned($0) }
    let vBins = v.map { Set($0).count <= Self.bins ? Self.ranked($0) : Self.binned($0) }
    mig = Self.mean(vBins.map { v in Self.gap(zBins.map { mutualInformation($0, v) }) / entropy(v) })

    let standardCodes = Self.columns(Standardization(codes)(codes))
    let standardFactors = Self.columns(Standardization(factors)(factors))
    sap = Self.mean(
      standardFactors.map { v in
        Self.gap(standardCodes.map { z in pow(zip(z, v).reduce(0) { $0 + $1.0 * $1.1 } / Double(z.count), 2) })
      })

    var byFactor: [[Double]] = []
    var explained: [Double] = []
    for v in standardFactors {
      let weights = Lasso(columns: standardCodes, target: v, alpha: alpha).weights
      var rest = v
      for (z, weight) in zip(standardCodes, weights) where weight != 0 {
        for i in rest.indices { rest[i] -= weight * z[i] }
      }
      explained.append(1 - rest.reduce(0) { $0 + $1 * $1 } / v.reduce(0) { $0 + $1 * $1 })
      byFactor.append(weights.map { abs($0) })
    }
    let byCode = z.indices.map { j in byFactor.map { $0[j] } }
    importance = byCode
    disentanglement = Self.concentration(byCode)
    completeness = Self.concentration(byFactor)
    informativeness = Self.mean(explained)
  }

  private static func columns(_ x: Tensor) -> [[Double]] {
    (0..<x.size(1)).map { x.narrowed(1, $0..<$0 + 1).array(Double.self) }
  }

  private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  /// The largest less the second largest, which is 0 if there is none.
  private static func gap(_ values: [Double]) -> Double {
    let sorted = values.sorted(by: >)
    return sorted[0] - (sorted.count > 1 ? sorted[1] : 0)
  }

  /// Every value's place among the distinct ones.
  private static func ranked(_ values: [Double]) -> [Int] {
    let rank = Dictionary(uniqueKeysWithValues: Set(values).sorted().enumerated().map { ($1, $0) })
    return values.map { rank[$0] ?? 0 }
  }

  /// Every value's bin among `bins` equal ones from the least to the largest value.
  private static func binned(_ values: [Double]) -> [Int] {
    guard let low = values.min(), let high = values.max(), high > low else { return values.map { _ in 0 } }
    // Halves, because the difference of the largest doubles overflows.
    let width = high / 2 - low / 2
    return values.map { min(bins - 1, Int(($0 / 2 - low / 2) / width * Double(bins))) }
  }

  /// 1 - the normalized entropy of each row, weighted by the rows' sums; 0 if all are 0, 1 for rows of one entry.
  private static func concentration(_ rows: [[Double]]) -> Double {
    let total = rows.reduce(0) { $0 + $1.reduce(0, +) }
    guard total > 0 else { return 0 }
    return rows.reduce(0) { result, row in
      let sum = row.reduce(0, +)
      guard sum > 0 else { return result }
      guard row.count > 1 else { return result + sum / total }
      let entropy = row.reduce(0) { $1 > 0 ? $0 - $1 / sum * log($1 / sum) : $0 }
      return result + sum / total * (1 - entropy / log(Double(row.count)))
    }
  }
}

/// The entropy of the frequencies of `values`, in nats.
func entropy<Value: Hashable>(_ values: [Value]) -> Double {
  var counts: [Value: Int] = [:]
  for value in values { counts[value, default: 0] += 1 }
  // Sorted, because the order of a dictionary differs from run to run and with it the rounding.
  return counts.values.sorted().reduce(0) {
    let p = Double($1) / Double(values.count)
    return $0 - p * log(p)
  }
}

/// I(a; b) = H(a) + H(b) - H(a, b) of the joint frequencies, in nats; never below 0.
func mutualInformation(_ a: [Int], _ b: [Int]) -> Double {
  let pairs = zip(a, b).map { [$0, $1] }
  return max(0, entropy(a) + entropy(b) - entropy(pairs))
}
