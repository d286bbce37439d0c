import Foundation
import TestSupport
import Testing

/// The statistical helpers must fail where they should, or the tests that use them say nothing.
@Suite("Statistical helpers") struct StatisticsTests {
  @Test("the chi-squared tail is e^(-x/2) for 2 degrees of freedom and erfc(sqrt(x/2)) for 1")
  func tails() {
    for x in [0.1, 1, 3, 10, 60] {
      expectClose(chiSquaredTail(x, degrees: 2), exp(-x / 2), absolute: 0, relative: 1e-12)
      expectClose(
        chiSquaredTail(x, degrees: 1), erfc((x / 2).squareRoot()), absolute: 0, relative: 1e-11)
    }
    // Q(3, y) = e^-y (1 + y + y^2 / 2), y = x / 2.
    expectClose(chiSquaredTail(8, degrees: 6), exp(-4) * 13, absolute: 0, relative: 1e-12)
  }

  @Test("frequencies that do not fit are noticed, those that do pass")
  func frequencies() {
    expectFrequencies([5000, 3010, 1990], probabilities: [0.5, 0.3, 0.2])
    // 300^2 / 5000 + 200^2 / 3000 + 100^2 / 2000, and e^(-x/2) of it.
    expectNoticed("chi-squared 36.3333 with 2 degrees of freedom has p = 1.29e-08") {
      expectFrequencies([5300, 2800, 1900], probabilities: [0.5, 0.3, 0.2])
    }
    expectNoticed("30 draws where 0.1 are expected") {
      expectFrequencies([9970, 30], probabilities: [0.99999, 0.00001])
    }
    expectFrequency(30, of: 10_000, probability: 1 / 255.0)
    expectFrequency(0, of: 10_000, probability: 0)
    expectNoticed("1 of 10000, expected a share of 0.0") { expectFrequency(1, of: 10_000, probability: 0) }
    expectNoticed("5300 of 10000, expected a share of 0.5") { expectFrequency(5300, of: 10_000, probability: 0.5) }
  }

  @Test("an average that is off by six standard errors is noticed")
  func averages() {
    let draws = (0..<100).map { Double($0 % 2) }
    expectAverage(draws, 0.5)
    // The error is (25 / 99 / 100)^(1/2).
    expectNoticed("expected 0.801511, the average is 0.5 with a standard error of 0.0503") {
      expectAverage(draws, 0.5 + 6 * averageAndError(draws).error)
    }
    expectClose(averageAndError(draws).error, (25.0 / 99 / 100).squareRoot(), absolute: 1e-15)
  }
}
