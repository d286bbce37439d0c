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

  @Test("neighbours and balls are exact where products of matrices lose every digit", arguments: [3, 9, 300])
  func cancellation(dimension: Int) throws {
    // Two clusters as wide as the rounding error of a squared norm is as a distance.
    func clusters(_ seed: UInt64, _ count: Int) -> Tensor {
      let sign = Tensor((0..<count).map { $0.isMultiple(of: 2) ? 1e4 : -1e4 }, shape: [count, 1])
      return sign + RandomSource(seed: seed).normal([count, dimension], dtype: .float64) * 1e-4
    }
    let (x, y) = (clusters(1, 90), clusters(2, 70))
    func distances(_ a: Tensor, _ b: Tensor) -> [[Double]] {
      let rows = b.size(0)
      let all = a.distances(to: b).array(Double.self)
      return (0..<a.size(0)).map { Array(all[$0 * rows..<($0 + 1) * rows]) }
    }
    let (own, other, cross) = (distances(x, x), distances(y, y), distances(x, y))
    let found = Neighbours(of: x, among: x, k: 4, skipsSelf: true)
    let radii = own.map { $0.sorted()[4] }
    for i in 0..<90 {
      let expected = (0..<90).filter { $0 != i }.sorted { own[i][$0] < own[i][$1] }.prefix(4)
      #expect(Array(found.indices[i * 4..<i * 4 + 4]) == Array(expected))
      expectClose(found.radii[i], radii[i], absolute: 0, relative: 1e-12)
    }
    let generatedRadii = other.map { $0.sorted()[4] }
    let metrics = try NeighbourhoodMetrics(real: x, generated: y, k: 4)
    let balls = (0..<70).map { j in (0..<90).count { cross[$0][j] < radii[$0] } }
    let recalled = (0..<90).count { i in (0..<70).contains { cross[i][$0] < generatedRadii[$0] } }
    let covered = (0..<90).count { i in cross[i].contains { $0 < radii[i] } }
    expectClose(
      [metrics.precision, metrics.recall, metrics.density, metrics.coverage],
      [
        Double(balls.count { $0 > 0 }) / 70, Double(recalled) / 90, Double(balls.reduce(0, +)) / (70 * 4),
        Double(covered) / 90,
      ],
      absolute: 1e-12)
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

  @Test("long rows among themselves have the neighbours that a search among all rows finds")
  func symmetric() {
    let x = RandomSource(seed: 4).normal([1100, 256], dtype: .float64)
    let own = Neighbours(of: x, among: x, k: 3, skipsSelf: true)
    let all = Neighbours(of: x, among: x, k: 4)
    for i in 0..<1100 {
      #expect(all.indices[4 * i] == i)
      #expect(Array(own.indices[3 * i..<3 * i + 3]) == Array(all.indices[4 * i + 1..<4 * i + 4]))
    }
    #expect(own.radii == all.radii)
  }

  @Test("the blocks of a triangle hold every pair once", arguments: [(1, 4), (256, 512), (700, 100), (1500, 512)])
  func triangles(count: Int, most: Int) {
    let (above, diagonal) = triangle(0..<count, most: most)
    #expect(above.allSatisfy { $0.0.count <= most && $0.1.count <= most && $0.0.upperBound <= $0.1.lowerBound })
    #expect(diagonal.flatMap { Array($0) } == Array(0..<count))
    let pairs = above.reduce(0) { $0 + $1.0.count * $1.1.count }
    #expect(pairs + diagonal.reduce(0) { $0 + $1.count * ($1.count - 1) / 2 } == count * (count - 1) / 2)
    #expect(
      sumOverDifferentPairs(count, block: most) { .ones([$0.count, $1.count], dtype: .float64) }
        == Double(count * (count - 1)))
  }

  @Test("one point, one class and an unknown class have their values")
  func degenerate() throws {
    let one = try labelled([[1, 2]], [4])
    #expect(try knnProbe(train: one, test: one, k: 1) == 0)
    #expect(try knnProbe(train: one, test: labelled([[1, 2], [3, 4]], [5, 4]), k: 1) == 0.5)
  }

  @Test("what is not rows with classes is refused")
  func refusals() throws {
    func refuses(_ message: String, _ body: () throws -> Void) {
      #expect(throws: MetricError(message), performing: body)
    }
    let one = try labelled([[1, 2]], [4])
    refuses("knn-probe: expected k from 1 to the 1 training rows, got 2") {
      _ = try knnProbe(train: one, test: one, k: 2)
    }
    refuses("knn-probe: expected k from 1 to the 1 training rows, got 0") {
      _ = try knnProbe(train: one, test: one, k: 0)
    }
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
