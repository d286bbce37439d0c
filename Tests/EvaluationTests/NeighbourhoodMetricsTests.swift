import Evaluation
import TestSupport
import Testing
import Torch

@Suite("Precision, recall, density, coverage")
struct NeighbourhoodMetricsTests {
  let rng = RandomSource(seed: 3)

  private func normal(_ shape: Int...) -> Tensor { rng.normal(shape, dtype: .float64) }

  private func four(_ metrics: NeighbourhoodMetrics) -> [Double] {
    [metrics.precision, metrics.recall, metrics.density, metrics.coverage]
  }

  @Test("they are the ones by definition, k = 5 and 1")
  func reference() throws {
    let features = try Reference.load().features
    let (x, y) = (matrix(features.x), matrix(features.y))
    expectClose(four(try NeighbourhoodMetrics(real: x, generated: y, k: 5)), features.prdc, absolute: 1e-12)
    expectClose(four(try NeighbourhoodMetrics(real: x, generated: y, k: 1)), features.prdc1, absolute: 1e-12)
  }

  @Test("points on a line agree with counting by hand, ties out")
  func byHand() throws {
    // Real radii 1, 1, 2, 5; generated radii 1, 1, 9. A point on the edge of a ball is not in it.
    let real = Tensor([0.0, 1, 3, 8], shape: [4, 1])
    let generated = Tensor([2.0, 3, 12], shape: [3, 1])
    // 2 is in the ball of 3 alone (on the edge of 1's), 3 in that of 3 alone (on the edge of 8's), 12 in that of 8.
    // Real 3 is in the ball of 3 (on the edge of 2's and 12's), 8 in that of 12, 0 and 1 in none.
    let found = try NeighbourhoodMetrics(real: real, generated: generated, k: 1)
    expectClose(four(found), [1, 0.5, 1, 0.5], absolute: 1e-12)
  }

  @Test("an equal set has all of them; a far one has none; sets may be longer than a block")
  func extremes() throws {
    let x = normal(600, 2)
    let same = try NeighbourhoodMetrics(real: x, generated: x, k: 3)
    #expect([same.precision, same.recall, same.coverage] == [1, 1, 1])
    // A point is in its own ball, and k - 1 others are in each open ball: k in all.
    expectClose(same.density, 1, absolute: 1e-12)
    #expect(four(try NeighbourhoodMetrics(real: x, generated: x + 1e3, k: 3)) == [0, 0, 0, 0])
    // One mode of two: faithful, not diverse.
    let modes = Tensor.concatenated([x, x + 1e3])
    let half = try NeighbourhoodMetrics(real: modes, generated: x, k: 3)
    #expect(four(half) == [1, 0.5, 1, 0.5])
  }

  @Test("points that coincide have empty balls; other degenerate sets are refused")
  func degenerate() throws {
    let ones = Tensor.ones([5, 2], dtype: .float64)
    #expect(four(try NeighbourhoodMetrics(real: ones, generated: ones, k: 2)) == [0, 0, 0, 0])
    #expect(throws: MetricError("prdc: expected k of 1 to 4 for 5 and 6 rows, got 5")) {
      try NeighbourhoodMetrics(real: ones, generated: normal(6, 2), k: 5)
    }
    #expect(throws: MetricError("prdc: expected k of 1 to 4 for 5 and 5 rows, got 0")) {
      try NeighbourhoodMetrics(real: ones, generated: ones, k: 0)
    }
    #expect(throws: MetricError("prdc: expected at least 2 rows of at least 1 number, got shape [1, 2]")) {
      try NeighbourhoodMetrics(real: ones, generated: normal(1, 2), k: 1)
    }
    #expect(throws: MetricError("prdc: expected rows of equal length, got shapes [5, 2] and [5, 3]")) {
      try NeighbourhoodMetrics(real: ones, generated: normal(5, 3), k: 1)
    }
    #expect(throws: MetricError("prdc: expected finite numbers, got some that are not")) {
      try NeighbourhoodMetrics(real: ones, generated: ones * .nan, k: 1)
    }
  }
}
