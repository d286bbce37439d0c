import Evaluation
import TestSupport
import Testing
import Torch

@Suite("Kernel distance")
struct KernelDistanceTests {
  let rng = RandomSource(seed: 3)

  private func normal(_ shape: Int...) -> Tensor { rng.normal(shape, dtype: .float64) }

  @Test("it is the one by definition")
  func reference() throws {
    let features = try Reference.load().features
    expectClose(
      try kernelDistance(matrix(features.x), matrix(features.y)), features.kid, absolute: 1e-10, relative: 1e-10)
  }

  @Test("two points a side agree with sums by hand, and sets longer than a block with one another")
  func byHand() throws {
    // Kernels: (2 + 1)^3 in x, (0 + 1)^3 in y, (0 + 1)^3 between.
    let (x, y) = (Tensor([1.0, 2], shape: [2, 1]), Tensor([0.0, 5], shape: [2, 1]))
    let between = (1.0 + 216 + 1 + 1331) / 4
    expectClose(try kernelDistance(x, y), 27 + 1 - 2 * between, absolute: 1e-12)
    let (long, other) = (normal(1500, 2), normal(1100, 2))
    expectClose(try kernelDistance(long, other), try kernelDistance(other, long), absolute: 1e-10)
  }

  @Test("over samples of one distribution it is 0 on average (5 standard errors, 200 draws)")
  func unbiased() throws {
    let estimate = Estimate(try (0..<200).map { _ in try kernelDistance(normal(6, 3), normal(9, 3)) })
    #expect(try abs(estimate.mean) < 5 * #require(estimate.standardError))
  }

  @Test("subsets of all rows are the whole set; smaller ones vary around it and replay from their seed")
  func subsets() throws {
    let (x, y) = (normal(30, 3), normal(30, 3) + 1)
    let whole = try kernelDistance(x, y, subsets: 3, size: 30, using: RandomSource(seed: 1))
    expectClose(whole.mean, try kernelDistance(x, y), relative: 1e-10)
    #expect(whole.standardDeviation < 1e-10)
    let some = try kernelDistance(x, y, subsets: 400, size: 10, using: RandomSource(seed: 1))
    let again = try kernelDistance(x, y, subsets: 400, size: 10, using: RandomSource(seed: 1))
    #expect(some == again)
    // Subsets of the same rows are unbiased for the whole set: 5 standard errors.
    #expect(abs(some.mean - whole.mean) < 5 * some.standardDeviation / 20)
    #expect(some.standardDeviation > 0.01)
  }

  @Test("degenerate sets have a value or one error")
  func degenerate() throws {
    let ones = Tensor.ones([4, 2], dtype: .float64)
    #expect(try kernelDistance(ones, ones) == 0)
    let rng = RandomSource(seed: 1)
    #expect(throws: MetricError("kid: expected at least 2 rows of at least 1 number, got shape [1, 2]")) {
      try kernelDistance(normal(1, 2), ones)
    }
    #expect(throws: MetricError("kid: expected rows of equal length, got shapes [3, 3] and [4, 2]")) {
      try kernelDistance(normal(3, 3), ones)
    }
    #expect(throws: MetricError("kid: expected finite numbers, got some that are not")) {
      try kernelDistance(ones, ones * .infinity)
    }
    #expect(throws: MetricError("kid: expected subsets of 2 to 3 rows, got 4")) {
      try kernelDistance(ones, normal(3, 2), subsets: 1, size: 4, using: rng)
    }
    #expect(throws: MetricError("kid: expected at least 1 subset, got 0")) {
      try kernelDistance(ones, ones, subsets: 0, size: 4, using: rng)
    }
  }
}
