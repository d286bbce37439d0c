import Foundation
import Torch

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
  let own = x.array(Double.self)
  let (first, second) = (KDTree(own, dimension: d), KDTree(y.array(Double.self), dimension: d))
  let chunk = 64
  var logs = [Double](repeating: 0, count: n)
  logs.withUnsafeMutableBufferPointer { logs in
    // Every iteration writes rows of its own.
    nonisolated(unsafe) let logs = logs
    DispatchQueue.concurrentPerform(iterations: (n + chunk - 1) / chunk) { part in
      for row in part * chunk..<min(n, (part + 1) * chunk) {
        let query = Array(own[row * d..<(row + 1) * d])
        let rho = first.distance(toNeighbour: k, of: query, excluding: row)
        let nu = second.distance(toNeighbour: k, of: query)
        logs[row] = rho > 0 && nu > 0 ? log(nu) - log(rho) : .nan
      }
    }
  }
  if let row = logs.firstIndex(where: \.isNaN) {
    throw MetricError(
      "kl-knn: row \(row) of x equals \(k) or more other rows of x or of y, and a distance of 0 has no logarithm; "
        + "remove the duplicates or take a larger k")
  }
  return Double(d) / Double(n) * logs.reduce(0, +) + log(Double(m) / Double(n - 1))
}
