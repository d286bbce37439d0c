import Foundation
import TestSupport
import Testing
import Torch

@testable import Evaluation

@Suite("Disentanglement")
struct DisentanglementTests {
  /// Every combination of 4, 5 and 3 values.
  private let factors = matrix(
    (0..<60).map { (i: Int) -> [Double] in [Double(i % 4), Double(i / 4 % 5), Double(i / 20)] })

  @Test("mutual information by hand: a copy tells all, an independent one nothing, a coarser one its own entropy")
  func information() {
    let a = [0, 1, 2, 3]
    expectClose(mutualInformation(a, a), log(4))
    expectClose(mutualInformation([0, 0, 1, 1], [0, 1, 0, 1]), 0)
    expectClose(mutualInformation(a, [0, 0, 1, 1]), log(2))
  }

  @Test("codes that are the factors have every score 1, but for the lasso's shrinkage")
  func identity() throws {
    let found = try Disentanglement(codes: factors, factors: factors)
    expectClose([found.mig, found.sap, found.disentanglement, found.completeness], [1, 1, 1, 1], absolute: 1e-9)
    // Weights are 1 - alpha, so a part alpha^2 is not explained.
    expectClose(found.informativeness, 1 - 1e-4, absolute: 1e-9)
  }

  @Test("order, scale and sign of the codes do not matter")
  func permuted() throws {
    let order = Tensor([Int64(2), 0, 1])
    let codes = factors.gathered(order, axis: 1) * Tensor([-3.0, 100, 1e-3]) + 5
    let found = try Disentanglement(codes: codes, factors: factors)
    expectClose(
      [found.mig, found.sap, found.disentanglement, found.completeness], [1, 1, 1, 1], absolute: 1e-9)
  }

  @Test("a rotation of two codes lowers every gap, and leaves what is known")
  func rotated() throws {
    let x = RandomSource(seed: 5).uniform([2000, 2], dtype: .float64)
    let half = 0.5.squareRoot()
    let turned = x.matmul(matrix([[half, half], [-half, half]]))
    let straight = try Disentanglement(codes: x, factors: x)
    let found = try Disentanglement(codes: turned, factors: x)
    #expect(straight.mig > 0.9 && found.mig < 0.1)
    #expect(straight.sap > 0.9 && found.sap < 0.1)
    #expect(straight.disentanglement > 0.9 && found.disentanglement < 0.1)
    #expect(straight.completeness > 0.9 && found.completeness < 0.1)
    #expect(found.informativeness > 0.99)
  }

  @Test("constant codes tell nothing, and a single code has its information as gap")
  func degenerate() throws {
    let none = try Disentanglement(codes: Tensor.full([60, 3], 0.1, dtype: .float64), factors: factors)
    #expect([none.mig, none.sap, none.disentanglement, none.completeness, none.informativeness] == [0, 0, 0, 0, 0])
    let first = factors.narrowed(1, 0..<1)
    let single = try Disentanglement(codes: first, factors: first)
    expectClose([single.mig, single.sap, single.disentanglement, single.completeness], [1, 1, 1, 1], absolute: 1e-9)
  }

  @Test("the lasso's weights are scikit-learn's")
  func lasso() throws {
    let fixture = try ProbeFixture.load()
    func standard(_ x: Tensor) -> [[Double]] {
      let z = (x - x.mean(0)) / x.variance(0, correction: 0).sqrt()
      return (0..<x.size(1)).map { z.narrowed(1, $0..<$0 + 1).array(Double.self) }
    }
    let target = standard(matrix(fixture.lasso.target.map { [$0] }))[0]
    let lasso = Lasso(columns: standard(matrix(fixture.trainX)), target: target, alpha: fixture.lasso.alpha)
    expectClose(lasso.weights, fixture.lasso.weights, absolute: 1e-8)
  }

  @Test("what cannot be compared is refused")
  func refusals() {
    func refuses(_ message: String, _ codes: Tensor, _ factors: Tensor) {
      #expect(throws: MetricError(message)) { try Disentanglement(codes: codes, factors: factors) }
    }
    let x = factors
    refuses("disentanglement: expected factors of all 60 rows, got 59", x, x.narrowed(0, 0..<59))
    refuses("disentanglement: expected factors that vary, got a constant in column 1", x, x * Tensor([1.0, 0, 1]))
    refuses("disentanglement: expected finite numbers, got some that are not", x, x * .nan)
    refuses(
      "disentanglement: expected at least 2 rows of at least 1 number, got shape [1, 3]", x.narrowed(0, 0..<1), x)
  }
}
