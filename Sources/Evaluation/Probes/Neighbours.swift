import Torch

/// The nearest rows of each query, nearest first; equal distances in the order of the rows.
struct Neighbours {
  /// How many of each query.
  let k: Int
  /// Row numbers, query by query.
  let indices: [Int]
  /// Squared Euclidean distances, query by query.
  let squaredDistances: [Double]

  /// Queries by rows in one block of distances: 2^22 doubles are 32 MiB.
  private static let blockElements = 1 << 22

  /// Candidates beyond `k` whose distances are worked out exactly.
  ///
  /// |a|^2 + |b|^2 - 2ab loses digits where a and b are close together and far from the origin; it only proposes.
  private static let spare = 8

  /// The `k` nearest of `rows` `[n, d]` to each of `queries` `[m, d]`, both float64.
  ///
  /// - Parameter skipsSelf: whether queries and rows are the same, and none is its own neighbour.
  init(of queries: Tensor, among rows: Tensor, k: Int, skipsSelf: Bool = false) {
    let (m, n) = (queries.size(0), rows.size(0))
    precondition(k >= 1 && k <= (skipsSelf ? n - 1 : n), "Neighbours: \(k) of \(n)")
    let candidates = min(n, k + Self.spare + (skipsSelf ? 1 : 0))
    var indices: [Int] = []
    var distances: [Double] = []
    indices.reserveCapacity(m * k)
    distances.reserveCapacity(m * k)
    forEachDistanceBlock(queries, rows, elements: Self.blockElements) { range, block in
      let proposed = block.top(candidates, axis: 1, largest: false).indices  // [b, candidates]
      let gaps = rows.rows(proposed) - queries.narrowed(0, range).unsqueezed(1)  // [b, candidates, d]
      let exact = gaps.square().sum(2).array(Double.self)
      let numbers = proposed.array(Int64.self)
      for (i, query) in range.enumerated() {
        var found: [(distance: Double, index: Int)] = []
        for c in i * candidates..<(i + 1) * candidates where !(skipsSelf && Int(numbers[c]) == query) {
          found.append((exact[c], Int(numbers[c])))
        }
        found.sort { $0 < $1 }
        for (distance, index) in found.prefix(k) {
          indices.append(index)
          distances.append(distance)
        }
      }
    }
    self.k = k
    self.indices = indices
    squaredDistances = distances
  }
}

/// Calls `body` with squared Euclidean distances `[block, n]` of consecutive queries to all `rows`.
///
/// Both are centred on the mean of `rows` first, without which a common offset would cost digits.
func forEachDistanceBlock(
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
