/// Linear regression with an L1 penalty: the w that minimizes |y - X w|^2 / 2n + alpha |w|_1.
///
/// By cyclic coordinate descent, until no weight moves by more than `tolerance`.
/// - Source: Tibshirani 1996; Friedman, Hastie & Tibshirani 2010, section 2.
struct Lasso {
  /// One weight a column.
  let weights: [Double]

  private static let tolerance = 1e-12
  private static let mostSweeps = 100_000

  /// For `columns` of n numbers each and a target of n.
  init(columns: [[Double]], target: [Double], alpha: Double) {
    let n = Double(target.count)
    let d = columns.count
    // Descent needs products only, which are fewer than the rows.
    func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / n }
    let gram = columns.map { a in columns.map { product(a, $0) } }
    let correlations = columns.map { product($0, target) }
    var weights = [Double](repeating: 0, count: d)
    for _ in 0..<Self.mostSweeps {
      var moved = 0.0
      for j in 0..<d where gram[j][j] > 0 {
        var pull = correlations[j]
        for i in 0..<d where i != j { pull -= gram[j][i] * weights[i] }
        let shrunk = pull > alpha ? pull - alpha : pull < -alpha ? pull + alpha : 0
        let next = shrunk / gram[j][j]
        moved = max(moved, abs(next - weights[j]))
        weights[j] = next
      }
      if moved <= Self.tolerance { break }
    }
    self.weights = weights
  }
}
