import Evaluation
import Foundation
import TestSupport
import Testing
import Torch

@Suite("Inception score")
struct InceptionScoreTests {
  @Test("it is the one by definition, in 10 splits of unequal sizes and in one")
  func reference() throws {
    let fixture = try Reference.load().probabilities
    let ten = try inceptionScore(matrix(fixture.p), splits: 10)
    expectClose([ten.mean, ten.standardDeviation], fixture.score10, absolute: 1e-12, relative: 1e-12)
    let one = try inceptionScore(matrix(fixture.p), splits: 1)
    expectClose([one.mean, one.standardDeviation], fixture.score1, absolute: 1e-12, relative: 1e-12)
  }

  @Test("certain and balanced classes score their number; equal rows score 1")
  func extremes() throws {
    let certain = Tensor([1.0, 0, 0, 0, 1, 0, 0, 0, 1], shape: [3, 3])
    expectClose(try inceptionScore(certain, splits: 1).mean, 3, relative: 1e-12)
    expectClose(try inceptionScore(certain, splits: 3).mean, 1, relative: 1e-12)
    let equal = Tensor.full([4, 5], 0.2, dtype: .float64)
    expectClose(try inceptionScore(equal, splits: 2).mean, 1, relative: 1e-12)
    // Three rows of one class and one of another: the entropy of (3/4, 1/4).
    let uneven = Tensor([1.0, 0, 1, 0, 1, 0, 0, 1], shape: [4, 2])
    expectClose(
      try inceptionScore(uneven, splits: 1).mean, exp(-0.75 * log(0.75) - 0.25 * log(0.25)), relative: 1e-12)
    #expect(
      try inceptionScore(Tensor([1.0, Double.leastNonzeroMagnitude, 1.0, 0], shape: [2, 2]), splits: 1).mean == 1)
  }

  @Test("rows that are no probabilities are refused by number")
  func refused() {
    func refuse(_ values: [Double], _ shape: [Int], splits: Int = 1, _ message: String) {
      #expect(throws: MetricError("inception-score: " + message)) {
        try inceptionScore(Tensor(values, shape: shape), splits: splits)
      }
    }
    refuse([0.5, 0.5, 0.5, 0.25], [2, 2], "row 1: expected probabilities that sum to 1, got the sum 0.75")
    refuse([1.5, -0.5], [1, 2], "row 0: expected probabilities, got -0.5")
    refuse([0.5, .nan], [1, 2], "row 0: expected probabilities, got nan")
    refuse([0.5, 0.5], [1, 2], splits: 2, "expected 1 to 1 splits of 1 rows, got 2")
    refuse([0.5, 0.5], [1, 2], splits: 0, "expected 1 to 1 splits of 1 rows, got 0")
    refuse([], [0, 2], "expected rows of class probabilities, got shape [0, 2]")
    refuse([1], [1], "expected rows of class probabilities, got shape [1]")
  }
}
