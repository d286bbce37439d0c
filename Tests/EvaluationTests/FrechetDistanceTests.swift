import Evaluation
import Foundation
import TestSupport
import Testing
import Torch

@Suite("Frechet distance")
struct FrechetDistanceTests {
  let rng = RandomSource(seed: 3)

  private func normal(_ shape: Int...) -> Tensor { rng.normal(shape, dtype: .float64) }

  @Test("it is the one that SciPy's matrix root gives")
  func reference() throws {
    let features = try Reference.load().features
    expectClose(
      try frechetDistance(matrix(features.x), matrix(features.y)), features.fid, absolute: 1e-10, relative: 1e-10)
  }

  @Test("in one dimension it is (m1 - m2)^2 + (s1 - s2)^2")
  func oneDimension() throws {
    // Means 2 and 7; variances 1 and 9 with the divisor n - 1.
    let (x, y) = (Tensor([1.0, 2, 3], shape: [3, 1]), Tensor([4.0, 7, 10], shape: [3, 1]))
    expectClose(try frechetDistance(x, y), 25 + 4, absolute: 1e-12)
  }

  @Test("a shift adds its square, a scale s of all features (1 - s)^2 tr S", arguments: [200, 5])
  func shiftAndScale(count: Int) throws {
    let x = normal(count, 8)
    let trace = x.variance(0).sum().item()
    expectClose(try frechetDistance(x, x + 2), 32, absolute: 1e-10)
    let centred = x - x.mean(0, keepAxes: true)
    expectClose(try frechetDistance(centred, centred * 3), 4 * trace, relative: 1e-10)
  }

  @Test("equal sets are at distance 0, whatever their rank", arguments: [2, 5, 8, 9, 60])
  func equal(count: Int) throws {
    let x = normal(count, 8) * 100
    for rows in [
      x, Tensor.concatenated([x, x.narrowed(1, 0..<3), Tensor.ones([count, 2], dtype: .float64)], axis: 1),
    ] {
      let distance = try frechetDistance(rows, rows)
      #expect(distance >= 0)
      #expect(distance < 1e-8)
    }
  }

  @Test("a constant or repeated feature changes nothing that it should not", arguments: [60, 4])
  func rankDeficient(count: Int) throws {
    let (x, y) = (normal(count, 5), normal(count + 3, 5) * 2)
    let distance = try frechetDistance(x, y)
    func extended(_ rows: Tensor) -> Tensor {
      Tensor.concatenated([rows, Tensor.ones([rows.size(0), 3], dtype: .float64)], axis: 1)
    }
    expectClose(try frechetDistance(extended(x), extended(y)), distance, relative: 1e-9)
    func doubled(_ rows: Tensor) -> Tensor { Tensor.concatenated([rows, rows], axis: 1) }
    expectClose(try frechetDistance(doubled(x), doubled(y)), 2 * distance, relative: 1e-9)
    // Orthogonal supports: the root has no trace.
    let zeros = Tensor.zeros([count, 5], dtype: .float64)
    let left = Tensor.concatenated([x, zeros], axis: 1) - Tensor.concatenated([x, zeros], axis: 1).mean(0)
    let right = Tensor.concatenated([zeros, x], axis: 1) - Tensor.concatenated([zeros, x], axis: 1).mean(0)
    expectClose(try frechetDistance(left, right), 2 * x.variance(0).sum().item(), relative: 1e-9)
  }

  @Test("what has no covariance is refused")
  func refused() {
    let x = normal(5, 2)
    #expect(throws: MetricError("fid: expected at least 2 rows of at least 1 number, got shape [1, 2]")) {
      try frechetDistance(x, normal(1, 2))
    }
    #expect(throws: MetricError("fid: expected at least 2 rows of at least 1 number, got shape [0, 2]")) {
      try frechetDistance(normal(0, 2), x)
    }
    #expect(throws: MetricError("fid: expected at least 2 rows of at least 1 number, got shape [5]")) {
      try frechetDistance(normal(5), x)
    }
    #expect(throws: MetricError("fid: expected rows of equal length, got shapes [5, 2] and [5, 3]")) {
      try frechetDistance(x, normal(5, 3))
    }
    #expect(throws: MetricError("fid: expected finite numbers, got some that are not")) {
      try frechetDistance(x, x * .nan)
    }
  }
}
