import Torch

/// Rows with a class each: what a probe learns from or is tested on.
public struct LabelledRows {
  /// Features, shape `[n, d]`, float64, finite.
  public let x: Tensor
  /// Classes, any whole numbers, one a row.
  public let y: [Int]

  /// Checks and converts features `[n, d]` and labels `[n]`; messages begin with `name`.
  public init(x: Tensor, y: Tensor, name: String) throws(MetricError) {
    self.x = try finiteRows(x, name: name)
    let labels = y.array(Double.self)
    guard y.rank == 1 || y.rank == 2 && y.size(1) == 1, labels.count == self.x.size(0) else {
      throw MetricError("\(name): expected a label for each of \(self.x.size(0)) rows, got shape \(y.shape)")
    }
    var classes: [Int] = []
    classes.reserveCapacity(labels.count)
    for label in labels {
      guard let whole = Int(exactly: label) else {
        throw MetricError("\(name): expected whole numbers as labels, got \(label)")
      }
      classes.append(whole)
    }
    self.y = classes
  }

  /// How many rows.
  public var count: Int { y.count }
  /// How many features a row has.
  public var dimension: Int { x.size(1) }
  /// The classes that occur, in order.
  public var classes: [Int] { Set(y).sorted() }

  /// Throws unless `test` has as many features as these rows.
  public func checkFeatures(of test: LabelledRows, name: String) throws(MetricError) {
    guard dimension == test.dimension else {
      throw MetricError(
        "\(name): expected test rows of \(dimension) features, as in training, got \(test.dimension)")
    }
  }

  /// The fraction of rows whose class is not the predicted one.
  func errorRate(_ predicted: [Int]) -> Double {
    Double(zip(predicted, y).count { $0 != $1 }) / Double(count)
  }
}

/// `x` as float64 `[n, d]`, if it has such a shape, at least `least` rows and only finite numbers.
func finiteRows(_ x: Tensor, atLeast least: Int = 1, name: String) throws(MetricError) -> Tensor {
  guard x.rank == 2, x.size(0) >= least, x.size(1) >= 1 else {
    let rows = least == 1 ? "1 row" : "\(least) rows"
    throw MetricError("\(name): expected at least \(rows) of at least 1 number, got shape \(x.shape)")
  }
  guard x.isFinite().all().item() == 1 else {
    throw MetricError("\(name): expected finite numbers, got some that are not")
  }
  return x.to(.float64)
}
