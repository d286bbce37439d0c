/// A number at every node of a grid over a rectangle of the plane.
public struct ScalarField: Sendable {
  /// The rectangle from left to right; the first and last columns stand on its ends.
  public let x: ClosedRange<Double>
  /// The rectangle from bottom to top; the first and last rows stand on its ends.
  public let y: ClosedRange<Double>
  /// The number of nodes from left to right, at least 2.
  public let columns: Int
  /// The number of nodes from bottom to top, at least 2.
  public let rows: Int
  /// The numbers, shape `[rows, columns]`, the bottom row first; NaN where there is none.
  public let values: [Double]

  /// A field of given numbers.
  ///
  /// - Parameters:
  ///   - values: shape `[rows, columns]`, the bottom row first.
  ///   - columns: nodes from left to right, at least 2.
  ///   - rows: nodes from bottom to top, at least 2.
  ///   - x: the rectangle from left to right.
  ///   - y: the rectangle from bottom to top.
  public init(
    values: [Double], columns: Int, rows: Int, x: ClosedRange<Double>, y: ClosedRange<Double>
  ) {
    precondition(
      columns >= 2 && rows >= 2 && values.count == rows * columns,
      "ScalarField: expected \(rows) x \(columns) values, 2 x 2 or more, got \(values.count)")
    precondition(
      x.lowerBound < x.upperBound && y.lowerBound < y.upperBound,
      "ScalarField: expected a rectangle of some area, got \(x) by \(y)")
    self.values = values
    self.columns = columns
    self.rows = rows
    self.x = x
    self.y = y
  }

  /// A function at the nodes of a grid.
  ///
  /// - Parameters:
  ///   - x: the rectangle from left to right.
  ///   - y: the rectangle from bottom to top.
  ///   - columns: nodes from left to right, at least 2.
  ///   - rows: nodes from bottom to top, at least 2.
  ///   - function: of `x` and `y`.
  public init(
    x: ClosedRange<Double>, y: ClosedRange<Double>, columns: Int = 100, rows: Int = 100,
    of function: (_ x: Double, _ y: Double) -> Double
  ) {
    func node(_ index: Int, _ count: Int, _ range: ClosedRange<Double>) -> Double {
      let weight = Double(index) / Double(max(count - 1, 1))
      return range.lowerBound * (1 - weight) + range.upperBound * weight
    }
    let values = (0..<rows).flatMap { row in
      (0..<columns).map { function(node($0, columns, x), node(row, rows, y)) }
    }
    self.init(values: values, columns: columns, rows: rows, x: x, y: y)
  }

  /// The lowest and the highest finite number; nil if there is none.
  var extremes: ClosedRange<Double>? {
    let finite = values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return nil }
    return low...high
  }

  subscript(row: Int, column: Int) -> Double { values[row * columns + column] }

  /// The number between the nodes, by bilinear interpolation; fractions of the rectangle from its
  /// bottom left corner.
  func value(across: Double, up: Double) -> Double {
    let (column, row) = (across * Double(columns - 1), up * Double(rows - 1))
    let (left, low) = (min(Int(column), columns - 2), min(Int(row), rows - 2))
    let (u, v) = (column - Double(left), row - Double(low))
    let bottom = self[low, left] * (1 - u) + self[low, left + 1] * u
    let top = self[low + 1, left] * (1 - u) + self[low + 1, left + 1] * u
    return bottom * (1 - v) + top * v
  }
}
