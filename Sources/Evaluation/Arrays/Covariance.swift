import Foundation
import Torch

/// log det of the covariance of the rows of `x` `[n, d]`, divided by d, in nats.
///
/// The covariance has the divisor n - 1. It is -infinity where the rows do not span d dimensions, as they cannot for
/// n <= d: eigenvalues below the rounding error of the largest count as zero. Zhao et al. 2019, section 4.2.1.
public func logDetCovariance(_ x: Tensor) throws(MetricError) -> Double {
  let (count, dimension) = (x.size(0), x.size(1))
  guard count >= 2, dimension >= 1 else {
    throw MetricError("logdet-cov: expected at least 2 rows of at least 1 number, got shape \(x.shape)")
  }
  let centred = x - x.mean(0, keepAxes: true)
  let scale = 1 / Double(count - 1).squareRoot()
  let values = (centred * scale).singularValues().square().array(Double.self)
  let largest = values.max() ?? 0
  let floor = largest * Double(max(count, dimension)) * Double.ulpOfOne
  if count <= dimension || values.contains(where: { $0 <= floor }) { return -.infinity }
  return values.reduce(0) { $0 + log($1) } / Double(dimension)
}
