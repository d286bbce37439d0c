import Foundation
import Torch

/// The 1-Wasserstein distance by entropic regularization, for sets too large for the exact method.
///
/// The value is the cost of a plan with exact marginals, so it is never below the exact distance beyond rounding; how
/// far it is above falls with epsilon.
///
/// - Source: Cuturi 2013; absorption into the log domain is Schmitzer 2019, Algorithm 2; the rounding to exact
///   marginals is Altschuler et al. 2017, Algorithm 2.
public struct SinkhornDistance: Equatable, Sendable {
  /// The cost of the rounded plan, in the unit of the rows; lower is better.
  public let value: Double
  /// The regularization in the unit of the rows: the relative one times the mean distance between the sets.
  public let epsilon: Double
  /// The sum of |row sum - 1 / n| before the last update, a bound on the plan's before rounding; column sums are exact.
  public let marginalError: Double
  /// Pairs of updates, those of larger epsilons included.
  public let iterations: Int

  /// Iterations stop at this error of the marginals.
  public static let tolerance = 1e-3
  /// At this one for epsilons on the way.
  static let roughTolerance = 0.05
  /// Pairs of updates for one epsilon, after which the method gives up.
  public static let iterationLimit = 10_000

  /// Carries `x` `[n, d]` to `y` `[m, d]` with `epsilon` times their mean distance as the regularization.
  public init(_ x: Tensor, _ y: Tensor, epsilon relative: Double) throws(MetricError) {
    try checkRows("wasserstein1", x, y)
    guard relative > 0, relative.isFinite else {
      throw MetricError("wasserstein1: expected an epsilon above 0, got \(relative)")
    }
    let costs = CostBlocks(x.to(.float64), y.to(.float64))
    let mean = costs.mean()
    guard mean > 0 else {
      (value, epsilon, marginalError, iterations) = (0, 0, 0, 0)
      return
    }
    epsilon = relative * mean
    var scaling = SinkhornScaling(costs)
    var (count, error) = (0, Double.infinity)
    // From the mean distance down by quarters: a start for the next epsilon saves most of its iterations. Only the last
    // one has to be fitted well.
    var current = max(mean, epsilon)
    while true {
      let isLast = current == epsilon
      var own = 0
      scaling.restart(epsilon: current)
      // The first error of an epsilon is that of a plan whose column sums are not exact: it does not count.
      while own < 2 || error > (isLast ? Self.tolerance : Self.roughTolerance) {
        guard own < Self.iterationLimit else {
          throw MetricError(
            "wasserstein1: marginals are off by \(error) after \(own) iterations; expected \(Self.tolerance); "
              + "try a larger epsilon")
        }
        error = scaling.update()
        own += 1
      }
      count += own
      if isLast { break }
      current = max(current / 4, epsilon)
    }
    (value, marginalError, iterations) = (scaling.roundedCost(), error, count)
  }
}
