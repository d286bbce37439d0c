import Foundation
import Probability
import Torch

/// An estimate of I(x; z) under q(z|x) in nats: mean_i [log q(z_i|x_i) - log mean_j q(z_i|x_j)], j = i among them.
///
/// It is at most log n, so a larger information is not seen. Zhao et al. 2019, appendix B.2.
///
/// - Parameters:
///   - mean: means of the diagonal Gaussians q(z|x_i), `[n, d]`.
///   - logVariance: their log variances, `[n, d]`.
///   - z: one draw of each, `[n, d]`.
public func mutualInformation(mean: Tensor, logVariance: Tensor, z: Tensor) throws(MetricError) -> Double {
  for (name, array) in [("mu", mean), ("logvar", logVariance), ("z", z)] {
    try requireRows("mutual-information", name, array)
    guard array.shape == mean.shape else {
      throw MetricError("mutual-information: expected \(name) of the shape of mu, \(mean.shape), got \(array.shape)")
    }
  }
  let (n, d) = (z.size(0), z.size(1))
  let q = DiagonalGaussian(mean: mean, logScale: logVariance * 0.5)
  return withoutGradients {
    var total = q.logProb(z).sum().item()
    // Differences, not squares multiplied out: small variances would leave no digits. 2 MiB at a time, for the cache.
    let rows = max(1, 262_144 / (n * d))
    for start in stride(from: 0, to: n, by: rows) {
      let block = z.narrowed(0, start..<min(n, start + rows)).unsqueezed(1)  // [rows, 1, d]
      total -= q.logProb(block).logSumExp(1).sum().item()
    }
    return total / Double(n) + log(Double(n))
  }
}

/// The class cross entropy -sum_k y_k (log x_k - log y_k) in nats of a distribution over classes `x` under the true one
/// `y`, which is KL(y, x): 0 where they are equal. With the entropy of y added it is the cross entropy.
///
/// x and y are counts or probabilities `[k]` and are divided by their sums. +infinity where x misses a class that y
/// has. Zhao et al. 2019, section 4.2.1, take x from classified samples and y from the data.
public func classCrossEntropy(_ x: [Double], _ y: [Double]) throws(MetricError) -> (value: Double, entropy: Double) {
  guard x.count == y.count else {
    throw MetricError("class-ce: expected as many classes in x as in y, got \(x.count) and \(y.count)")
  }
  for (name, values) in [("x", x), ("y", y)] {
    guard values.allSatisfy({ $0 >= 0 && $0.isFinite }), values.reduce(0, +) > 0 else {
      throw MetricError("class-ce: expected \(name) of finite numbers of at least 0, not all of them 0")
    }
  }
  let (xTotal, yTotal) = (x.reduce(0, +), y.reduce(0, +))
  var (value, entropy) = (0.0, 0.0)
  for (x, y) in zip(x, y) where y > 0 {
    value -= y / yTotal * (log(x / xTotal) - log(y / yTotal))
    entropy -= y / yTotal * log(y / yTotal)
  }
  return (value, entropy)
}
