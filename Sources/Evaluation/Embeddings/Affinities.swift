import Foundation
import Torch

/// Which rows belong together: symmetric joint probabilities p of pairs, kept for near neighbours only.
///
/// p(j|i) is a Gaussian of the distance with the precision that gives each row the wanted perplexity; p = (p(j|i) +
/// p(i|j)) / 2n. Van der Maaten 2014, section 3: 3 perplexity neighbours suffice.
struct Affinities {
  /// Where each row's pairs begin, and one past the last: `n + 1` numbers.
  private(set) var starts: [Int]
  /// The other row of each pair, ascending within a row.
  private(set) var columns: [Int32] = []
  /// p of each pair; the sum is 1.
  private(set) var values: [Double] = []

  /// How many rows.
  var count: Int { starts.count - 1 }

  /// Bisection ends when the entropy is this close, in nats.
  private static let tolerance = 1e-10
  /// The most steps of bisection.
  private static let mostSteps = 200

  /// From rows `x` `[n, d]` in float64 with 3 `perplexity` below n.
  init(_ x: Tensor, perplexity: Double) {
    let n = x.size(0)
    let k = min(n - 1, Int(3 * perplexity))
    let neighbours = Neighbours(of: x, among: x, k: k, skipsSelf: true)
    var conditional = [Double](repeating: 0, count: n * k)
    for i in 0..<n {
      let row = i * k..<(i + 1) * k
      conditional.replaceSubrange(
        row, with: Self.conditional(neighbours.squaredDistances[row], entropy: log(perplexity)))
    }

    var pairs = [[(column: Int32, p: Double)]](repeating: [], count: n)
    for i in 0..<n {
      for c in i * k..<(i + 1) * k {
        let j = neighbours.indices[c]
        let p = conditional[c] / Double(2 * n)
        pairs[i].append((Int32(j), p))
        pairs[j].append((Int32(i), p))
      }
    }
    starts = [0]
    for i in 0..<n {
      pairs[i].sort { $0.column < $1.column }
      for (column, p) in pairs[i] {
        if columns.count > starts[i], columns[columns.count - 1] == column {
          values[values.count - 1] += p
        } else {
          columns.append(column)
          values.append(p)
        }
      }
      starts.append(columns.count)
    }
  }

  /// exp(-beta d), normalized, with the beta that gives the wanted `entropy` in nats; `distances`
  /// are squared, ascending.
  ///
  /// Where equal distances make that impossible, the nearest entropy there is.
  static func conditional(_ distances: ArraySlice<Double>, entropy wanted: Double) -> [Double] {
    let nearest = distances.first ?? 0
    let gaps = distances.map { $0 - nearest }
    let mean = gaps.reduce(0, +) / Double(gaps.count)
    var (low, high) = (0.0, Double.infinity)
    var beta = mean > 0 ? 1 / mean : 1
    var weights: [Double] = []
    for _ in 0..<mostSteps {
      weights = gaps.map { exp(-beta * $0) }
      let sum = weights.reduce(0, +)
      let entropy = log(sum) + beta * zip(weights, gaps).reduce(0) { $0 + $1.0 * $1.1 } / sum
      if abs(entropy - wanted) < tolerance { break }
      if entropy > wanted { low = beta } else { high = beta }
      beta = high == .infinity ? 2 * beta : (low + high) / 2
    }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }
}
