import Foundation
import Torch

/// In more dimensions most boxes of a tree are near most points, and products of matrices are faster.
private let mostTreeDimensions = 6

/// An estimate of KL(p, q) in nats from draws `x` `[n, d]` of p and `y` `[m, d]` of q, by distances to k-th neighbours.
///
/// d/n sum_i log(nu_k(i) / rho_k(i)) + log(m / (n - 1)): rho_k is the distance from x_i to its k-th neighbour among the
/// other x, nu_k to that among the y. It can be negative. Distances of 0, which continuous densities do not give, have
/// no logarithm and are refused. Wang, Kulkarni & Verdu 2009, Eq. 14 with one k.
public func neighbourKL(_ x: Tensor, _ y: Tensor, k: Int = 1) throws(MetricError) -> Double {
  guard k >= 1 else { throw MetricError("kl-knn: expected k of at least 1, got \(k)") }
  try requireRows("kl-knn", "x", x, atLeast: k + 1)
  try requireRows("kl-knn", "y", y, atLeast: k)
  try requireSameWidth("kl-knn", x, y)
  let (n, m, d) = (x.size(0), y.size(0), x.size(1))
  let (own, other) =
    d <= mostTreeDimensions
    ? treeRadii(x, y, k: k)
    : (Neighbours(of: x, among: x, k: k, skipsSelf: true).radii, Neighbours(of: x, among: y, k: k).radii)
  let logs = zip(own, other).map { rho, nu in rho > 0 && nu > 0 ? log(nu) - log(rho) : .nan }
  if let row = logs.firstIndex(where: \.isNaN) {
    throw MetricError(
      "kl-knn: row \(row) of x equals \(k) or more other rows of x or of y, and a distance of 0 has no logarithm; "
        + "remove the duplicates or take a larger k")
  }
  return Double(d) / Double(n) * logs.reduce(0, +) + log(Double(m) / Double(n - 1))
}

/// The distances of every row of `x` to its `k`-th neighbours among the other rows of `x` and among those of `y`.
private func treeRadii(_ x: Tensor, _ y: Tensor, k: Int) -> (own: [Double], other: [Double]) {
  let (n, d) = (x.size(0), x.size(1))
  let points = x.array(Double.self)
  let (first, second) = (KDTree(points, dimension: d), KDTree(y.array(Double.self), dimension: d))
  let chunk = 64
  var own = [Double](repeating: 0, count: n)
  var other = own
  own.withUnsafeMutableBufferPointer { own in
    other.withUnsafeMutableBufferPointer { other in
      // Every iteration writes rows of its own.
      nonisolated(unsafe) let (own, other) = (own, other)
      DispatchQueue.concurrentPerform(iterations: (n + chunk - 1) / chunk) { part in
        for row in part * chunk..<min(n, (part + 1) * chunk) {
          let query = Array(points[row * d..<(row + 1) * d])
          own[row] = first.distance(toNeighbour: k, of: query, excluding: row)
          other[row] = second.distance(toNeighbour: k, of: query)
        }
      }
    }
  }
  return (own, other)
}
