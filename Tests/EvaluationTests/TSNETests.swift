import Foundation
import TestSupport
import Testing
import Torch

@testable import Evaluation

@Suite("t-SNE")
struct TSNETests {
  private func noise(_ shape: [Int], seed: UInt64 = 1) -> Tensor {
    RandomSource(seed: seed).normal(shape, dtype: .float64)
  }

  @Test("each row has the wanted perplexity, and the pairs' probabilities are symmetric with sum 1")
  func affinities() {
    let distances = noise([30]).square().array(Double.self).sorted()
    let p = Affinities.conditional(distances[...], entropy: log(7))
    expectClose(exp(-p.reduce(0) { $0 + $1 * log($1) }), 7, relative: 1e-8)
    expectClose(p.reduce(0, +), 1, relative: 1e-12)
    let joint = Affinities(noise([40, 3]), perplexity: 5)
    expectClose(joint.values.reduce(0, +), 1, relative: 1e-12)
    var table = [[Double]](repeating: [Double](repeating: 0, count: 40), count: 40)
    for i in 0..<40 {
      for c in joint.starts[i]..<joint.starts[i + 1] { table[i][Int(joint.columns[c])] = joint.values[c] }
    }
    for i in 0..<40 { for j in 0..<40 { #expect(table[i][j] == table[j][i] && (i != j || table[i][j] == 0)) } }
  }

  @Test("equal rows have equal probabilities, however many")
  func duplicates() {
    expectClose(Affinities.conditional([0, 0, 0, 0][...], entropy: log(2)), [0.25, 0.25, 0.25, 0.25])
    expectClose(Affinities.conditional([0, 0, 0, 9][...], entropy: log(2)), [1.0 / 3, 1.0 / 3, 1.0 / 3, 0])
  }

  @Test("the gradient at theta 0 is the slope of the divergence")
  func slope() {
    let p = Affinities(noise([25, 3]), perplexity: 4)
    let y = noise([25, 2], seed: 2).array(Double.self)
    func divergence(_ y: [Double]) -> Double {
      var normalizer = 0.0
      for i in 0..<25 {
        for j in 0..<25 where j != i {
          let (dx, dy) = (y[2 * i] - y[2 * j], y[2 * i + 1] - y[2 * j + 1])
          normalizer += 1 / (1 + dx * dx + dy * dy)
        }
      }
      return TSNE.divergence(p, y, normalizer: normalizer)
    }
    let (gradient, _) = TSNE.gradient(p, y, theta: 0)
    let step = 1e-5
    let slopes = y.indices.map { c -> Double in
      var (above, below) = (y, y)
      above[c] += step
      below[c] -= step
      return (divergence(above) - divergence(below)) / (2 * step)
    }
    expectClose(gradient, slopes, absolute: 1e-9, relative: 1e-6)
  }

  @Test("Barnes and Hut's sums are near the exact ones, nearer for a smaller theta")
  func approximation() {
    let y = (noise([500, 2]) * 10).array(Double.self)
    let tree = Quadtree(y)
    #expect(tree.order.sorted() == Array(0..<500))
    func error(_ theta: Double) -> Double {
      var (difference, size) = (0.0, 0.0)
      for position in 0..<500 {
        let exact = tree.repulsion(at: position, theta: 0)
        let near = tree.repulsion(at: position, theta: theta)
        difference += pow(near.x - exact.x, 2) + pow(near.y - exact.y, 2)
        size += pow(exact.x, 2) + pow(exact.y, 2)
        expectClose(near.q, exact.q, relative: 0.05)
      }
      return (difference / size).squareRoot()
    }
    let (coarse, fine) = (error(0.5), error(0.2))
    #expect(coarse < 0.03)
    #expect(coarse > 0)
    #expect(fine < coarse / 2)
  }

  @Test("exact sums of the tree are those of a plain loop, coinciding points included")
  func loop() {
    var y = noise([60, 2]).array(Double.self)
    for i in 0..<24 { y[i] = i.isMultiple(of: 2) ? 0.5 : -0.25 }
    let tree = Quadtree(y)
    for position in 0..<60 {
      let i = tree.order[position]
      var sum = (0.0, 0.0, 0.0)
      for j in 0..<60 where j != i {
        let (dx, dy) = (y[2 * i] - y[2 * j], y[2 * i + 1] - y[2 * j + 1])
        let q = 1 / (1 + dx * dx + dy * dy)
        sum = (sum.0 + q * q * dx, sum.1 + q * q * dy, sum.2 + q)
      }
      let found = tree.repulsion(at: position, theta: 0)
      expectClose([found.x, found.y, found.q], [sum.0, sum.1, sum.2], absolute: 1e-10)
    }
  }

  @Test("separate clusters stay separate, and a seed gives the same map again")
  func clusters() throws {
    let classes = (0..<90).map { Int64($0 % 3) }
    let centres = Tensor([10.0, 0, 0, 0, 0, 10, 0, 0, 0, 0, 10, 0], shape: [3, 4])
    let x = centres.gathered(Tensor(classes)) + noise([90, 4])
    var tsne = TSNE(perplexity: 10)
    tsne.iterations = 400
    let map = try tsne(x, using: RandomSource(seed: 1))
    let rows = try LabelledRows(x: map.points, y: Tensor(classes), name: "map")
    #expect(try knnProbe(train: rows, test: rows, k: 5) == 0)
    #expect(map.divergence > 0 && map.divergence < 0.6)
    #expect(try trustworthiness(original: x, embedded: map.points, k: 12) > 0.85)
    expectClose(map.points.mean(0), [0, 0])
    tsne.iterations = 20
    let again = try (0..<2).map { _ in try tsne(x, using: RandomSource(seed: 7)).points }
    #expect(again[0].isEqual(to: again[1]))
    #expect(!again[0].isEqual(to: try tsne(x, using: RandomSource(seed: 8)).points))
  }

  @Test("one feature and duplicate rows are mapped to finite places")
  func degenerate() throws {
    var tsne = TSNE(perplexity: 2)
    tsne.iterations = 30
    let column = matrix((0..<12).map { [Double($0 / 4)] })
    #expect(try tsne(column, using: RandomSource(seed: 1)).points.isFinite().all().item() == 1)
  }

  @Test("what cannot be mapped is refused")
  func refusals() {
    func refuses(_ message: String, _ x: Tensor, _ perplexity: Double) {
      #expect(throws: MetricError(message)) { try TSNE(perplexity: perplexity)(x, using: RandomSource(seed: 1)) }
    }
    refuses("tsne: expected at least 2 rows of at least 1 number, got shape [1, 2]", Tensor.ones([1, 2]), 2)
    refuses(
      "tsne: expected a perplexity above 1 and at most a third of the 9 other rows, got 4.0", Tensor.ones([10, 2]), 4)
    refuses(
      "tsne: expected a perplexity above 1 and at most a third of the 9 other rows, got nan", Tensor.ones([10, 2]), .nan
    )
    refuses("tsne: expected finite numbers, got some that are not", Tensor.full([10, 2], .nan), 2)
    refuses("tsne: expected rows that differ, got 10 equal ones", Tensor.ones([10, 2]), 2)
  }
}
