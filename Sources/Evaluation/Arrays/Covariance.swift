import Foundation
import Torch

/// log det of the covariance of the rows of `x` `[n, d]`, divided by d, in nats.
///
/// The covariance has the divisor n - 1. It is -infinity where the rows do not span d dimensions, as they cannot for
/// n <= d: singular values of the centred rows below their rounding error count as zero. The squares of these values,
/// the eigenvalues, reach down to the square of that error only, so that comparing them would call codes singular whose
/// deviations differ by a factor of 1e6. Zhao et al. 2019, section 4.2.1.
public func logDetCovariance(_ x: Tensor) throws(MetricError) -> Double {
  let (count, dimension) = (x.size(0), x.size(1))
  guard count >= 2, dimension >= 1 else {
    throw MetricError("logdet-cov: expected at least 2 rows of at least 1 number, got shape \(x.shape)")
  }
  let centred = x - x.mean(0, keepAxes: true)
  let scale = 1 / Double(count - 1).squareRoot()
  let values = (centred * scale).singularValues().array(Double.self)
  // Rounding is relative to the largest of the values, and to that of the rows before they were centred.
  let largest = max(values.max() ?? 0, x.abs().max().item())
  let floor = largest * Double(max(count, dimension)) * Double.ulpOfOne
  if count <= dimension || values.contains(where: { $0 <= floor }) { return -.infinity }
  return values.reduce(0) { $0 + 2 * log($1) } / Double(dimension)
}
