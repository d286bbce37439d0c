import TestSupport
import Testing
import Torch

@testable import Evaluation

@Suite("k nearest neighbours")
struct KNNProbeTests {
  @Test("the vote of one to three on a line, by hand", arguments: [(1, 0.5), (2, 0.5), (3, 0.0)])
  func byHand(_ k: Int, _ expected: Double) throws {
    // The point 1.1 has voters 1.0 (class 7), 1.3 (class 3), 0.8 (class 3); the point 9 only those of class 7.
    let train = try labelled([[1], [1.3], [0.8], [10], [10.5], [11]], [7, 3, 3, 7, 7, 7])
    #expect(try knnProbe(train: train, test: labelled([[1.1], [9]], [3, 7]), k: k) == expected)
  }

  @Test("scikit-learn has the same error rate")
  func reference() throws {
    let fixture = try ProbeFixture.load()
    expectClose(try knnProbe(train: fixture.train(), test: fixture.test(), k: 1), fixture.knn1)
  }

  @Test("neighbours are those of a plain loop, also far from the origin", arguments: [0, 1e5])
  func loop(offset: Double) {
    let x = RandomSource(seed: 3).normal([40, 3], dtype: .float64) + offset
    let values = x.array(Double.self)
    let found = Neighbours(of: x, among: x, k: 6, skipsSelf: true)
    for i in 0..<40 {
      let distances = (0..<40).map { j in
        (0..<3).reduce(0.0) { sum, c in
          let gap = values[3 * i + c] - values[3 * j + c]
          return sum + gap * gap
        }
      }
      let order = (0..<40).filter { $0 != i }.sorted { (distances[$0], $0) < (distances[$1], $1) }
      #expect(Array(found.indices[6 * i..<6 * i + 6]) == Array(order.prefix(6)))
      expectClose(Array(found.squaredDistances[6 * i..<6 * i + 6]), order.prefix(6).map { distances[$0] })
    }
  }

  @Test("one point, one class and an unknown class have their values")
  func degenerate() throws {
    let one = try labelled([[1, 2]], [4])
    #expect(try knnProbe(train: one, test: one, k: 1) == 0)
    #expect(try knnProbe(train: one, test: labelled([[1, 2], [3, 4]], [5, 4]), k: 1) == 0.5)
  }

  @Test("what is not rows with classes is refused")
  func refusals() throws {
    func refuses(_ message: String, _ body: () throws -> Void) { #expect(throws: MetricError(message), performing: body) }
    let one = try labelled([[1, 2]], [4])
    refuses("knn-probe: expected k from 1 to the 1 training rows, got 2") { _ = try knnProbe(train: one, test: one, k: 2) }
    refuses("knn-probe: expected k from 1 to the 1 training rows, got 0") { _ = try knnProbe(train: one, test: one, k: 0) }
    refuses("knn-probe: expected test rows of 2 features, as in training, got 1") {
      _ = try knnProbe(train: one, test: labelled([[1]], [4]), k: 1)
    }
    refuses("a: expected at least 1 row of at least 1 number, got shape [0, 2]") {
      _ = try LabelledRows(x: Tensor.zeros([0, 2]), y: Tensor.zeros([0]), name: "a")
    }
    refuses("a: expected a label for each of 2 rows, got shape [3]") {
      _ = try LabelledRows(x: Tensor.zeros([2, 2]), y: Tensor.zeros([3]), name: "a")
    }
    refuses("a: expected whole numbers as labels, got 0.5") {
      _ = try LabelledRows(x: Tensor.zeros([1, 2]), y: Tensor([0.5]), name: "a")
    }
    refuses("a: expected finite numbers, got some that are not") {
      _ = try LabelledRows(x: Tensor([Double.nan], shape: [1, 1]), y: Tensor([0.0]), name: "a")
    }
  }
}
