import Foundation
import TestSupport
import Testing
import Torch

@testable import Evaluation

@Suite("A bound of the information of codes")
struct InformationBoundTests {
  private func normal(_ seed: UInt64, _ rows: Int, _ columns: Int) -> Tensor {
    RandomSource(seed: seed).normal([rows, columns], dtype: .float64)
  }

  private func bound(
    _ x: Tensor, _ u: Tensor, seed: UInt64 = 1, _ change: (inout InformationBound.Design) -> Void = { _ in }
  ) throws -> InformationBound {
    var design = InformationBound.Design()
    (design.hidden, design.steps) = ([32, 32], 300)
    change(&design)
    return try InformationBound("mi-bound", x: x, u: u, design, using: RandomSource(seed: seed))
  }

  /// H of a Gaussian in so many dimensions, less log of its covariance's determinant over 2.
  private func entropy(_ dimensions: Double) -> Double { dimensions / 2 * log(2 * .pi * M_E) }

  @Test("X of N(0, I) and U = X + N(0, I / 4) have 1.609438 nats, and the bound is as much; another seed, another half")
  func gaussian() throws {
    let (rows, exact) = (20_000, log(5.0))
    let x = normal(1, rows, 2)
    let u = x + normal(2, rows, 2) * 0.5
    #expect(abs(exact - 1.609438) < 1e-6 && abs(entropy(2) - 2.837877) < 1e-6)
    for seed in 1...3 as ClosedRange<UInt64> {
      let found = try bound(x, u, seed: seed)
      let error = try #require(found.estimate.standardError)
      let information = entropy(2) + found.value
      #expect(found.estimate.count == rows / 2 && error < 0.011)
      // Four standard errors above are one run in 30,000; below there is what a fit of 10,000 rows costs, too.
      #expect(information < exact + 4 * error && information > exact - 4 * error - 0.005, "\(information) +- \(error)")
      // Var(X|U) = 1 / 5 in every direction.
      expectClose(found.variances, [0.2, 0.2], absolute: 0.02)
    }
  }

  @Test("residuals that are correlated by rho leave a gap of -log(1 - rho^2) / 2", arguments: [-0.6, 0.9])
  func correlated(rho: Double) throws {
    let rows = 20_000
    let (u, e) = (normal(3, rows, 2), normal(4, rows, 2))
    let second = e.narrowed(1, 0..<1) * rho + e.narrowed(1, 1..<2) * (1 - rho * rho).squareRoot()
    let x = u + .concatenated([e.narrowed(1, 0..<1), second], axis: 1)
    // The covariance of x is I + S.
    let exact = (log(4 - rho * rho) - log(1 - rho * rho)) / 2
    let entropyOfX = entropy(2) + log(4 - rho * rho) / 2
    let gap = -log(1 - rho * rho) / 2
    let found = try bound(x, u)
    let error = try #require(found.estimate.standardError)
    let information = entropyOfX + found.value
    #expect(information <= exact + 4 * error, "\(information), not above \(exact)")
    #expect(abs(information - (exact - gap)) < 4 * error + 0.005, "\(information), not \(exact - gap)")
  }

  @Test("a mean that bends is learned by the network: the residual is what noise leaves")
  func bent() throws {
    let rows = 6000
    let u = RandomSource(seed: 5).uniform([rows, 1], dtype: .float64) * 2 - 1
    let x = (u * 5).sin() + normal(6, rows, 1) * 0.2
    let exact = -(entropy(1) + log(0.2))
    let found = try bound(x, u) { $0.steps = 800 }
    let error = try #require(found.estimate.standardError)
    #expect(found.value < exact + 4 * error && found.value > exact - 4 * error - 0.05, "\(found.value), not \(exact)")
    // The line alone leaves half of the variance.
    let line = try bound(x, u) { ($0.steps, $0.learningRate) = (1, 0) }
    #expect(line.chosenStep == 0 && line.value < found.value - 0.8)
  }

  @Test("units of x move the bound as they move H(X); units of u, and columns of it that say nothing, leave it")
  func units() throws {
    let rows = 2000
    let x = normal(7, rows, 2)
    let u = x + normal(8, rows, 2)
    let found = try bound(x, u)
    let scaled = try bound(x * 1000 + 5, u * 1e-6 - 3)
    // Rounding of the same numbers in other units goes through the training.
    expectClose(scaled.value + 2 * log(1000), found.value, absolute: 5e-3)
    // A constant, and a copy of a column.
    let more = Tensor.concatenated([u, u.narrowed(1, 0..<1), .ones([rows, 1], dtype: .float64)], axis: 1)
    #expect(try abs(bound(x, more).value - found.value) < 0.02)
    // A code that tells nothing: the entropy of x, up to what learning from nothing costs.
    let none = try bound(x, normal(9, rows, 2))
    let error = try #require(none.estimate.standardError)
    #expect(entropy(2) + none.value < 4 * error && entropy(2) + none.value > -4 * error - 0.02)
  }

  @Test("what has no bound is refused in a sentence")
  func refusals() {
    func message(_ x: Tensor, _ u: Tensor) -> String {
      do {
        _ = try bound(x, u) { $0.steps = 2 }
        return ""
      } catch { return "\(error)" }
    }
    let (x, u) = (normal(1, 120, 2), normal(2, 120, 2))
    #expect(
      message(x, normal(2, 119, 2)) == "mi-bound: expected a row of u for each row of x, got 120 of x and 119 of u")
    #expect(
      message(normal(1, 99, 2), normal(2, 99, 2))
        == "mi-bound: expected at least 100 rows, 100 and 10 for each of the 2 numbers of u, got 99")
    #expect(message(x, normal(2, 120, 13)).contains("expected at least 130 rows"))
    let constant = Tensor.concatenated([x, .ones([120, 1], dtype: .float64)], axis: 1)
    #expect(
      message(constant, u)
        == "mi-bound: expected columns that vary, got one number in all rows of column 2 of x, whose log variance is "
        + "-infinity; leave it out")
    for known in [.concatenated([x, u * 3 + 1], axis: 1), .concatenated([x, u.narrowed(1, 0..<1)], axis: 1)] as [Tensor]
    {
      #expect(
        message(known, u)
          == "mi-bound: column 2 of x is a function of u, as nothing is left of its variance: the information is "
          + "infinite; leave it out")
    }
    #expect(message(x / (x - x), u) == "mi-bound: expected finite numbers, got some that are not")
    #expect(
      message(x.at(0, axis: 1), u).hasPrefix("mi-bound: expected rows of at least 1 number, got x of shape [120]"))
  }
}
