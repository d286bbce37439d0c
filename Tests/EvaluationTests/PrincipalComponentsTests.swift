import Evaluation
import TestSupport
import Testing
import Torch

@Suite("Principal components")
struct PrincipalComponentsTests {
  @Test("scores and variance kept are those of NumPy's singular vectors")
  func reference() throws {
    let fixture = try ProbeFixture.load()
    let pca = try PrincipalComponents(matrix(fixture.trainX), dimension: 2)
    expectClose(pca.scores, matrix(fixture.pca.scores), absolute: 1e-9)
    expectClose(pca.fractionKept, fixture.pca.fraction, relative: 1e-10)
  }

  @Test("the squared error of a reconstruction is the sum of the dropped eigenvalues", arguments: [[30, 6], [6, 30]])
  func dropped(_ shape: [Int]) throws {
    let x = RandomSource(seed: 2).normal(shape, dtype: .float64) * Tensor.range(shape[1], dtype: .float64)
    let all = try PrincipalComponents(x, dimension: 5)
    let some = try PrincipalComponents(x, dimension: 3)
    let error = (some.reconstruct(some.scores) - x).square().sum().item() / Double(shape[0] - 1)
    let rest = all.totalVariance - all.variances.narrowed(0, 0..<3).sum().item()
    expectClose(error, rest, relative: 1e-10)
    expectClose(some.scores.variance(0), some.variances, relative: 1e-10)
    expectClose(some.components.matmul(some.components.transposed).array(Double.self), [1, 0, 0, 0, 1, 0, 0, 0, 1])
    #expect(some.components.max(1).array(Double.self) == some.components.abs().max(1).array(Double.self))
  }

  @Test("constant features and duplicate rows add no variance")
  func degenerate() throws {
    let x = matrix([[0, 5], [2, 5], [2, 5]])
    let pca = try PrincipalComponents(x, dimension: 2)
    expectClose(pca.variances, [4.0 / 3, 0])
    expectClose(try PrincipalComponents(x, dimension: 1).fractionKept, 1)
    let wide = try PrincipalComponents(matrix([[0, 5, 1], [2, 5, 1]]), dimension: 2)
    expectClose(wide.scores, [-1, 0, 1, 0])
  }

  @Test("what has no components is refused")
  func refusals() {
    func refuses(_ message: String, _ x: Tensor, _ dimension: Int) {
      #expect(throws: MetricError(message)) { try PrincipalComponents(x, dimension: dimension) }
    }
    refuses("pca: expected at least 2 rows of at least 1 number, got shape [1, 2]", Tensor.ones([1, 2]), 1)
    refuses("pca: expected at least 2 rows of at least 1 number, got shape [0, 2]", Tensor.ones([0, 2]), 1)
    refuses("pca: expected 1 to 2 components of shape [3, 2], got 3", Tensor.ones([3, 2]), 3)
    refuses("pca: expected 1 to 2 components of shape [3, 2], got 0", Tensor.ones([3, 2]), 0)
    refuses("pca: expected rows that differ, got 3 equal ones", Tensor.full([3, 2], 0.1, dtype: .float64), 1)
    refuses("pca: expected finite numbers, got some that are not", Tensor.full([3, 2], .nan), 1)
  }
}
