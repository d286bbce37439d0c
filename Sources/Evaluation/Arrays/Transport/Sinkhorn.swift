import Foundation
import Torch

/// The 1-Wasserstein distance by entropic regularization, for sets too large for the exact method.
///
/// The value is the cost of a plan with exact marginals, so it is never below the exact distance beyond rounding; how far
/// it is above falls with epsilon.
///
/// - Source: Cuturi 2013; the log domain is Peyre & Cuturi 2019, Eqs. 4.43-4.44; the rounding to exact marginals is
///   Altschuler et al. 2017, Algorithm 2.
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
    var state = State(
      f: Tensor.zeros([costs.n, 1], dtype: .float64), g: Tensor.zeros([1, costs.m], dtype: .float64))
    var (count, error) = (0, Double.infinity)
    // From mean distance down by halves: a start for the next epsilon saves most of its iterations.
    var current = max(mean, epsilon)
    while true {
      var own = 0
      // The first error of an epsilon is that of a plan whose column sums are not exact: it does not count.
      while own < 2 || error > Self.tolerance {
        guard own < Self.iterationLimit else {
          throw MetricError(
            "wasserstein1: marginals are off by \(error) after \(own) iterations; expected \(Self.tolerance); "
              + "try a larger epsilon")
        }
        error = state.update(costs, current)
        own += 1
      }
      count += own
      if current == epsilon { break }
      current = max(current / 2, epsilon)
    }
    (value, marginalError, iterations) = (state.roundedCost(costs, epsilon), error, count)
  }

  /// The dual variables in the unit of the costs; the plan is exp((f + g - C) / epsilon).
  private struct State {
    var f: Tensor  // [n, 1]
    var g: Tensor  // [1, m]

    /// Fits the row sums, then the column sums; returns the L1 error of the row sums.
    ///
    /// The error is that of the plan before this call, which an update does not raise.
    mutating func update(_ costs: CostBlocks, _ epsilon: Double) -> Double {
      var columns: [Tensor] = []
      var rows: [Tensor] = []
      var error = 0.0
      for (range, block) in costs.blocks() {
        let sums = ((g - block) / epsilon).logSumExp(1, keepAxes: true)  // [rows, 1]
        let old = f.narrowed(0, range)
        error += ((old / epsilon + sums).exp() - 1 / Double(costs.n)).abs().sum().item()
        let new = (sums + log(Double(costs.n))) * -epsilon
        rows.append(new)
        columns.append(((new - block) / epsilon).logSumExp(0, keepAxes: true))  // [1, m]
      }
      f = Tensor.concatenated(rows)
      let sums = Tensor.concatenated(columns).logSumExp(0, keepAxes: true)  // [1, m]
      g = (sums + log(Double(costs.m))) * -epsilon
      return error
    }

    /// The cost of the plan after its surplus is cut and what is missing is spread over all pairs in proportion.
    func roundedCost(_ costs: CostBlocks, _ epsilon: Double) -> Double {
      let (rowMass, columnMass) = (1 / Double(costs.n), 1 / Double(costs.m))
      func plan(_ range: Range<Int>, _ block: Tensor) -> Tensor {
        let raw = ((f.narrowed(0, range) + g - block) / epsilon).exp()
        return raw * (raw.sum(1, keepAxes: true).pow(-1) * rowMass).clamped(0, 1)
      }
      var columns = Tensor.zeros([1, costs.m], dtype: .float64)
      for (range, block) in costs.blocks() { columns = columns + plan(range, block).sum(0, keepAxes: true) }
      let cut = (columns.pow(-1) * columnMass).clamped(0, 1)  // [1, m]
      let missingColumns = columnMass - columns * cut  // [1, m]
      let missing = missingColumns.sum().item()
      var cost = 0.0
      for (range, block) in costs.blocks() {
        let plan = plan(range, block) * cut
        cost += (plan * block).sum().item()
        if missing > 0 {
          let missingRows = rowMass - plan.sum(1, keepAxes: true)  // [rows, 1]
          cost += (missingRows * missingColumns * block).sum().item() / missing
        }
      }
      return cost
    }
  }
}

/// The distances between two sets, a block of rows at a time; kept if they fit into a gigabyte, else taken anew.
private struct CostBlocks {
  let x: Tensor
  let y: Tensor
  var n: Int { x.size(0) }
  var m: Int { y.size(0) }
  private let ranges: [Range<Int>]
  private let kept: [Tensor]?

  private static let blockSize = 1 << 20
  private static let keptSize = 1 << 27

  init(_ x: Tensor, _ y: Tensor) {
    (self.x, self.y) = (x, y)
    ranges = Evaluation.blocks(of: x.size(0), size: max(1, Self.blockSize / y.size(0)))
    kept = x.size(0) * y.size(0) <= Self.keptSize ? ranges.map { x.narrowed(0, $0).distances(to: y) } : nil
  }

  func blocks() -> some Sequence<(Range<Int>, Tensor)> {
    ranges.indices.lazy.map { (ranges[$0], kept?[$0] ?? x.narrowed(0, ranges[$0]).distances(to: y)) }
  }

  func mean() -> Double { blocks().reduce(0) { $0 + $1.1.sum().item() } / (Double(n) * Double(m)) }
}
