import Torch

/// Refuses two sets of rows that `metric` cannot compare: `x` `[n, d]` and `y` `[m, d]`, finite, n and m >= `least`.
func checkRows(_ metric: String, _ x: Tensor, _ y: Tensor, atLeast least: Int = 1) throws(MetricError) {
  for rows in [x, y] {
    guard rows.rank == 2, rows.size(0) >= least, rows.size(1) >= 1 else {
      let count = least == 1 ? "1 row" : "\(least) rows"
      throw MetricError("\(metric): expected at least \(count) of at least 1 number, got shape \(rows.shape)")
    }
  }
  guard x.size(1) == y.size(1) else {
    throw MetricError("\(metric): expected rows of equal length, got shapes \(x.shape) and \(y.shape)")
  }
  guard x.isFinite().all().item() == 1, y.isFinite().all().item() == 1 else {
    throw MetricError("\(metric): expected finite numbers, got some that are not")
  }
}
