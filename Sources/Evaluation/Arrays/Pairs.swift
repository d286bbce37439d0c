import Probability
import Torch

/// Rows and columns of one block of pairs: 2 MiB of double precision, which a processor's cache holds.
private let pairBlock = 512

/// Ranges of `size` that cover `0..<count`.
func pairBlocks(_ count: Int, size: Int = pairBlock) -> [Range<Int>] { pairBlocks(0..<count, size: size) }

/// Ranges of `size` that cover `range`.
func pairBlocks(_ range: Range<Int>, size: Int) -> [Range<Int>] {
  stride(from: range.lowerBound, to: range.upperBound, by: size).map { $0..<min(range.upperBound, $0 + size) }
}

/// The blocks above the diagonal of `range` by itself, no side longer than `most`, and the blocks on the diagonal.
///
/// Halves of halves: a product of long rows is the faster the larger it is, and the blocks on the diagonal, of which
/// half is thrown away, are the smaller ones.
func triangle(_ range: Range<Int>, most: Int) -> (above: [(Range<Int>, Range<Int>)], diagonal: [Range<Int>]) {
  guard range.count > min(most, 256) else { return ([], [range]) }
  let middle = range.lowerBound + range.count / 2
  let (first, second) = (range.lowerBound..<middle, middle..<range.upperBound)
  let (left, right) = (triangle(first, most: most), triangle(second, most: most))
  let square = pairBlocks(first, size: most).flatMap { a in pairBlocks(second, size: most).map { (a, $0) } }
  return (square + left.above + right.above, left.diagonal + right.diagonal)
}

/// The sum of a function of pairs over all pairs of 0 ..< `rows` and 0 ..< `columns`; it gets blocks of both.
func sumOverPairs(
  _ rows: Int, _ columns: Int, block size: Int = pairBlock, _ function: (Range<Int>, Range<Int>) -> Tensor
) -> Double {
  withoutGradients {
    var total = 0.0
    for block in pairBlocks(0..<rows, size: size) {
      for other in pairBlocks(0..<columns, size: size) { total += function(block, other).sum().item() }
    }
    return total
  }
}

/// The sum of a symmetric function of pairs over all ordered pairs of two different numbers below `count`.
func sumOverDifferentPairs(
  _ count: Int, block size: Int = pairBlock, _ function: (Range<Int>, Range<Int>) -> Tensor
) -> Double {
  withoutGradients {
    let (above, diagonal) = triangle(0..<count, most: size)
    let whole = above.reduce(0.0) { $0 + function($1.0, $1.1).sum().item() }
    return diagonal.reduce(2 * whole) { $0 + withoutDiagonal(function($1, $1)).sum().item() }
  }
}

/// Rows beside their squared norms, so that one product of matrices gives squared distances.
struct NormedRows {
  /// [x, |x|^2, 1].
  private let left: Tensor
  /// [-2x, 1, |x|^2 + `offset`].
  private let right: Tensor

  /// - Parameter x: centred rows `[n, d]`; rounding errors are those of the largest norm.
  init(_ x: Tensor, offset: Double = 0) {
    let squares = x.square().sum(1, keepAxes: true)
    let ones = Tensor.ones([x.size(0), 1], dtype: x.dtype)
    left = Tensor.concatenated([x, squares, ones], axis: 1)
    right = Tensor.concatenated([x * -2, ones, squares + offset], axis: 1)
  }

  /// A new tensor of squared distances, of which none is below 0, plus the offset of `others`.
  func squaredDistances(_ rows: Range<Int>, to others: NormedRows, _ columns: Range<Int>, offset: Double = 0) -> Tensor
  {
    let squares = left.narrowed(0, rows).matmul(others.right.narrowed(0, columns).transposed)
    squares.clampInPlace(offset, .infinity)
    return squares
  }
}

/// The median distance between rows, and how many rows it was taken over.
public struct MedianDistance: Equatable, Sendable {
  /// The median over pairs i < j; of two middle values their mean.
  public let value: Double
  /// How many rows, taken evenly from all.
  public let points: Int

  /// More rows than this are thinned out evenly: row floor(i n / 5000) for i = 0, 1, ...
  public static let mostPoints = 5000

  /// The median Euclidean distance between different rows of `x` `[n, d]`.
  public init(_ x: Tensor) throws(MetricError) {
    let count = x.size(0)
    guard count >= 2 else { throw MetricError("median distance: expected at least 2 points, got \(count)") }
    points = min(count, Self.mostPoints)
    let kept = x.gathered(Tensor((0..<points).map { [count, points] in $0 * count / points }))
    value = withoutGradients { Self.median(kept - kept.mean(0)) }
    guard value > 0 else {
      throw MetricError("median distance: it is 0, for more than half of the pairs are of equal points; give a number")
    }
  }

  private static func median(_ x: Tensor) -> Double {
    var squares: [Tensor] = []
    for rows in pairBlocks(x.size(0), size: 1024) {
      let block = squaredDistances(x.narrowed(0, rows), x)
      for row in rows where row + 1 < x.size(0) {
        squares.append(block.at(row - rows.lowerBound).narrowed(0, row + 1..<x.size(0)))
      }
    }
    let all = Tensor.concatenated(squares)
    let half = all.count / 2
    let lower = all.top(half + 1, largest: false).values.sqrt()
    let middle = lower.narrowed(0, half..<half + 1).item()
    return all.count % 2 == 1 ? middle : (middle + lower.narrowed(0, half - 1..<half).item()) / 2
  }
}

/// Refuses arrays that are not `[n, d]` with at least `least` rows of at least one number.
func requireRows(_ metric: String, _ name: String, _ x: Tensor, atLeast least: Int = 1) throws(MetricError) {
  guard x.rank == 2, x.size(0) >= least, x.size(1) >= 1 else {
    throw MetricError(
      "\(metric): expected \(name) of at least \(least) rows of at least 1 number, got shape \(x.shape)")
  }
  guard x.isFinite().all().item() == 1 else {
    throw MetricError("\(metric): expected finite numbers in \(name), got some that are not")
  }
}

/// Refuses two arrays whose rows differ in length.
func requireSameWidth(_ metric: String, _ x: Tensor, _ y: Tensor) throws(MetricError) {
  guard x.size(1) == y.size(1) else {
    throw MetricError("\(metric): expected rows of one length, got x of shape \(x.shape) and y of shape \(y.shape)")
  }
}

/// Refuses a parameter that is not a positive number.
func requirePositive(_ metric: String, _ name: String, _ value: Double) throws(MetricError) {
  guard value > 0, value.isFinite else {
    throw MetricError("\(metric): expected \(name) to be a positive number, got \(value)")
  }
}
