import Foundation
import Testing

/// Expects counts to fit probabilities by Pearson's chi-squared test.
///
/// Cells expected fewer than five times are put together, as the approximation wants.
///
/// - Parameter falseAlarms: how often a right sampler may fail over all seeds.
public func expectFrequencies(
  _ counts: [Int], probabilities: [Double], falseAlarms: Double = 1e-6,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let total = Double(counts.reduce(0, +))
  var observed: [Double] = []
  var expected: [Double] = []
  var rare = (observed: 0.0, expected: 0.0)
  for (count, probability) in zip(counts, probabilities) {
    if probability * total < 5 {
      rare.observed += Double(count)
      rare.expected += probability * total
    } else {
      observed.append(Double(count))
      expected.append(probability * total)
    }
  }
  // What the listed cells leave over belongs to the rare ones.
  rare.expected = max(rare.expected, total - expected.reduce(0, +))
  if rare.expected >= 5 {
    observed.append(rare.observed)
    expected.append(rare.expected)
  } else {
    let limit = rareLimit(expected: rare.expected, falseAlarms: falseAlarms)
    check(
      rare.observed <= limit, "\(Int(rare.observed)) draws where \(digits(6, rare.expected)) are expected",
      sourceLocation)
  }
  guard observed.count > 1 else { return }
  let statistic = zip(observed, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) / $1.1 }
  let p = chiSquaredTail(statistic, degrees: observed.count - 1)
  check(
    p > falseAlarms,
    "chi-squared \(digits(6, statistic)) with \(observed.count - 1) degrees of freedom has p = \(digits(3, p))",
    sourceLocation)
}

/// A count that a Poisson number of the given mean exceeds with at most the given probability (Chernoff's bound).
private func rareLimit(expected: Double, falseAlarms: Double) -> Double {
  var limit = max(1, expected)
  while limit * log(limit / max(expected, 1e-12)) - limit + expected < -log(falseAlarms) {
    limit += 1
  }
  return limit
}

/// Expects a number of successes to fit a probability.
///
/// By Chernoff's bound P(KL(frequency, p) >= t) <= 2 exp(-n t), so the rate holds for every n and p.
///
/// - Parameter falseAlarms: how often a right sampler may fail over all seeds.
public func expectFrequency(
  _ successes: Int, of count: Int, probability p: Double, falseAlarms: Double = 1e-6,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let frequency = Double(successes) / Double(count)
  func part(_ a: Double, _ b: Double) -> Double { a == 0 ? 0 : a * log(a / b) }
  let divergence = part(frequency, p) + part(1 - frequency, 1 - p)
  check(
    Double(count) * divergence <= log(2 / falseAlarms), "\(successes) of \(count), expected a share of \(p)",
    sourceLocation)
}

/// Expects the average of independent draws to lie within some standard errors of `expected`.
///
/// - Parameters:
///   - standardErrors: how many; 5 give a false alarm in 1.7 million, by the central limit theorem.
///   - bias: an error that `expected` is known to have.
public func expectAverage(
  _ draws: [Double], _ expected: Double, standardErrors: Double = 5, bias: Double = 0,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let (average, error) = averageAndError(draws)
  let isClose = Swift.abs(average - expected) <= standardErrors * error + bias
  check(
    isClose,
    "expected \(digits(6, expected)), the average is \(digits(6, average)) "
      + "with a standard error of \(digits(3, error))", sourceLocation)
}

/// The average of independent draws and its standard error.
public func averageAndError(_ draws: [Double]) -> (average: Double, error: Double) {
  let count = Double(draws.count)
  let average = draws.reduce(0, +) / count
  let variance = draws.reduce(0) { $0 + ($1 - average) * ($1 - average) } / (count - 1)
  return (average, (variance / count).squareRoot())
}

/// P(X > x) for a chi-squared X: the upper incomplete gamma function Q(degrees / 2, x / 2).
///
/// By the series below the mean and Lentz's continued fraction above it. Press et al. 2007, section 6.2.
public func chiSquaredTail(_ x: Double, degrees: Int) -> Double {
  let a = Double(degrees) / 2
  let x = x / 2
  guard x > 0 else { return 1 }
  let front = exp(a * log(x) - x - lgamma(a))
  if x < a + 1 {
    var term = 1 / a
    var sum = term
    var n = a
    while term > sum * 1e-16 {
      n += 1
      term *= x / n
      sum += term
    }
    return 1 - front * sum
  }
  var b = x + 1 - a
  var c = 1e300
  var d = 1 / b
  var h = d
  for i in 1...10_000 {
    let an = -Double(i) * (Double(i) - a)
    b += 2
    d = 1 / (an * d + b)
    c = b + an / c
    h *= d * c
    if abs(d * c - 1) < 1e-15 { break }
  }
  return front * h
}
