import Torch

/// How much of each of two sets lies in the other's neighbourhoods: four fractions that tell fidelity from diversity.
///
/// A neighbourhood is the open ball around an example whose radius is the Euclidean distance to its k-th nearest
/// neighbour in its own set, itself not counted.
///
/// - Source: Kynkaanniemi et al. 2019, Eqs. 1-2 (precision, recall); Naeem et al. 2020, Eqs. 3-4 (density, coverage).
///   The ball is open as in the latter's reference code, so points that all coincide are in no neighbourhood.
public struct NeighbourhoodMetrics: Equatable, Sendable {
  /// The fraction of generated examples in some real one's neighbourhood; in [0, 1], higher is better.
  public let precision: Double
  /// The fraction of real examples in some generated one's neighbourhood; in [0, 1], higher is better.
  public let recall: Double
  /// The mean number of real neighbourhoods a generated example is in, divided by k; 1 is expected of equal
  /// distributions, and it can be more.
  public let density: Double
  /// The fraction of real examples whose neighbourhood has a generated one; in [0, 1], higher is better.
  public let coverage: Double

  /// Measures `generated` `[m, d]` against `real` `[n, d]` with balls to the `k`-th neighbour.
  public init(real: Tensor, generated: Tensor, k: Int) throws(MetricError) {
    try checkRows("prdc", real, generated, atLeast: 2)
    let (real, generated) = (real.to(.float64), generated.to(.float64))
    let (n, m) = (real.size(0), generated.size(0))
    guard (1...min(n, m) - 1).contains(k) else {
      throw MetricError("prdc: expected k of 1 to \(min(n, m) - 1) for \(n) and \(m) rows, got \(k)")
    }
    let realRadii = Neighbours(of: real, among: real, k: k, skipsSelf: true).radii
    let generatedRadii = Neighbours(of: generated, among: generated, k: k, skipsSelf: true).radii
    let pairs = PairDistances(real, generated)
    let generatedSquares = generatedRadii.map { $0 * $0 }
    var balls = [Int](repeating: 0, count: m)  // real neighbourhoods around each generated example
    var covered = [Bool](repeating: false, count: n)
    var recalled = [Bool](repeating: false, count: n)
    for rows in pairBlocks(n, size: pairs.tile.queries) {
      for columns in pairBlocks(m, size: pairs.tile.rows) {
        pairs.withTile(rows, columns) { tile in
          for i in rows {
            let (products, squares) = tile.parts(i)
            let (own, slack, radius) = (tile.square(i), pairs.slack(i) * pairs.squaredScale, realRadii[i])
            for (place, j) in columns.enumerated() {
              let distance = (Double(products[place] + squares[place]) + own) * pairs.squaredScale
              let toReal = distance - radius * radius
              let toGenerated = distance - generatedSquares[j]
              // What rounding leaves in doubt, and what overflowed, is looked at closely.
              let isSure = abs(toReal) > slack && abs(toGenerated) > slack
              let exact = isSure ? 0 : pairs.squaredDistance(i, j).squareRoot()
              if isSure ? toReal < 0 : exact < radius {
                balls[j] += 1
                covered[i] = true
              }
              if isSure ? toGenerated < 0 : exact < generatedRadii[j] { recalled[i] = true }
            }
          }
        }
      }
    }
    precision = Double(balls.count { $0 > 0 }) / Double(m)
    recall = Double(recalled.count { $0 }) / Double(n)
    density = Double(balls.reduce(0, +)) / Double(m * k)
    coverage = Double(covered.count { $0 }) / Double(n)
  }
}
