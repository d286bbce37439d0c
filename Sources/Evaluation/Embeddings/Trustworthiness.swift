import Torch

/// How far the `k` nearest neighbours in `y` are neighbours in `x` as well; 1 is best, chance is about 0.5.
///
/// T = 1 - 2 / (n k (2n - 3k - 1)) sum over i and the k neighbours j of i in y of max(0, r(i, j) - k), where r(i, j) is
/// the rank of j among the others by distance to i in `x`; at equal distances the better rank counts.
///
/// - Parameter x: the original rows, `[n, d]`.
/// - Parameter y: their images, `[n, e]`.
/// - Source: Venna & Kaski 2001, Eq. 1.
public func trustworthiness(original x: Tensor, embedded y: Tensor, k: Int) throws(MetricError) -> Double {
  let x = try finiteRows(x, name: "trustworthiness")
  let y = try finiteRows(y, name: "trustworthiness")
  let n = x.size(0)
  guard y.size(0) == n else {
    throw MetricError("trustworthiness: expected an embedding of all \(n) rows, got \(y.size(0))")
  }
  guard k >= 1, 2 * k < n else {
    throw MetricError("trustworthiness: expected k from 1 to below half of the \(n) rows, got \(k)")
  }
  let neighbours = Neighbours(of: y, among: y, k: k, skipsSelf: true)
  let chosen = Tensor(neighbours.indices.map(Int64.init), shape: [n, k])
  let columns = Tensor.range(n).unsqueezed(0)  // [1, n]
  var penalty = 0.0
  forEachDistanceBlock(x, x) { range, block in
    let own = Tensor.range(n).narrowed(0, range).unsqueezed(1)  // [b, 1]
    let distances = (columns .== own).select(Tensor.full([1, 1], .infinity, dtype: .float64), block)
    let chosen = chosen.narrowed(0, range)
    let thresholds = distances.taken(chosen, along: 1)  // [b, k]
    for j in 0..<k {
      let closer = (distances .< thresholds.narrowed(1, j..<j + 1)).sum(1)  // [b], the rank less one
      penalty += (closer.to(.float64) + Double(1 - k)).relu().sum().item()
    }
  }
  return 1 - penalty * 2 / (Double(n * k) * Double(2 * n - 3 * k - 1))
}

/// Calls `body` with squared Euclidean distances `[block, n]` of consecutive queries to all `rows`.
///
/// Both are centred on the mean of `rows` first, without which a common offset would cost digits.
private func forEachDistanceBlock(
  _ queries: Tensor, _ rows: Tensor, elements: Int = 1 << 22, _ body: (Range<Int>, Tensor) -> Void
) {
  let (m, n) = (queries.size(0), rows.size(0))
  let mean = rows.mean(0, keepAxes: true)
  let (q, r) = (queries - mean, rows - mean)
  let squares = r.square().sum(1)  // [n]
  let length = max(1, elements / max(1, n * max(1, 1 + rows.size(1) / 64)))
  for start in stride(from: 0, to: m, by: length) {
    let range = start..<min(m, start + length)
    let block = q.narrowed(0, range)
    body(range, (squares - block.matmul(r.transposed) * 2) + block.square().sum(1, keepAxes: true))
  }
}
