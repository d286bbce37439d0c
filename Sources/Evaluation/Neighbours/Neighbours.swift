import Foundation
import Torch

/// The nearest rows of each query, nearest first; equal distances in the order of the rows.
///
/// They are exact: matrix products propose candidates, more than enough of them, and sums of squared differences decide.
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
    } else {
      let parts = blocks(of: m, size: pairs.tile.queries)
      var nearest = [[Candidates.Row]](repeating: [], count: parts.count)
      nearest.withUnsafeMutableBufferPointer { nearest in
        nonisolated(unsafe) let nearest = nearest
        // Long rows share the threads within a product, short ones have a thread for each block.
        Runtime.parallel(parts.count, grain: pairs.isLong ? parts.count : 1) { range in
          for part in range {
            let block = parts[part]
            var candidates = block.map { Candidates(k: k, slack: pairs.slack($0), skipped: skipsSelf ? $0 : nil) }
            for columns in blocks(of: n, size: pairs.tile.rows) {
              pairs.withTile(block, columns) { candidates.take($0, first: block.lowerBound) }
            }
            nearest[part] = candidates.nearest(pairs, first: block.lowerBound)
          }
        }
      }
      found = nearest.flatMap { $0 }
    }
    (self.k, indices, squaredDistances) = (k, found.map(\.index), found.map(\.distance))
  }
}

/// The candidates of queries `first`, `first + 1`, ...; every piece of work has queries of its own.
extension [Candidates] {
  fileprivate mutating func take(_ tile: PairDistances.Tile, first: Int) {
    withUnsafeMutableBufferPointer { candidates in
      nonisolated(unsafe) let (candidates, tile) = (candidates, tile)
      Runtime.parallel(tile.queries.count, grain: piece) { places in
        for query in places.map({ tile.queries.lowerBound + $0 }) { candidates[query - first].take(tile, query: query) }
      }
    }
  }

  /// All neighbours, query by query.
  fileprivate mutating func nearest(_ pairs: PairDistances, first: Int) -> [Candidates.Row] {
    var nearest = [[Candidates.Row]](repeating: [], count: count)
    withUnsafeMutableBufferPointer { candidates in
      nearest.withUnsafeMutableBufferPointer { nearest in
        nonisolated(unsafe) let (candidates, nearest) = (candidates, nearest)
        Runtime.parallel(candidates.count, grain: piece) { places in
          for place in places { nearest[place] = candidates[place].nearest(pairs, query: first + place) }
        }
      }
    }
    return nearest.flatMap { $0 }
  }
}

/// Queries that are worth a thread.
private let piece = 32

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
    var bound = limit - own
    var j = 0
    while j + 8 <= count {
      let gaps = UnsafeRawPointer(products + j).loadUnaligned(as: SIMD8<Double>.self)
        + UnsafeRawPointer(squares + j).loadUnaligned(as: SIMD8<Double>.self)
      // Not "any below", so that what overflowed to NaN counts as a candidate.
      if !all(gaps .> bound) {
        for lane in 0..<8 where !(gaps[lane] > bound) { add(gaps[lane] + own, first + j + lane) }
        bound = limit - own
      }
      j += 8
    }
    while j < count {
      let gap = products[j] + squares[j]
      if !(gap > bound) { add(gap + own, first + j) }
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
