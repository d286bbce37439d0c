import Foundation

/// Whether chains agree, and how many independent draws theirs are worth, for one number of their states.
///
/// Chains of which none moves tell nothing of how fast they move, so that their effective sample sizes are NaN, where
/// ArviZ counts every draw. R-hat is NaN if all are stuck at one value, and infinite if they are stuck at several. All
/// numbers are NaN where a draw is not finite. As text they are then `undefined`, in JSON null. This file needs
/// Foundation alone and compiles by itself.
///
/// - Source: Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021; details as in ArviZ.
public struct Convergence: Equatable, Sendable {
  /// The larger of the split R-hat of rank-normalized draws and that of their distances from the median; at most 1.01
  /// is wanted. NaN for draws that do not vary.
  public let rHat: Double
  /// The effective sample size of the rank-normalized split chains: for means and medians.
  public let bulkESS: Double
  /// The smaller effective sample size of the 5 % and the 95 % quantile.
  public let tailESS: Double
  /// The effective sample size for the mean, of the draws as they are.
  public let meanESS: Double

  /// - Parameter chains: draws of each chain, all equally many, at least 4.
  public init(_ chains: [[Double]]) {
    precondition(
      !chains.isEmpty && chains.allSatisfy { $0.count == chains[0].count } && chains[0].count >= 4,
      "Convergence: expected chains of equal length, at least 4, got \(chains.map(\.count))")
    let halves = split(chains)
    guard halves.joined().allSatisfy(\.isFinite) else {
      (rHat, bulkESS, tailESS, meanESS) = (.nan, .nan, .nan, .nan)
      return
    }
    let isStuck = zip(halves.prefix(chains.count), halves.suffix(chains.count)).allSatisfy { first, last in
      (first + last).allSatisfy { $0 == first[0] }
    }
    func effectiveSampleSize(_ chains: [[Double]]) -> Double { isStuck ? .nan : worth(of: chains) }
    let ranked = rankNormalized(halves)
    let median = quantile(chains.flatMap { $0 }, 0.5)
    let folded = rankNormalized(halves.map { $0.map { abs($0 - median) } })
    rHat = max(potentialScaleReduction(ranked), potentialScaleReduction(folded))
    bulkESS = effectiveSampleSize(ranked)
    meanESS = effectiveSampleSize(halves)
    tailESS = [0.05, 0.95].map { probability in
      let limit = quantile(chains.flatMap { $0 }, probability)
      return effectiveSampleSize(halves.map { $0.map { $0 <= limit ? 1 : 0 } })
    }.min()!
  }
}

extension Convergence: CustomStringConvertible {
  /// One line: `R-hat 1.002, bulk ESS 812, tail ESS 640, mean ESS 805`.
  public var description: String {
    func text(_ value: Double, _ format: String) -> String {
      value.isFinite ? String(format: format, value) : "undefined"
    }
    let sizes = [("bulk", bulkESS), ("tail", tailESS), ("mean", meanESS)]
    return "R-hat \(text(rHat, "%.3f"))" + sizes.map { ", \($0) ESS \(text($1, "%.0f"))" }.joined()
  }
}

extension Convergence: Encodable {
  private enum Key: String, CodingKey { case rHat, bulkESS, tailESS, meanESS }

  /// Numbers by name; null for one that is undefined, as JSON has neither NaN nor infinities.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for (key, value) in [(Key.rHat, rHat), (.bulkESS, bulkESS), (.tailESS, tailESS), (.meanESS, meanESS)] {
      try container.encode(value.isFinite ? value : nil, forKey: key)
    }
  }
}

/// First and last halves, without the middle draw of odd lengths.
private func split(_ chains: [[Double]]) -> [[Double]] {
  chains.map { Array($0.prefix($0.count / 2)) } + chains.map { Array($0.suffix($0.count / 2)) }
}

/// The linear interpolation of order statistics.
private func quantile(_ values: [Double], _ probability: Double) -> Double {
  let sorted = values.sorted()
  let place = probability * Double(sorted.count - 1)
  let low = Int(place)
  let high = min(low + 1, sorted.count - 1)
  return sorted[low] + (sorted[high] - sorted[low]) * (place - Double(low))
}

private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

private func variance(_ values: [Double]) -> Double {
  let centre = mean(values)
  return values.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(values.count - 1)
}

/// Normal scores of the ranks among all draws; ties share their mean rank. Vehtari et al. 2021, Eq. 14.
private func rankNormalized(_ chains: [[Double]]) -> [[Double]] {
  let all = chains.flatMap { $0 }
  let order = all.indices.sorted { all[$0] < all[$1] }
  var scores = [Double](repeating: 0, count: all.count)
  var start = 0
  while start < order.count {
    var end = start + 1
    while end < order.count, all[order[end]] == all[order[start]] { end += 1 }
    let rank = Double(start + 1 + end) / 2
    let score = normalQuantile((rank - 3.0 / 8) / (Double(all.count) + 1.0 / 4))
    for place in start..<end { scores[order[place]] = score }
    start = end
  }
  let length = chains[0].count
  return chains.indices.map { Array(scores[$0 * length..<($0 + 1) * length]) }
}

/// Gelman & Rubin's ratio of the pooled to the mean within-chain deviation. Vehtari et al. 2021, Eqs. 1-4.
private func potentialScaleReduction(_ chains: [[Double]]) -> Double {
  let count = Double(chains[0].count)
  let between = count * variance(chains.map(mean))
  let within = mean(chains.map(variance))
  return ((between / within + count - 1) / count).squareRoot()
}

/// Draws over their autocorrelation time, by Geyer's initial monotone sequence; all draws where these do not vary, as
/// whether one lies beyond a quantile of ties. Vehtari et al. 2021, Eqs. 10-13.
private func worth(of chains: [[Double]]) -> Double {
  let (count, length) = (chains[0].count, Double(chains[0].count))
  let all = chains.flatMap { $0 }
  let total = Double(all.count)
  if all.max()! == all.min()! { return total }
  let centred = chains.map { chain in chain.map { [centre = mean(chain)] in $0 - centre } }
  /// The mean over chains of the autocovariance, divisor n.
  func autocovariance(_ lag: Int) -> Double {
    mean(centred.map { chain in (0..<count - lag).reduce(0) { $0 + chain[$1] * chain[$1 + lag] } / length })
  }
  let within = autocovariance(0) * length / (length - 1)
  let pooled = within * (length - 1) / length + variance(chains.map(mean))
  func correlation(_ lag: Int) -> Double { 1 - (within - autocovariance(lag)) / pooled }

  var rho = [1, correlation(1)]
  var pair = (even: rho[0], odd: rho[1])
  var lag = 1
  while lag < count - 3, pair.even + pair.odd > 0 {
    pair = (correlation(lag + 1), correlation(lag + 2))
    rho += pair.even + pair.odd >= 0 ? [pair.even, pair.odd] : [0, 0]
    lag += 2
  }
  let last = lag - 2
  // An even lag that is positive by itself improves the estimate for chains of negative correlation.
  if pair.even > 0 { rho[last + 1] = pair.even }
  for t in stride(from: 1, through: last - 2, by: 2) where rho[t + 1] + rho[t + 2] > rho[t - 1] + rho[t] {
    rho[t + 1] = (rho[t - 1] + rho[t]) / 2
    rho[t + 2] = rho[t + 1]
  }
  let time = -1 + 2 * rho.prefix(last + 1).reduce(0, +) + rho[last + 1]
  return total / max(time, 1 / log10(total))
}

/// The inverse of the standard normal distribution function.
///
/// Acklam's rational approximation (relative error 1e-9), then one step of Halley's method with erfc to rounding.
func normalQuantile(_ p: Double) -> Double {
  precondition(p > 0 && p < 1, "normalQuantile: expected a probability inside (0, 1), got \(p)")
  if p > 0.5 { return -normalQuantile(1 - p) }
  func polynomial(_ x: Double, _ coefficients: [Double]) -> Double { coefficients.reduce(0) { $0 * x + $1 } }
  let start: Double
  if p < 0.02425 {
    let q = (-2 * log(p)).squareRoot()
    start =
      polynomial(
        q,
        [
          -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838, -2.549732539343734, 4.374664141464968,
          2.938163982698783,
        ])
      / polynomial(
        q, [7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996, 3.754408661907416, 1])
  } else {
    let q = p - 0.5
    start =
      q
      * polynomial(
        q * q,
        [
          -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
          -3.066479806614716e+01, 2.506628277459239,
        ])
      / polynomial(
        q * q,
        [
          -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
          -1.328068155288572e+01, 1,
        ])
  }
  let error = 0.5 * erfc(-start / 2.0.squareRoot()) - p
  let step = error * (2 * Double.pi).squareRoot() * exp(start * start / 2)
  return start - step / (1 + start * step / 2)
}
