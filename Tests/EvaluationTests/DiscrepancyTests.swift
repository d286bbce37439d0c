import Evaluation
import Foundation
import Probability
import TestSupport
import Testing
import Torch

@Suite("Discrepancies between samples")
struct DiscrepancyTests {
  private func points(_ seed: UInt64, _ shape: [Int]) -> Tensor {
    RandomSource(seed: seed).normal(shape, dtype: .float64)
  }

  private func rows(_ x: Tensor) -> [[Double]] { (0..<x.size(0)).map { x.at($0).array(Double.self) } }

  private func square(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }

  /// Loops over pairs with the kernels as their papers print them.
  private func brute(_ x: Tensor, _ y: Tensor, _ estimator: PairEstimator, _ kernel: (Double) -> Double) -> Double {
    let (x, y) = (rows(x), rows(y))
    func within(_ a: [[Double]]) -> Double {
      var total = 0.0
      for i in a.indices {
        for j in a.indices where estimator == .biased || i != j { total += kernel(square(a[i], a[j])) }
      }
      return total / Double(a.count * (estimator == .biased ? a.count : a.count - 1))
    }
    let between = x.reduce(0) { total, a in total + y.reduce(0) { $0 + kernel(square(a, $1)) } }
    return within(x) + within(y) - 2 * between / Double(x.count * y.count)
  }

  @Test(
    "mmd2 is the loop over pairs, for every kernel, near zero and far from it", arguments: PairEstimator.allCases,
    [0, 1000.0])
  func mmd(estimator: PairEstimator, offset: Double) throws {
    let (x, y) = (points(1, [23, 3]), points(2, [31, 3]) + 0.5)
    let kernels: [(RadialKernel, (Double) -> Double)] = [
      (.gaussian(sigma: 0.8), { exp(-$0 / (2 * 0.64)) }),
      (.inverseMultiquadric(c: 2, beta: 0.3), { pow(4 + $0, -0.3) }),
      (.inverseQuadratic(scale: 6), { 6 / (6 + $0) }),
      (.infoVAE(dimension: 3), { exp(-$0 / 9) }),
    ]
    for (kernel, function) in kernels {
      let expected = brute(x, y, estimator, function)
      let value = try squaredMMD(x + offset, y + offset, kernel: kernel, estimator: estimator)
      expectClose(value, expected, absolute: 1e-11)
      expectClose(mmd2(x + offset, y + offset, kernel: kernel, estimator: estimator).item(), expected, absolute: 1e-11)
    }
  }

  @Test("sums over several blocks are those of one matrix", arguments: PairEstimator.allCases)
  func blocks(estimator: PairEstimator) throws {
    let (x, y) = (points(1, [1100, 2]), points(2, [1030, 2]) * 1.1)
    let kernel = RadialKernel.gaussian(sigma: 1)
    expectClose(
      try squaredMMD(x, y, kernel: kernel, estimator: estimator),
      mmd2(x, y, kernel: kernel, estimator: estimator).item(), absolute: 1e-12)
    expectClose(
      try squaredKSD(x, beta: 0.5, estimator: estimator), ksd2(x, beta: 0.5, estimator: estimator).item(),
      absolute: 1e-11)
    let directions = try steinDirections(x.narrowed(0, 0..<130), bandwidth: 2)
    expectClose(directions, steinVariationalDirection(x.narrowed(0, 0..<130), bandwidth: 2), absolute: 1e-12)
  }

  @Test("identical sets differ by 0 with all pairs, one point each by 2 k(0) - 2 k(r)")
  func degenerate() throws {
    let x = points(1, [40, 2])
    expectClose(try squaredMMD(x, x, kernel: .gaussian(sigma: 1), estimator: .biased), 0, absolute: 1e-14)
    let one = try squaredMMD(
      Tensor([0.0], shape: [1, 1]), Tensor([2.0], shape: [1, 1]), kernel: .gaussian(sigma: 1), estimator: .biased)
    expectClose(one, 2 - 2 * exp(-2), absolute: 1e-14)
    let error = MetricError("mmd2: expected x of at least 2 rows of at least 1 number, got shape [1, 2]")
    #expect(throws: error) {
      try squaredMMD(x.narrowed(0, 0..<1), x, kernel: .gaussian(sigma: 1), estimator: .unbiased)
    }
    let width = MetricError("mmd2: expected rows of one length, got x of shape [40, 2] and y of shape [5, 3]")
    #expect(throws: width) { try squaredMMD(x, points(2, [5, 3]), kernel: .gaussian(sigma: 1), estimator: .biased) }
    let nan = MetricError("mmd2: expected finite numbers in y, got some that are not")
    #expect(throws: nan) { try squaredMMD(x, x / 0, kernel: .gaussian(sigma: 1), estimator: .biased) }
    let sigma = MetricError("mmd2: expected sigma to be a positive number, got 0.0")
    #expect(throws: sigma) { try squaredMMD(x, x, kernel: .gaussian(sigma: 0), estimator: .biased) }
  }

  @Test("the median is over pairs i < j, the mean of two middle distances")
  func median() throws {
    // Distances 1, 2, 3 of three points; 1, 2, 3, 3, 5, 6 of four.
    #expect(try MedianDistance(Tensor([1001.0, 1000, 1003], shape: [3, 1])).value == 2)
    #expect(try MedianDistance(Tensor([0.0, 1, 3, 6], shape: [4, 1])).value == 3)
    expectClose(try MedianDistance(Tensor([0.0, 1, 3, 7], shape: [4, 1])).value, 3.5, relative: 1e-12)
    let many = try MedianDistance(Tensor.range(10_000, dtype: .float64).unsqueezed(1))
    #expect(many.points == 5000)
    let error = MetricError(
      "median distance: it is 0, for more than half of the pairs are of equal points; give a number")
    #expect(throws: error) { try MedianDistance(Tensor.ones([4, 2], dtype: .float64)) }
    let (bandwidth, distance) = try medianBandwidth(Tensor([0.0, 1, 3, 6], shape: [4, 1]))
    expectClose(bandwidth, 9 / log(4), relative: 1e-12)
    #expect(distance.points == 4)
  }

  /// The definition of the Stein kernel, by second differences of the base kernel.
  @Test("the Stein kernel is the Stein operator applied twice to the base kernel", arguments: [0.5, 0.7, 1.3])
  func stein(beta: Double) {
    let (u, v) = ([0.3, -1.1, 0.6], [-0.4, 0.5, 1.2])
    func base(_ a: [Double], _ b: [Double]) -> Double { pow(1 + square(a, b), -beta) }
    let h = 1e-4
    func moved(_ a: [Double], _ i: Int, _ step: Double) -> [Double] {
      var a = a
      a[i] += step
      return a
    }
    var expected = 0.0
    for i in 0..<3 {
      let du = (base(moved(u, i, h), v) - base(moved(u, i, -h), v)) / (2 * h)
      let dv = (base(u, moved(v, i, h)) - base(u, moved(v, i, -h))) / (2 * h)
      let mixed =
        [(h, h, 1.0), (h, -h, -1), (-h, h, -1), (-h, -h, 1)].reduce(0) {
          $0 + $1.2 * base(moved(u, i, $1.0), moved(v, i, $1.1))
        } / (4 * h * h)
      expected += u[i] * v[i] * base(u, v) - u[i] * dv - v[i] * du + mixed
    }
    let kernel = steinKernel(Tensor(u, shape: [1, 3]), Tensor(v, shape: [1, 3]), beta: beta)
    expectClose(kernel.item(), expected, absolute: 1e-6)
  }

  @Test("one point at u has KSD squared 2 beta r + |u|^2; draws of N(0, I) have 0 within 5 standard errors")
  func ksd() throws {
    let one = Tensor([1.0, 2], shape: [1, 2])
    expectClose(try squaredKSD(one, beta: 0.7, estimator: .biased), 2 * 0.7 * 2 + 5, absolute: 1e-12)
    let error = MetricError("ksd: expected x of at least 2 rows of at least 1 number, got shape [1, 2]")
    #expect(throws: error) { try squaredKSD(one, beta: 0.5, estimator: .unbiased) }
    // Independent pairs: a mean of 0 under N(0, I).
    let (u, v) = (points(5, [40_000, 4]), points(6, [40_000, 4]))
    let values = (0..<40).flatMap { block -> [Double] in
      let range = block * 1000..<(block + 1) * 1000
      let k = steinKernel(u.narrowed(0, range), v.narrowed(0, range), beta: 0.7)
      return (0..<1000).map { k.at($0).at($0).item() }
    }
    expectAverage(values, 0)
    #expect(try squaredKSD(points(7, [500, 4]) + 1, beta: 0.5, estimator: .unbiased) > 0.5)
  }

  @Test("gradients of mmd2 and of KSD agree with differences", arguments: PairEstimator.allCases)
  func gradients(estimator: PairEstimator) {
    checkGradients(of: [points(1, [5, 2]), points(2, [4, 2])], tolerance: 1e-6) {
      mmd2($0[0], $0[1], kernel: .gaussian(sigma: 1), estimator: estimator)
        + ksd2($0[0], beta: 0.5, estimator: estimator)
    }
  }

  @Test("the Stein direction is the loop over particles; one particle follows its score", arguments: [0, 100.0])
  func directions(offset: Double) throws {
    let z = points(3, [9, 2]) + offset
    let (all, h) = (rows(z), 1.7)
    var expected: [Double] = []
    for a in all {
      for axis in 0..<2 {
        expected.append(
          all.reduce(0) { total, b in
            let k = exp(-square(a, b) / h)
            return total + k * -b[axis] - 2 / h * (b[axis] - a[axis]) * k
          } / 9)
      }
    }
    expectClose(try steinDirections(z, bandwidth: h), Tensor(expected, shape: [9, 2]), absolute: 1e-10)
    expectClose(try steinDirections(Tensor([3.0], shape: [1, 1]), bandwidth: 1), [-3], absolute: 1e-12)
  }
}
