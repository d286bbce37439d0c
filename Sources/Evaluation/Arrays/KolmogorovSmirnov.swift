/// The largest distance between the distribution functions of two sets of numbers, in [0, 1].
///
/// Two sets of n draws of one distribution differ by about 1.2 / sqrt(n), and by more than 1.95 / sqrt(n / 2) once in a
/// thousand times. Numbers that are not finite have no place in an order and are refused by a trap.
///
/// - Source: Smirnov 1939; the two-sample statistic.
public func kolmogorovSmirnov(_ x: [Double], _ y: [Double]) -> Double {
  precondition(
    !x.isEmpty && !y.isEmpty && x.allSatisfy(\.isFinite) && y.allSatisfy(\.isFinite),
    "kolmogorovSmirnov: expected finite numbers, got \(x.count) and \(y.count)")
  let (x, y) = (x.sorted(), y.sorted())
  var (i, j, largest) = (0, 0, 0.0)
  while i < x.count, j < y.count {
    // Both functions jump at a number that both have.
    let value = min(x[i], y[j])
    while i < x.count, x[i] == value { i += 1 }
    while j < y.count, y[j] == value { j += 1 }
    largest = max(largest, abs(Double(i) / Double(x.count) - Double(j) / Double(y.count)))
  }
  return largest
}
