import Datasets
import Foundation
import Generative
import Probability
import Torch

/// log p(x) of a decoder with codes of one or two dimensions, as an integral over all of them.
///
/// The midpoint rule: the mean of p(x|z) p(z) over the cells of a grid. For a smooth integrand that vanishes at the
/// grid's edge the error falls faster than any power of a cell's side; where a decoder is sharper than the grid it
/// does not, so grids are made finer until the value of an example stays, and one that does not stay is refused.
public struct EvidenceQuadrature: Sendable, Equatable {
  /// How far log p(x) may move when the grid is made finer, nats.
  public var tolerance = 1e-4
  /// Cells along an axis in the first grid.
  public var coarsest = 64
  /// Cells along an axis in the last grid; those of one dimension are as many as all those of two.
  public var finest = 2048

  /// 64 to 2048 cells an axis, until values stay within 1e-4 nats.
  public init() {}

  /// Codes in N(0, I) are looked for within this distance of 0 along an axis: the rest has a mass of 1e-15.
  private static let reach = 8.0
  /// What rounding of one example's log likelihood may come to, relative to it.
  private static let rounding = 1e-6
  /// Numbers of an example times a code that are worked out at once: 16 MiB in float32.
  private static let numbersAtOnce = 1 << 22

  /// The integral of a set of examples.
  public struct Values {
    /// log p(x), nats, one per example.
    public let logEvidence: [Double]
    /// Cells of the finest grid that was needed.
    public let cells: Int
    /// The most that a value moved when its grid was made finer for the last time, nats.
    public let change: Double
    /// The side of the grid, around the prior's centre.
    public let side: ClosedRange<Double>
  }

  /// What the grid covers; nil for a prior that is neither N(0, I) nor uniform.
  static func side(_ prior: any CodePrior) -> ClosedRange<Double>? {
    switch prior {
    case is StandardNormal: -reach...reach
    case let uniform as UniformPrior: uniform.low...uniform.high
    default: nil
    }
  }

  /// log p(x) of examples `[n] + shape` under a model with codes of at most two dimensions.
  ///
  /// Equal rows are integrated once.
  ///
  /// - Parameter progress: called with the cells that are done and all of the grid's.
  public func callAsFunction(
    _ model: any LatentVariableModel, _ x: Tensor, progress: (Int, Int) -> Void = { _, _ in }
  ) throws(MetricError) -> Values {
    let dimension = model.prior.dimension
    guard let side = Self.side(model.prior), dimension <= 2 else {
      preconditionFailure("EvidenceQuadrature: expected codes of N(0, I) or uniform in 1 or 2 dimensions")
    }
    let (rows, index) = Self.distinct(x)
    var found = [Double](repeating: .nan, count: rows.count)
    var (cells, change) = (0, 0.0)
    var left = Array(rows.indices)
    var coarse: [Double] = []
    for count in sequence(first: coarsest, next: { $0 * 2 }).prefix(while: { $0 <= finest }) {
      let axis = dimension == 1 ? count * count : count
      let subset = x.gathered(Tensor(left.map { Int64(rows[$0]) }).to(x.device))
      let values = integral(model, subset, side, axis: axis, progress: progress)
      var (stays, moves): ([Int], [Int]) = ([], [])
      for position in left.indices {
        let moved = coarse.isEmpty ? .infinity : abs(values[position] - coarse[position])
        // Both are -infinity where the decoder rules an example out.
        let isSettled =
          !coarse.isEmpty && values[position] == coarse[position]
          || moved <= tolerance + Self.rounding * abs(values[position])
        if isSettled {
          found[left[position]] = values[position]
          change = max(change, moved.isNaN ? 0 : moved)
          cells = max(cells, dimension == 1 ? axis : axis * axis)
          stays.append(position)
        } else {
          moves.append(position)
        }
      }
      if moves.isEmpty { break }
      if count * 2 > finest {
        let worst = moves.max { abs(values[$0] - coarse[$0]) < abs(values[$1] - coarse[$1]) }!
        throw MetricError(
          "evidence:quadrature: expected log p(x) that stays within \(tolerance) nats on a finer grid; that of "
            + "example \(index.firstIndex(of: left[worst])!) went from \(coarse[worst]) to \(values[worst]) at "
            + "\(axis) cells an axis: the decoder is too sharp for a grid, ask ais")
      }
      coarse = moves.map { values[$0] }
      left = moves.map { left[$0] }
    }
    return Values(logEvidence: index.map { found[$0] }, cells: cells, change: change, side: side)
  }

  /// Where each different row is first, and the number among those of every row.
  static func distinct(_ x: Tensor) -> (rows: [Int], index: [Int]) {
    let bytes = x.bytes()
    let size = bytes.count / x.size(0)
    var numbers: [ArraySlice<UInt8>: Int] = [:]
    var rows: [Int] = []
    let index = (0..<x.size(0)).map { row in
      let key = bytes[row * size..<(row + 1) * size]
      if let known = numbers[key] { return known }
      numbers[key] = rows.count
      rows.append(row)
      return rows.count - 1
    }
    return (rows, index)
  }

  /// log of the integral of p(x|z) p(z) over a grid of `axis` cells along each axis, one per row of `x`.
  private func integral(
    _ model: any LatentVariableModel, _ x: Tensor, _ side: ClosedRange<Double>, axis: Int,
    progress: (Int, Int) -> Void
  ) -> [Double] {
    withoutGradients {
      let (dimension, dtype) = (model.prior.dimension, model.prior.dtype)
      let width = (side.upperBound - side.lowerBound) / Double(axis)
      let middles = (Tensor.range(axis, dtype: .float64) + 0.5) * width + side.lowerBound
      let cells = dimension == 1 ? axis : axis * axis
      let perCode = max(1, model.exampleShape.reduce(1, *))
      let codesAtOnce = RowBlocks.rows(upTo: max(1, min(4096, Self.numbersAtOnce / perCode))) {
        _ = model.likelihood(.zeros([1, 1, dimension], dtype: dtype, device: x.device)).logProb(x.narrowed(0, 0..<1))
      }
      let rowsAtOnce = max(1, Self.numbersAtOnce / (perCode * codesAtOnce))
      var total = Tensor.full([x.size(0)], -.infinity, dtype: .float64)
      for start in stride(from: 0, to: cells, by: codesAtOnce) {
        let number = Tensor.range(min(codesAtOnce, cells - start), dtype: .float64) + Double(start)
        let row = (number / Double(axis)).floor()
        let places = dimension == 1 ? [number] : [row, number - row * Double(axis)]
        let z = Tensor.stacked(places.map { middles.gathered($0.to(.int64)) }, axis: 1)  // [codes, dimension]
          .to(dtype).to(x.device)
        let px = model.likelihood(z.unsqueezed(1))  // [codes, 1]
        let logPrior = model.prior.logProb(z).unsqueezed(1).to(.float64)
        let sums = RowBlocks.ranges(x.size(0), size: rowsAtOnce).map { rows in
          (px.logProb(x.narrowed(0, rows)).to(.float64) + logPrior).logSumExp(0).to(.cpu)  // [rows]
        }
        total = Tensor.stacked([total, .concatenated(sums)]).logSumExp(0)
        progress(start + number.count, cells)
      }
      return (total + Double(dimension) * log(width)).array(Double.self)
    }
  }
}
