import Foundation
import Networks
import TestSupport
import Testing
import Torch

@testable import Generative

@Suite("Estimates of information") struct InformationTests {
  @Test("each is its formula, summed by hand, and differentiated rightly", arguments: InformationEstimator.allCases)
  func formula(_ estimator: InformationEstimator) {
    let (n, places) = (4, 3)
    let scores = RandomSource(seed: 1).normal([n, n, places], dtype: .float64) * 2
    let t: [Double] = scores.array()
    func score(_ i: Int, _ j: Int, _ l: Int) -> Double { t[(i * n + j) * places + l] }
    func softplus(_ x: Double) -> Double { Foundation.log(1 + Foundation.exp(x)) }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    var expected: Double = 0
    for l in 0..<places {
      let rows: [[Double]] = (0..<n).map { i in (0..<n).map { score(i, $0, l) } }
      let pairs: [Double] = (0..<n).map { rows[$0][$0] }
      let others: [Double] = (0..<n).flatMap { i in (0..<n).filter { $0 != i }.map { rows[i][$0] } }
      switch estimator {
      case .jsd: expected -= mean(pairs.map { softplus(-$0) }) + mean(others.map(softplus))
      case .infonce:
        let totals: [Double] = rows.map { row in Foundation.log(mean(row.map { Foundation.exp($0) })) }
        expected += mean(pairs) - mean(totals)
      case .dv: expected += mean(pairs) - Foundation.log(mean(others.map { Foundation.exp($0) }))
      }
    }
    expectClose(estimator(scores).item(), expected / Double(places), absolute: 1e-12)
    checkGradients(of: [scores]) { estimator($0[0]) }
  }

  @Test("InfoNCE is never above the log of its candidates, and comes to it where pairs are told for sure")
  func candidates() {
    let rng = RandomSource(seed: 2)
    for n in [2, 7, 64] {
      for scale in [0.1, 3, 1000] {
        let found = InformationEstimator.infonce(rng.normal([n, n, 2], dtype: .float64) * scale).item()
        #expect(found <= log(Double(n)) + 1e-12)
      }
      let own = Tensor.range(n).unsqueezed(1) .== Tensor.range(n)
      let sure = own.to(.float64).unsqueezed(2) * 1000
      expectClose(InformationEstimator.infonce(sure).item(), log(Double(n)), absolute: 1e-12)
      // Without information no score helps.
      expectClose(InformationEstimator.infonce(.zeros([n, n, 1], dtype: .float64)).item(), 0, absolute: 1e-12)
      expectClose(InformationEstimator.dv(.zeros([n, n, 1], dtype: .float64)).item(), 0, absolute: 1e-12)
      expectClose(
        InformationEstimator.jsd(.zeros([n, n, 1], dtype: .float64)).item(), -2 * log(2), absolute: 1e-12)
    }
  }

  private static let correlation = 0.8
  /// -log(1 - r^2) / 2 of a Gaussian pair: .510826.
  private static let information: Double = -0.5 * Foundation.log(1 - correlation * correlation)

  /// Pairs of standard normal numbers of that correlation, `[n, 1]` each.
  private static func pair(_ n: Int, _ dtype: DType = .float64, using rng: RandomSource) -> (x: Tensor, u: Tensor) {
    let x = rng.normal([n, 1], dtype: dtype)
    let rest: Double = (1 - correlation * correlation).squareRoot()
    return (x, x * correlation + rng.normal([n, 1], dtype: dtype) * rest)
  }

  @Test("Donsker and Varadhan's estimate by the exact log ratio is the information (false alarms: 1 in 10^6)")
  func exact() {
    expectClose(Self.information, 0.510826, absolute: 5e-7)
    let (rng, r) = (RandomSource(seed: 3), Self.correlation)
    let found = (0..<60).map { _ in
      let (x, u) = Self.pair(400, using: rng)
      let (a, b) = (x.reshaped([1, 400]), u)  // u of code i, x of example j
      let factor: Double = -0.5 / (1 - r * r)
      let squares = (a.square() + b.square()) * (r * r)
      let ratio = (squares - a * b * (2 * r)) * factor + Self.information
      return InformationEstimator.dv(ratio.unsqueezed(2)).item()
    }
    // The log of a mean is below the mean log by half its relative variance: under 1/400 here.
    expectAverage(found, Self.information, bias: 0.005)
  }

  @Test("a statistic that ascends an estimate finds the information of a Gaussian pair (within .05)")
  func trained() {
    for estimator in [InformationEstimator.dv, .infonce] {
      let rng = RandomSource(seed: 4)
      let statistic = PairStatistic(1, 1, units: 32, using: rng)
      let adam = Adam(statistic.parameters, options: Adam.Options())
      for step in 0..<500 {
        let (x, u) = Self.pair(256, .float32, using: rng)
        let loss = -estimator(statistic(x.unsqueezed(1), u))
        adam.step(
          gradients(of: loss, in: statistic.parameters.map(\.value)), rate: step < 350 ? 5e-3 : 5e-4)
      }
      let found = withoutGradients {
        (0..<40).map { _ in
          let (x, u) = Self.pair(500, .float32, using: rng)
          return estimator(statistic(x.unsqueezed(1), u)).item()
        }
      }
      expectClose(averageAndError(found).average, Self.information, absolute: 0.05, relative: 0)
    }
  }
}
