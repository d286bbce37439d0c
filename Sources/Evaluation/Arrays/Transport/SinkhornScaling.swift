import Foundation
import Torch

/// The plan diag(u) exp((f + g - C) / epsilon) diag(v), whose sums are fitted to 1 / n and 1 / m in turn.
///
/// Products of the kernel with u and v are much cheaper than sums of exponentials, which the duals f and g alone would
/// need. u and v are absorbed into f and g before they leave the range of doubles. Schmitzer 2019, Algorithm 2.
struct SinkhornScaling {
  private let costs: CostBlocks
  private var epsilon = 1.0
  /// The dual variables in the unit of the costs, `[n, 1]` and `[1, m]`.
  private var (f, g): (Tensor, Tensor)
  /// What the kernel is multiplied by, `[n, 1]` and `[m, 1]`.
  private var (u, v): (Tensor, Tensor)
  /// exp((f + g - C) / epsilon), if the distances are kept as well.
  private var kernel: [Tensor]?

  /// u and v are absorbed when one of them is further than this from 1.
  private static let range = 1e30

  init(_ costs: CostBlocks) {
    self.costs = costs
    (f, g) = (Tensor.zeros([costs.n, 1], dtype: .float64), Tensor.zeros([1, costs.m], dtype: .float64))
    (u, v) = (Tensor.ones([costs.n, 1], dtype: .float64), Tensor.ones([costs.m, 1], dtype: .float64))
  }

  /// Goes on with another `epsilon`, with both sums fitted once in logarithms.
  ///
  /// After that no sum is below 1 / (n m) and no update multiplies by more than that, however far a point lies from the
  /// others: nothing underflows to 0 between two absorptions.
  mutating func restart(epsilon next: Double) {
    absorb()
    epsilon = next
    kernel = nil
    let rows = costs.blocks().map { ((g - $1) / epsilon).logSumExp(1, keepAxes: true) }  // [rows, 1]
    f = (Tensor.concatenated(rows) + log(Double(costs.n))) * -epsilon
    let columns = costs.blocks().map { ((f.narrowed(0, $0) - $1) / epsilon).logSumExp(0, keepAxes: true) }  // [1, m]
    g = (Tensor.concatenated(columns).logSumExp(0, keepAxes: true) + log(Double(costs.m))) * -epsilon
    if costs.isKept { kernel = costs.blocks().map { block($0, $1) } }
  }

  /// Moves u and v into f and g.
  private mutating func absorb() {
    f = f + u.log() * epsilon
    g = g + v.log().transposed * epsilon
    (u, v) = (Tensor.ones([costs.n, 1], dtype: .float64), Tensor.ones([costs.m, 1], dtype: .float64))
    if kernel != nil { kernel = costs.blocks().map { block($0, $1) } }
  }

  private func block(_ rows: Range<Int>, _ costs: Tensor) -> Tensor {
    let values = g - costs
    values.addInPlace(f.narrowed(0, rows))
    values.multiplyInPlace(1 / epsilon)
    values.exponentiateInPlace()
    return values
  }

  private func kernelBlocks() -> AnySequence<(Range<Int>, Tensor)> {
    if let kernel { return AnySequence(zip(costs.ranges, kernel)) }
    return AnySequence(costs.blocks().lazy.map { ($0, block($0, $1)) })
  }

  /// Fits the row sums, then the column sums; returns the L1 error of the row sums.
  ///
  /// The error is that of the plan before this call, which an update does not raise.
  mutating func update() -> Double {
    let (rowMass, columnMass) = (1 / Double(costs.n), 1 / Double(costs.m))
    let columns = Tensor.zeros([costs.m, 1], dtype: .float64)
    var rows: [Tensor] = []
    // Both products of a block while it is in the cache.
    for (_, block) in kernelBlocks() {
      let sums = block.matmul(v)  // [rows, 1]
      rows.append(sums)
      columns.addInPlace(block.transposed.matmul(sums.pow(-1) * rowMass))
    }
    let sums = Tensor.concatenated(rows)
    let error = (u * sums - rowMass).abs().sum().item()
    u = sums.pow(-1) * rowMass
    v = columns.pow(-1) * columnMass
    let extremes = [u.max(), v.max(), u.pow(-1).max(), v.pow(-1).max()].map { $0.item() }
    if extremes.contains(where: { $0 > Self.range }) { absorb() }
    return error
  }

  /// A plan with exact sums: diag(left) K diag(right), and what that misses spread over all pairs in proportion.
  struct Rounded {
    let (left, right): (Tensor, Tensor)  // [n, 1], [m, 1]
    let (missingRows, missingColumns): (Tensor, Tensor)  // [n, 1], [m, 1]
    let missing: Double
  }

  /// The plan after rows, then columns with a surplus have been cut. Altschuler et al. 2017, Algorithm 2.
  func rounded() -> Rounded {
    let (rowMass, columnMass) = (1 / Double(costs.n), 1 / Double(costs.m))
    let rows = Tensor.concatenated(kernelBlocks().map { $1.matmul(v) }) * u  // [n, 1]
    let left = u * (rows.pow(-1) * rowMass).clamped(0, 1)
    let columns = Tensor.zeros([costs.m, 1], dtype: .float64)
    for (range, block) in kernelBlocks() { columns.addInPlace(block.transposed.matmul(left.narrowed(0, range))) }
    let right = v * (columns.pow(-1) * v.pow(-1) * columnMass).clamped(0, 1)
    let kept = Tensor.concatenated(kernelBlocks().map { $1.matmul(right) }) * left
    // Where nothing is missing, rounding can leave less than that.
    let missingColumns = (columnMass - columns * right).relu()
    return Rounded(
      left: left, right: right, missingRows: (rowMass - kept).relu(), missingColumns: missingColumns,
      missing: missingColumns.sum().item())
  }

  /// What the rounded plan costs.
  func roundedCost() -> Double {
    let plan = rounded()
    var cost = 0.0
    for ((range, kernel), (_, block)) in zip(kernelBlocks(), costs.blocks()) {
      cost += (plan.left.narrowed(0, range) * (kernel * block).matmul(plan.right)).sum().item()
      guard plan.missing > 0 else { continue }
      let spread = plan.missingRows.narrowed(0, range) * block.matmul(plan.missingColumns)
      cost += spread.sum().item() / plan.missing
    }
    return cost
  }

  /// The plan before rounding, `[n, m]`.
  func rawPlan() -> Tensor { u * Tensor.concatenated(kernelBlocks().map { $1 }) * v.transposed }

  /// The rounded plan itself, `[n, m]`.
  func roundedPlan() -> Tensor {
    let plan = rounded()
    let kernel = Tensor.concatenated(kernelBlocks().map { $1 })
    let spread = plan.missing > 0 ? plan.missingRows * plan.missingColumns.transposed / plan.missing : kernel * 0
    return plan.left * kernel * plan.right.transposed + spread
  }
}
