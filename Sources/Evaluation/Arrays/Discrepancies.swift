import Foundation
import Probability
import Torch

/// The squared maximum mean discrepancy between the rows of `x` `[n, d]` and of `y` `[m, d]`.
///
/// mean k(x, x') + mean k(y, y') - 2 mean k(x, y), in blocks of pairs, so that memory does not grow with n m.
/// The pooled mean is subtracted first, which changes no distance and keeps their digits. Gretton et al. 2012,
/// Eqs. 3 and 5.
///
/// - Parameter estimator: `.biased` averages over all pairs; `.unbiased` leaves out pairs of a row with itself and can
///   be negative.
public func squaredMMD(
  _ x: Tensor, _ y: Tensor, kernel: RadialKernel, estimator: PairEstimator
) throws(MetricError) -> Double {
  let least = estimator == .unbiased ? 2 : 1
  try requireRows("mmd2", "x", x, atLeast: least)
  try requireRows("mmd2", "y", y, atLeast: least)
  try requireSameWidth("mmd2", x, y)
  switch kernel {
  case .gaussian(let sigma): try requirePositive("mmd2", "sigma", sigma)
  case .inverseQuadratic(let scale): try requirePositive("mmd2", "c", scale)
  case .inverseMultiquadric(let c, let beta):
    try requirePositive("mmd2", "c", c)
    try requirePositive("mmd2", "beta", beta)
  }
  let centre = Tensor.concatenated([x, y]).mean(0)
  let (x, y) = (x - centre, y - centre)
  let (own, others) = (NormedRows(x), NormedRows(y))
  func pairs(_ a: NormedRows, _ b: NormedRows) -> (Range<Int>, Range<Int>) -> Tensor {
    { rows, columns in
      let values = a.squaredDistances(rows, to: b, columns)
      kernel.applyInPlace(toSquaredDistances: values)
      return values
    }
  }
  func within(_ a: NormedRows, _ count: Int) -> Double {
    estimator.mean(
      offDiagonal: sumOverDifferentPairs(count, pairs(a, a)), diagonal: Double(count) * kernel.atZero, count: count)
  }
  let (n, m) = (x.size(0), y.size(0))
  return within(own, n) + within(others, m) - 2 * sumOverPairs(n, m, pairs(own, others)) / (Double(n) * Double(m))
}

/// The squared kernelized Stein discrepancy of the rows of `x` `[n, r]` to N(0, I): the mean of the
/// Stein kernel over pairs.
///
/// The base kernel is (1 + |u - u'|^2)^(-beta). In blocks of pairs. Liu, Lee & Jordan 2016; Gorham & Mackey 2017.
///
/// - Returns: the square, not its root; the unbiased estimate can be negative.
public func squaredKSD(_ x: Tensor, beta: Double, estimator: PairEstimator) throws(MetricError) -> Double {
  try requireRows("ksd", "x", x, atLeast: estimator == .unbiased ? 2 : 1)
  try requirePositive("ksd", "beta", beta)
  let (count, r) = (Double(x.size(0)), Double(x.size(1)))
  // At u = u' the Stein kernel is 2 beta r + |u|^2.
  let diagonal = 2 * beta * r * count + x.square().sum().item()
  let kernel = SteinBlocks(x, beta: beta)
  return estimator.mean(
    offDiagonal: sumOverDifferentPairs(x.size(0), kernel.callAsFunction), diagonal: diagonal, count: x.size(0))
}

/// Blocks of `steinKernel`, in place.
private struct SteinBlocks {
  private let x: Tensor
  private let normed: NormedRows
  private let beta: Double

  init(_ x: Tensor, beta: Double) {
    (self.x, self.beta) = (x, beta)
    normed = NormedRows(x - x.mean(0), offset: 1)
  }

  /// With t = 1 + s: t^-beta (u.v - 2 beta + i (2 beta (r + 1) - 4 beta (beta + 1) (1 - i))), i = 1 / t.
  func callAsFunction(_ rows: Range<Int>, _ columns: Range<Int>) -> Tensor {
    let r = Double(x.size(1))
    let values = normed.squaredDistances(rows, to: normed, columns, offset: 1)
    let inverse = values.pow(-1)
    values.powInPlace(-beta)
    let curvature = 4 * beta * (beta + 1)
    let result = inverse * curvature
    result.addInPlace(2 * beta * (r + 1) - curvature)
    result.multiplyInPlace(inverse)
    result.addInPlace(x.narrowed(0, rows).matmul(x.narrowed(0, columns).transposed))
    result.addInPlace(-2 * beta)
    result.multiplyInPlace(values)
    return result
  }
}

/// med^2 / log n, the bandwidth of Liu & Wang 2016, section 5, from the median distance between n particles.
public func medianBandwidth(_ x: Tensor) throws(MetricError) -> (bandwidth: Double, median: MedianDistance) {
  try requireRows("svgd", "x", x, atLeast: 2)
  let median = try MedianDistance(x)
  return (median.value * median.value / log(Double(x.size(0))), median)
}

/// The Stein variational direction of every particle towards N(0, I), `[n, d]`, in blocks of rows.
///
/// Liu & Wang 2016, Eq. 8, with the kernel exp(-r^2 / bandwidth).
public func steinDirections(_ x: Tensor, bandwidth: Double) throws(MetricError) -> Tensor {
  try requireRows("svgd", "x", x)
  try requirePositive("svgd", "bandwidth", bandwidth)
  return withoutGradients {
    // Blocks of the particles would need partial sums; 64 rows of 50,000 particles are 25 MB.
    Tensor.concatenated(
      stride(from: 0, to: x.size(0), by: 64).map { start in
        steinVariationalDirection(
          at: x.narrowed(0, start..<min(x.size(0), start + 64)), from: x, bandwidth: bandwidth)
      })
  }
}
