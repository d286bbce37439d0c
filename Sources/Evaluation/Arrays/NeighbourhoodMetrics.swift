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
    let realRadii = neighbourDistances(real, k)  // [n]
    let generatedRadii = neighbourDistances(generated, k)  // [m]
    let realColumn = realRadii.unsqueezed(1)  // [n, 1]
    var balls = Tensor.zeros([m], dtype: .float64)  // real neighbourhoods around each generated example
    var (recalled, covered) = (0.0, 0.0)
    for rows in blocks(of: n, size: 512) {
      let distances = real.narrowed(0, rows).distances(to: generated)  // [rows, m]
      let inReal = (distances .< realColumn.narrowed(0, rows)).to(.float64)
      balls = balls + inReal.sum(0)
      covered += inReal.max(1).sum().item()
      recalled += (distances .< generatedRadii).to(.float64).max(1).sum().item()
    }
    precision = (balls .> 0).to(.float64).mean(0).item()
    recall = recalled / Double(n)
    density = balls.mean(0).item() / Double(k)
    coverage = covered / Double(n)
  }
}

/// The distance of every row of `x` to its `k`-th nearest other row: `[n, d]` to `[n]`.
private func neighbourDistances(_ x: Tensor, _ k: Int) -> Tensor {
  Tensor.concatenated(
    blocks(of: x.size(0), size: 512).map { rows in
      // Its own distance, 0, is the smallest, so the k-th without it is the (k + 1)-th with it.
      x.narrowed(0, rows).distances(to: x).top(k + 1, axis: 1, largest: false).values.at(k, axis: 1)
    })
}
