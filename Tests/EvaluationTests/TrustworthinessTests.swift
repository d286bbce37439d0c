import Evaluation
import Foundation
import TestSupport
import Testing
import Torch

@Suite("Trustworthiness")
struct TrustworthinessTests {
  @Test("scikit-learn has the same value", arguments: [5, 12])
  func reference(k: Int) throws {
    let fixture = try ProbeFixture.load()
    let x = matrix(fixture.trainX)
    let plane = x.gathered(Tensor([Int64(0), 2]), axis: 1)
    expectClose(
      try trustworthiness(original: x, embedded: plane, k: k), try #require(fixture.trustworthiness["\(k)"]),
      relative: 1e-10)
  }

  @Test("a similarity is trusted wholly, noise about half, a swap by hand")
  func values() throws {
    let x = RandomSource(seed: 1).normal([200, 3], dtype: .float64)
    expectClose(try trustworthiness(original: x, embedded: 2 * x + 1, k: 12), 1, relative: 1e-12)
    let noise = RandomSource(seed: 2).normal([200, 3], dtype: .float64)
    expectClose(try trustworthiness(original: x, embedded: noise, k: 12), 0.5, absolute: 0.05)
    // On the line 0 1 3 7 the images of 1 and 7 are swapped.
    let line = matrix([[0], [1], [3], [7]])
    let swapped = matrix([[0], [7], [3], [1]])
    // Neighbours in y: 0 -> 7 (rank 3), 1 -> 3 (rank 2), 3 -> 7 (rank 3), 7 -> 0 (rank 3): penalties 2, 1, 2, 2.
    expectClose(try trustworthiness(original: line, embedded: swapped, k: 1), 1 - 2.0 / (4 * 4) * 7)
  }

  @Test("equal rows are as near as can be")
  func degenerate() throws {
    let y = RandomSource(seed: 2).normal([10, 2], dtype: .float64)
    expectClose(try trustworthiness(original: Tensor.ones([10, 2]), embedded: y, k: 3), 1)
  }

  @Test("what has no such neighbours is refused")
  func refusals() {
    func refuses(_ message: String, _ x: Tensor, _ y: Tensor, _ k: Int) {
      #expect(throws: MetricError(message)) { try trustworthiness(original: x, embedded: y, k: k) }
    }
    let ones = Tensor.ones([6, 2])
    refuses("trustworthiness: expected k from 1 to below half of the 6 rows, got 3", ones, ones, 3)
    refuses("trustworthiness: expected k from 1 to below half of the 6 rows, got 0", ones, ones, 0)
    refuses("trustworthiness: expected an embedding of all 6 rows, got 5", ones, Tensor.ones([5, 2]), 1)
    refuses("trustworthiness: expected finite numbers, got some that are not", ones, Tensor.full([6, 2], .nan), 1)
    refuses(
      "trustworthiness: expected at least 1 row of at least 1 number, got shape [0, 2]", Tensor.ones([0, 2]), ones, 1)
  }
}
