import Torch

/// The 1-Wasserstein distance of the rows of `x` `[n, d]` and `y` `[m, d]`, every row of a set with equal
/// mass; lower is better.
///
/// The least mean Euclidean distance over which one set can be carried to the other, in the unit of the rows. Exact up
/// to 1e-12 of the largest distance: sorted quantiles for d = 1, the network simplex method otherwise, whose memory is
/// 8 n m bytes.
///
/// - Source: Peyre & Cuturi 2019, Eqs. 2.11 and 2.30.
public func wasserstein1(_ x: Tensor, _ y: Tensor) throws(MetricError) -> Double {
  try checkRows("wasserstein1", x, y)
  let (x, y) = (x.to(.float64), y.to(.float64))
  if x.size(1) == 1 { return quantileDistance(x.array(Double.self), y.array(Double.self)) }
  return NetworkSimplex(costs: x.distances(to: y).array(Double.self), sources: x.size(0), targets: y.size(0)).cost
}

/// The area between two quantile functions, which is the 1-Wasserstein distance on the line.
private func quantileDistance(_ x: [Double], _ y: [Double]) -> Double {
  let (x, y) = (x.sorted(), y.sorted())
  // In units of 1 / (n m), every point of x has the mass m and every point of y the mass n.
  var (i, j, sum) = (0, 0, 0.0)
  var (leftOfX, leftOfY) = (y.count, x.count)
  while i < x.count && j < y.count {
    let mass = min(leftOfX, leftOfY)
    sum += abs(x[i] - y[j]) * Double(mass)
    leftOfX -= mass
    leftOfY -= mass
    if leftOfX == 0 { (i, leftOfX) = (i + 1, y.count) }
    if leftOfY == 0 { (j, leftOfY) = (j + 1, x.count) }
  }
  return sum / (Double(x.count) * Double(y.count))
}
