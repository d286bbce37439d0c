import Torch

/// The distances between two sets, a block of rows at a time; kept if they fit into a gigabyte, else taken anew.
struct CostBlocks {
  private let (x, y): (Tensor, Tensor)
  /// How many rows the sets have.
  var n: Int { x.size(0) }
  var m: Int { y.size(0) }
  /// The rows of each block.
  let ranges: [Range<Int>]
  private let kept: [Tensor]?
  /// Whether the distances are in memory, and there is room for as many numbers again.
  var isKept: Bool { kept != nil }

  /// Numbers of a block: 2 MiB, which a processor's cache holds.
  private static let blockSize = 1 << 18

  /// - Parameter mostKept: the most distances that are kept; beyond, they are computed again each time.
  init(_ x: Tensor, _ y: Tensor, mostKept: Int = 1 << 27) {
    (self.x, self.y) = (x, y)
    ranges = Evaluation.pairBlocks(x.size(0), size: max(1, Self.blockSize / y.size(0)))
    kept = x.size(0) * y.size(0) <= mostKept ? ranges.map { x.narrowed(0, $0).distances(to: y) } : nil
  }

  /// Ranges of rows and their distances to all columns.
  func blocks() -> some Sequence<(Range<Int>, Tensor)> {
    ranges.indices.lazy.map { (ranges[$0], kept?[$0] ?? x.narrowed(0, ranges[$0]).distances(to: y)) }
  }

  /// The mean distance.
  func mean() -> Double { blocks().reduce(0) { $0 + $1.1.sum().item() } / (Double(n) * Double(m)) }
}
