import Foundation
import Torch

/// The nearest rows of each query, nearest first; equal distances in the order of the rows.
///
/// They are exact: single precision proposes candidates, more than enough of them, and double precision decides.
struct Neighbours {
  /// How many of each query.
  let k: Int
  /// Row numbers, query by query.
  let indices: [Int]
  /// Squared Euclidean distances, query by query.
  let squaredDistances: [Double]

  /// The distance of each query to its `k`-th neighbour.
  var radii: [Double] {
    stride(from: k - 1, to: squaredDistances.count, by: k).map { squaredDistances[$0].squareRoot() }
  }

  /// The `k` nearest of `rows` `[n, d]` to each of `queries` `[m, d]`, both float64.
  ///
  /// - Parameter skipsSelf: whether queries and rows are the same, and none is its own neighbour.
  init(of queries: Tensor, among rows: Tensor, k: Int, skipsSelf: Bool = false) {
    let (m, n) = (queries.size(0), rows.size(0))
    precondition(k >= 1 && k <= (skipsSelf ? n - 1 : n), "Neighbours: \(k) of \(n)")
    let pairs = PairDistances(queries, rows)
    let found: [Candidates.Row]
    if skipsSelf && pairs.isLong {
      // Every product serves both of its rows.
      var candidates = (0..<n).map { Candidates(k: k, slack: pairs.slack($0), skipped: $0) }
      let (above, diagonal) = triangle(0..<n, most: pairs.tile.rows)
      for (block, columns) in diagonal.map({ ($0, $0) }) + above {
        pairs.withTiles(block, columns) { candidates.take($0, first: 0) }
      }
      found = candidates.nearest(pairs, first: 0)
    } else if pairs.isLong {
      found = pairBlocks(m, size: pairs.tile.queries).flatMap { block in
        var candidates = block.map { Candidates(k: k, slack: pairs.slack($0), skipped: skipsSelf ? $0 : nil) }
        for columns in pairBlocks(n, size: pairs.tile.rows) {
          pairs.withTile(block, columns) { candidates.take($0, first: block.lowerBound) }
        }
        return candidates.nearest(pairs, first: block.lowerBound)
      }
    } else {
      found = Self.ofShortRows(pairs, k: k, queries: m, rows: n, skipsSelf: skipsSelf)
    }
    (self.k, indices, squaredDistances) = (k, found.map(\.index), found.map(\.distance))
  }
}

/// Every block of queries on a thread of its own.
extension Neighbours {
  private static func ofShortRows(
    _ pairs: PairDistances, k: Int, queries: Int, rows: Int, skipsSelf: Bool
  ) -> [Candidates.Row] {
    let (points, columns) = pairs.scaled()
    let parts = pairBlocks(queries, size: 64)
    var nearest = [[Candidates.Row]](repeating: [], count: parts.count)
    nearest.withUnsafeMutableBufferPointer { nearest in
      nonisolated(unsafe) let nearest = nearest
      DispatchQueue.concurrentPerform(iterations: parts.count) { part in
        let block = parts[part]
        var candidates = block.map { Candidates(k: k, slack: pairs.slack($0), skipped: skipsSelf ? $0 : nil) }
        points.withUnsafeBufferPointer { points in
          columns.withUnsafeBufferPointer { columns in
            let d = points.count / queries
            // As many numbers as stay in a processor's cache while the block's queries pass over them.
            for range in pairBlocks(rows, size: max(16, 65_536 / d)) {
              for (place, query) in block.enumerated() {
                candidates[place].take(
                  columns, of: rows, range, query: UnsafeBufferPointer(rebasing: points[query * d..<(query + 1) * d]))
              }
            }
          }
        }
        nearest[part] = candidates.nearest(pairs, first: block.lowerBound)
      }
    }
    return nearest.flatMap { $0 }
  }
}

/// The candidates of queries `first`, `first + 1`, ...
extension [Candidates] {
  fileprivate mutating func take(_ tile: PairDistances.Tile, first: Int) {
    for query in tile.queries { self[query - first].take(tile, query: query) }
  }

  /// All neighbours, query by query.
  fileprivate mutating func nearest(_ pairs: PairDistances, first: Int) -> [Candidates.Row] {
    indices.flatMap { self[$0].nearest(pairs, query: first + $0) }
  }
}

/// The rows that may be among the `k` nearest of one query.
private struct Candidates {
  typealias Row = (distance: Double, index: Int)

  private let k: Int
  private let slack: Double
  private let skipped: Int
  /// Rows at no more than `limit`, by fast distances.
  private var rows: [Row] = []
  private var limit = Double.infinity
  private var room: Int

  /// - Parameter slack: the largest error of a fast distance.
  init(k: Int, slack: Double, skipped: Int?) {
    (self.k, self.slack, self.skipped) = (k, slack, skipped ?? -1)
    room = 2 * k + 32
    rows.reserveCapacity(room)
  }

  /// Looks through a tile.
  mutating func take(_ tile: PairDistances.Tile, query: Int) {
    let (products, squares) = tile.parts(query)
    let (own, first, count) = (tile.square(query), tile.rows.lowerBound, tile.rows.count)
    // Slack covers its rounding.
    var bound = Float(limit - own)
    var j = 0
    while j + 16 <= count {
      let gaps =
        UnsafeRawPointer(products + j).loadUnaligned(as: SIMD16<Float>.self)
        + UnsafeRawPointer(squares + j).loadUnaligned(as: SIMD16<Float>.self)
      // Not "any below", so that what overflowed to NaN counts as a candidate.
      if !all(gaps .> bound) {
        for lane in 0..<16 where !(gaps[lane] > bound) { add(Double(gaps[lane]) + own, first + j + lane) }
        bound = Float(limit - own)
      }
      j += 16
    }
    while j < count {
      let gap = products[j] + squares[j]
      if !(gap > bound) { add(Double(gap) + own, first + j) }
      j += 1
    }
  }

  /// Looks through some of `count` rows, which are given as columns.
  mutating func take(
    _ columns: UnsafeBufferPointer<Float>, of count: Int, _ range: Range<Int>, query: UnsafeBufferPointer<Float>
  ) {
    let base = UnsafeRawPointer(columns.baseAddress!)
    // Slack covers its rounding.
    var bound = Float(limit)
    var j = range.lowerBound
    while j + 16 <= range.upperBound {
      var (first, second) = (SIMD8<Float>(), SIMD8<Float>())
      for axis in query.indices {
        let place = base + 4 * (axis * count + j)
        let (a, b) = (
          place.loadUnaligned(as: SIMD8<Float>.self) - query[axis],
          (place + 32).loadUnaligned(as: SIMD8<Float>.self) - query[axis]
        )
        first += a * a
        second += b * b
      }
      // Not "any below", so that what overflowed to NaN counts as a candidate.
      if !(all(first .> bound) && all(second .> bound)) {
        for lane in 0..<16 {
          let distance = lane < 8 ? first[lane] : second[lane - 8]
          if !(distance > bound) { add(Double(distance), j + lane) }
        }
        bound = Float(limit)
      }
      j += 16
    }
    while j < range.upperBound {
      var distance: Float = 0
      for axis in query.indices {
        let gap = columns[axis * count + j] - query[axis]
        distance += gap * gap
      }
      if !(distance > bound) { add(Double(distance), j) }
      j += 1
    }
  }

  private mutating func add(_ distance: Double, _ index: Int) {
    if index == skipped { return }
    rows.append((distance, index))
    if rows.count > room { prune() }
  }

  /// Drops what is further than the k-th by more than both errors can explain.
  private mutating func prune() {
    rows.sort { $0.distance < $1.distance }
    limit = rows[k - 1].distance + 2 * slack
    rows.removeLast(rows.count - (rows.firstIndex { $0.distance > limit } ?? rows.count))
    // Rows at equal distances stay, however many: look again when there are twice as many.
    room = max(room, 2 * rows.count)
  }

  /// The k nearest, by exact distances.
  mutating func nearest(_ pairs: PairDistances, query: Int) -> [Row] {
    if rows.count > k { prune() }
    let exact = pairs.squaredDistances(query, rows.map(\.index))
    return Array(zip(exact, rows.map(\.index)).map { (distance: $0, index: $1) }.sorted { $0 < $1 }.prefix(k))
  }
}
