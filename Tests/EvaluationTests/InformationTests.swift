import Foundation
import TestSupport
import Testing
import Torch

@testable import Evaluation

@Suite("KL by neighbours, mutual information, class frequencies")
struct InformationTests {
  private func points(_ seed: UInt64, _ shape: [Int]) -> Tensor {
    RandomSource(seed: seed).normal(shape, dtype: .float64)
  }

  @Test("kl-knn is the formula over sorted distances, whatever k and dimension", arguments: [1, 2, 7], [1, 3, 8])
  func brute(k: Int, dimension: Int) throws {
    let (x, y) = (points(1, [150, dimension]), points(2, [90, dimension]) * 1.5)
    func distances(_ a: Tensor, _ b: Tensor) -> [Double] { (b - a).square().sum(1).sqrt().array(Double.self).sorted() }
    var total = 0.0
    for i in 0..<150 { total += log(distances(x.at(i), y)[k - 1] / distances(x.at(i), x)[k]) }
    let expected = Double(dimension) / 150 * total + log(90 / 149.0)
    expectClose(try neighbourKL(x, y, k: k), expected, absolute: 1e-10)
    // Rotating axes and moving both changes no distance.
    expectClose(try neighbourKL(x.flipped(1) + 3, y.flipped(1) + 3, k: k), expected, absolute: 1e-9)
  }

  @Test("kl-knn of two Gaussians is near the closed form")
  func gaussians() throws {
    let value = try neighbourKL(points(1, [3000, 2]) + 1, points(2, [3000, 2]), k: 5)
    // |1, 1|^2 / 2; the estimator's standard deviation is about 0.04 here.
    expectClose(value, 1, absolute: 0.2, relative: 0)
  }

  @Test("kl-knn refuses duplicates, too few rows and rows of other lengths")
  func refusals() {
    let x = points(1, [10, 2])
    let duplicate = MetricError(
      "kl-knn: row 0 of x equals 1 or more other rows of x or of y, and a distance of 0 has no logarithm; "
        + "remove the duplicates or take a larger k")
    #expect(throws: duplicate) { try neighbourKL(x, x) }
    #expect(throws: duplicate) { try neighbourKL(Tensor.ones([40, 2], dtype: .float64), x) }
    let few = MetricError("kl-knn: expected x of at least 2 rows of at least 1 number, got shape [1, 2]")
    #expect(throws: few) { try neighbourKL(x.narrowed(0, 0..<1), x) }
    let k = MetricError("kl-knn: expected k of at least 1, got 0")
    #expect(throws: k) { try neighbourKL(x, x, k: 0) }
  }

  @Test("mutual information is the double loop, at most log n, and 0 where no code tells")
  func information() throws {
    let (mean, logVariance) = (points(1, [6, 2]), points(2, [6, 2]))
    let z = mean + points(3, [6, 2])
    func log(_ x: Double) -> Double { Foundation.log(x) }
    func density(_ i: Int, _ j: Int) -> Double {
      zip(zip(z.at(i).array(Double.self), mean.at(j).array(Double.self)), logVariance.at(j).array(Double.self)).reduce(
        1
      ) {
        $0 * exp(-pow($1.0.0 - $1.0.1, 2) / (2 * exp($1.1))) / (2 * .pi * exp($1.1)).squareRoot()
      }
    }
    let expected =
      (0..<6).reduce(0.0) { total, i in
        total + log(density(i, i) / ((0..<6).reduce(0) { $0 + density(i, $1) } / 6))
      } / 6
    expectClose(try mutualInformation(mean: mean, logVariance: logVariance, z: z), expected, absolute: 1e-12)
    let same = Tensor.zeros([6, 2], dtype: .float64)
    expectClose(try mutualInformation(mean: same, logVariance: same, z: z), 0, absolute: 1e-14)
    let apart = Tensor.range(6, dtype: .float64).unsqueezed(1)
    let all = try mutualInformation(mean: apart, logVariance: apart * 0 - 40, z: apart)
    expectClose(all, log(6), absolute: 1e-12)
    #expect(
      try mutualInformation(
        mean: mean.narrowed(0, 0..<1), logVariance: same.narrowed(0, 0..<1), z: z.narrowed(0, 0..<1)) == 0)
    let error = MetricError("mutual-information: expected z of the shape of mu, [6, 2], got [6, 1]")
    #expect(throws: error) { try mutualInformation(mean: mean, logVariance: same, z: z.narrowed(1, 0..<1)) }
  }

  @Test("class frequencies are compared by -y (log x - log y): 0 where they are equal, and infinite by hand")
  func classes() throws {
    let (value, entropy) = try classCrossEntropy([30, 10], [1, 1])
    expectClose(value, -(log(1.5) + log(0.5)) / 2, absolute: 1e-15)
    expectClose(entropy, log(2), absolute: 1e-15)
    expectClose(
      try classCrossEntropy([0.5, 0.5, 0], [1, 3, 0]).value, log(0.5) / 4 + 3 * log(1.5) / 4, absolute: 1e-15)
    #expect(try classCrossEntropy([3, 7, 2], [6, 14, 4]).value == 0)
    #expect(try classCrossEntropy([1, 0], [1, 1]).value == .infinity)
    let error = MetricError("class-ce: expected x of finite numbers of at least 0, not all of them 0")
    #expect(throws: error) { try classCrossEntropy([0, 0], [1, 1]) }
    #expect(throws: error) { try classCrossEntropy([-1, 2], [1, 1]) }
    // Three samples: the network's mean probabilities, or how often each class is its most probable one.
    let seen = Tensor([0.6, 0.4, 0.9, 0.1, 0.2, 0.8], shape: [3, 2])
    expectClose(Metric.ClassShares.probabilities(seen), [1.7 / 3, 1.3 / 3], absolute: 1e-15)
    #expect(Metric.ClassShares.counts(seen) == [2, 1])
    let count = MetricError("class-ce: expected as many classes in x as in y, got 2 and 3")
    #expect(throws: count) { try classCrossEntropy([1, 1], [1, 1, 1]) }
  }
}
