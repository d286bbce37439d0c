import Evaluation
import Foundation
import TestSupport
import Testing
import Torch

@Suite("log det of the covariance")
struct CovarianceTests {
  @Test("two dimensions agree with the determinant by hand, near zero and far from it", arguments: [0, 1e6])
  func byHand(offset: Double) throws {
    let rows = [[1.0, 2], [2, 1], [4, 5], [0, 3]]
    // Means 1.75 and 2.75; sums of squares 8.75 and 8.75, of products 4.75; divisor 3.
    let determinant = (8.75 * 8.75 - 4.75 * 4.75) / 9
    let x = Tensor(rows.flatMap { $0.map { $0 + offset } }, shape: [4, 2])
    expectClose(try logDetCovariance(x), log(determinant) / 2, relative: 1e-7)
  }

  @Test("a scale s of every dimension adds 2 log s")
  func scale() throws {
    let x = RandomSource(seed: 1).normal([50, 6], dtype: .float64)
    expectClose(try logDetCovariance(x * 3), try logDetCovariance(x) + 2 * log(3), relative: 1e-10)
  }

  @Test("deviations a billion times apart are not singular", arguments: [1e-7, 1e-9])
  func nearlySingular(_ ratio: Double) throws {
    // Two orthogonal columns of +-1 and +-ratio: variances 4/3 and 4/3 ratio^2.
    let x = Tensor([1, ratio, -1, ratio, 1, -ratio, -1, -ratio], shape: [4, 2])
    expectClose(try logDetCovariance(x), log(4.0 / 3) + log(ratio), absolute: 1e-6)
  }

  @Test("a constant far from zero has no volume, whatever rounding its mean has")
  func constant() throws {
    #expect(try logDetCovariance(Tensor.full([49, 1], 0.1, dtype: .float64)) == -.infinity)
  }

  @Test("rows that do not span the space have no volume")
  func degenerate() throws {
    let x = RandomSource(seed: 1).normal([50, 3], dtype: .float64)
    #expect(try logDetCovariance(Tensor.concatenated([x, x.narrowed(1, 0..<1)], axis: 1)) == -.infinity)
    #expect(try logDetCovariance(x.narrowed(0, 0..<3)) == -.infinity)
    #expect(try logDetCovariance(Tensor.ones([5, 1], dtype: .float64)) == -.infinity)
    let error = MetricError("logdet-cov: expected at least 2 rows of at least 1 number, got shape [1, 2]")
    #expect(throws: error) { try logDetCovariance(Tensor.ones([1, 2], dtype: .float64)) }
  }
}
