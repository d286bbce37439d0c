import Foundation
import Torch

/// Squared Euclidean distances of the rows of two matrices: fast ones by matrix products, and exact ones pair by pair.
///
/// |a|^2 + |b|^2 - 2 a.b of centred rows costs one product a pair and loses digits where a and b are close together.
/// The error has a bound, so that who compares distances knows which pairs need the sum of squared differences. As the
/// bound takes care of them, products are in single precision, of rows scaled so that no number is above 1.
struct PairDistances: @unchecked Sendable {
  private let (queries, rows): (Tensor, Tensor)
  /// Centred, scaled queries times -2, and centred, scaled rows.
  private let (left, right): (Tensor, Tensor)
  /// Their squared norms.
  private let (leftSquares, rightSquares): ([Double], [Float])
  /// What a fast distance is multiplied by to be a squared distance.
  let squaredScale: Double
  /// What a squared norm is multiplied by in the bound.
  private let unit: Double
  private let largest: Double

  /// Distances of `queries` `[m, d]` to `rows` `[n, d]`, both float64.
  init(_ queries: Tensor, _ rows: Tensor) {
    (self.queries, self.rows) = (queries.contiguous(), rows.contiguous())
    let mean = rows.mean(0, keepAxes: true)
    let centred = (queries: queries - mean, rows: rows - mean)
    let most = max(centred.queries.abs().max().item(), centred.rows.abs().max().item())
    // A power of two rounds nothing.
    let scale = most > 0 && most.isFinite ? Double(sign: .plus, exponent: most.exponent + 1, significand: 1) : 1
    squaredScale = scale * scale
    right = (centred.rows * (1 / scale)).to(.float32)
    left = (centred.queries * (-2 / scale)).to(.float32)
    leftSquares = (left.to(.float64).square().sum(1) * 0.25).array()
    let squares = right.to(.float64).square().sum(1)
    rightSquares = squares.to(.float32).array()
    largest = squares.max().item()
    // A sum of d products is off by at most d halves of a unit in the last place of the sum of their sizes, which is
    // below |a|^2 + |b|^2. Rounding of rows, norms and sums adds a few more.
    unit = Double(rows.size(1) + 16) * Double(Float.ulpOfOne)
  }

  /// How far fast distances of a query may be from exact ones, and exact ones of another order of summation; in the
  /// unit of the fast ones.
  func slack(_ query: Int) -> Double { unit * (leftSquares[query] + largest) }

  /// The exact squared distance, the same for a pair in either order.
  func squaredDistance(_ query: Int, _ row: Int) -> Double {
    squaredDistances(query, [row])[0]
  }

  /// The exact squared distances of a query to some rows.
  func squaredDistances(_ query: Int, _ others: [Int]) -> [Double] {
    let d = rows.size(1)
    return queries.withElements(of: Double.self) { queries in
      rows.withElements(of: Double.self) { rows in
        guard let a = queries.baseAddress, let b = rows.baseAddress else { return [] }
        return others.map { Self.squaredDistance(a + query * d, b + $0 * d, d) }
      }
    }
  }

  private static func squaredDistance(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ d: Int) -> Double {
    var sums = SIMD4<Double>()
    var j = 0
    while j + 4 <= d {
      let gap = SIMD4(a[j], a[j + 1], a[j + 2], a[j + 3]) - SIMD4(b[j], b[j + 1], b[j + 2], b[j + 3])
      sums += gap * gap
      j += 4
    }
    var sum = sums.sum()
    while j < d {
      let gap = a[j] - b[j]
      sum += gap * gap
      j += 1
    }
    return sum
  }

  /// Queries and rows in a tile: half a MiB of distances, which a processor's cache holds. Products of long rows cost
  /// more than what is done with them, and are the faster the larger they are.
  var tile: (queries: Int, rows: Int) { (isLong ? 1024 : 128, 1024) }

  /// Whether rows are so long that products are most of the work.
  var isLong: Bool { rows.size(1) >= 256 }

  /// Centred and scaled: queries `[m, d]`, and rows as columns `[d, n]`.
  func scaled() -> (queries: [Float], columns: [Float]) {
    ((left * -0.5).array(), right.transposed.contiguous().array())
  }

  /// Fast squared distances of some queries and rows, without `squaredScale`.
  struct Tile {
    let queries: Range<Int>
    let rows: Range<Int>
    fileprivate let products: UnsafePointer<Float>
    fileprivate let leftSquares: UnsafePointer<Double>
    fileprivate let rightSquares: UnsafePointer<Float>

    /// The squared norm of a query, which `parts` leaves out.
    func square(_ query: Int) -> Double { leftSquares[query] }

    /// Distances of a query to the rows of the tile, less its squared norm: the sums of two arrays.
    func parts(_ query: Int) -> (products: UnsafePointer<Float>, squares: UnsafePointer<Float>) {
      (products + (query - queries.lowerBound) * rows.count, rightSquares + rows.lowerBound)
    }
  }

  /// Works out the tile of `queries` and `rows`.
  func withTile<Result>(_ queries: Range<Int>, _ rows: Range<Int>, _ body: (Tile) throws -> Result) rethrows -> Result {
    try withTile(queries, rows, products: products(queries, rows), body)
  }

  /// Works out the tile of `queries` and `rows` of a set by itself, and the tile of `rows` and `queries` with it.
  func withTiles(_ queries: Range<Int>, _ rows: Range<Int>, _ body: (Tile) throws -> Void) rethrows {
    let products = products(queries, rows)
    try withTile(queries, rows, products: products, body)
    if queries != rows { try withTile(rows, queries, products: products.transposed.contiguous(), body) }
  }

  private func products(_ queries: Range<Int>, _ rows: Range<Int>) -> Tensor {
    left.narrowed(0, queries).matmul(right.narrowed(0, rows).transposed)
  }

  private func withTile<Result>(
    _ queries: Range<Int>, _ rows: Range<Int>, products: Tensor, _ body: (Tile) throws -> Result
  ) rethrows -> Result {
    try products.withElements(of: Float.self) { products in
      try leftSquares.withUnsafeBufferPointer { leftSquares in
        try rightSquares.withUnsafeBufferPointer { rightSquares in
          guard let products = products.baseAddress, let left = leftSquares.baseAddress,
            let right = rightSquares.baseAddress
          else { preconditionFailure("PairDistances: an empty tile \(queries) by \(rows)") }
          return try body(
            Tile(queries: queries, rows: rows, products: products, leftSquares: left, rightSquares: right))
        }
      }
    }
  }
}
