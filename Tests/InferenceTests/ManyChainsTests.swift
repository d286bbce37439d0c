import Foundation
import Probability
import TestSupport
import Testing
import Torch

@testable import Inference

@Suite("Many chains and particles at once") struct ManyChainsTests {
  @Test(
    "one NUTS step of many chains leaves exact draws as they were (false alarms: 1 in 10^6)",
    arguments: [(0.9, 10, 0), (0.3, 10, 0), (0.3, 2, 0), (0.5, 6, 0.9)])
  func invariant(_ stepSize: Double, _ depth: Int, _ jitter: Double) {
    let rng = RandomSource(seed: 4)
    let density = WeightedDensity(CorrelatedGaussian.logProb)
    let starts = CorrelatedGaussian.sample(6000, using: rng)
    let (ends, transition) = NUTS(maximumDepth: depth, jitter: jitter).step(
      density.point(at: starts), of: density, stepSize: stepSize, scale: Tensor(CorrelatedGaussian.deviations),
      using: rng)
    #expect((0.7...1).contains(transition.acceptance) && transition.divergences == 0)
    if depth == 2 { #expect(transition.leapfrogSteps == 3) }
    let centred = ends.position - Tensor(CorrelatedGaussian.mean)
    for (a, b) in [(0, 0), (0, 1), (1, 1)] {
      let product = centred.at(a, axis: 1) * centred.at(b, axis: 1)
      expectAverage(product.array(), CorrelatedGaussian.covariance[2 * a + b])
    }
    // They have moved: two independent draws differ by twice the variance.
    let jump = (ends.position - starts).at(1, axis: 1).square().mean().item()
    #expect(jump > 0.2 * CorrelatedGaussian.covariance[3], "\(jump)")
  }

  @Test("many chains of NUTS fill a ring as its exact draws do (false alarms: 1 in 10^6)")
  func ring() throws {
    let rng = RandomSource(seed: 5)
    let draws = sampleChains(
      NUTS(maximumDepth: 5), of: .torus, chains: 500, warmup: 60, draws: 4, thinning: 10, using: rng
    ).values.reshaped([-1, 2])
    expectAverage(draws.square().sum(1).array(), 2.005179)
    for axis in 0..<2 { expectAverage(draws.at(axis, axis: 1).array(), 0) }
  }

  @Test("particles of SVGD take the mean and the covariance of a Gaussian, from starts far away")
  func particles() {
    let rng = RandomSource(seed: 6)
    let svgd = SVGD(of: WeightedDensity(CorrelatedGaussian.logProb))
    var state = svgd.start(at: rng.normal([100, 2], dtype: .float64) * 0.3 + 3)
    let first = svgd.step(&state, rate: 0.1)
    var last = first
    while state.steps < 500 { last = svgd.step(&state, rate: state.steps < 400 ? 0.1 : 0.01) }
    expectClose(state.particles.mean(0), CorrelatedGaussian.mean, absolute: 0.1)
    let centred = state.particles - state.particles.mean(0)
    let covariance = centred.transposed.matmul(centred) * (1 / 99.0)
    // Few particles are a little narrower than what they stand for.
    expectClose(covariance, CorrelatedGaussian.covariance, absolute: 0.02, relative: 0.15)
    #expect(last < 0.1 * first, "\(first), \(last)")
  }

  @Test("the direction of particles is that of a sum over all pairs, and the median is over pairs of different ones")
  func direction() {
    let z = Tensor([0.0, 0, 1, 0, 0, 2], shape: [3, 2])
    // Distances 1, 2 and sqrt 5: the median is 2.
    expectClose(medianBandwidth(z), 4 / log(3.0), absolute: 1e-9)
    let scores = Tensor([1.0, -1, 0.5, 2, -0.3, 0.7], shape: [3, 2])
    let found = steinVariationalDirection(at: z, from: z, scores: scores, bandwidth: 1.7).array(Double.self)
    let (x, s) = (z.array(Double.self), scores.array(Double.self))
    for i in 0..<3 {
      for axis in 0..<2 {
        let sum = (0..<3).reduce(0.0) { sum, j in
          let square = pow(x[2 * i] - x[2 * j], 2) + pow(x[2 * i + 1] - x[2 * j + 1], 2)
          let k = exp(-square / 1.7)
          return sum + k * s[2 * j + axis] + 2 / 1.7 * (x[2 * i + axis] - x[2 * j + axis]) * k
        }
        expectClose(found[2 * i + axis], sum / 3, absolute: 1e-12)
      }
    }
  }

  @Test("a watch keeps the first row of a log density that is NaN or of another shape, and leaves what has diverged")
  func watch() throws {
    func message(_ points: [Double], _ formula: @escaping @Sendable (Tensor) -> Tensor) -> String? {
      let watch = WatchedDensity(Target("mine", columns: ["x"], logDensity: formula))
      let z = Tensor(points, shape: [points.count, 1])
      #expect(watch(z).shape == [points.count])
      do { try watch.check() } catch { return "\(error)" }
      return nil
    }
    #expect(message([1, 2]) { -$0.square().sum(-1) } == nil)
    #expect(
      message([1, -2, -3]) { $0.sum(-1).log() }
        == "target 'mine': expected finite numbers or -infinity, got NaN in row 1, at x = -2.0")
    #expect(message([1, -2e9]) { $0.sum(-1).log() } == nil)
    #expect(message([0, 1]) { $0.sum(-1).log() } == nil)
    #expect(
      message([1, 2]) { $0.sum() }
        == "target 'mine': expected [n] log densities for points [n, d], got shape [] for points [2, 1]")
  }

  @Test("a density of 0, and a gradient that is not finite, are refused with the row")
  func refusals() {
    let root = Target("root", columns: ["x"]) { $0.sum(-1).log() }
    #expect(throws: TargetError.zero(target: "root", reason: "here", row: 1, point: ["x = 0.0"])) {
      _ = try root.logDensity(positive: Tensor([1.0, 0], shape: [2, 1]), because: "here")
    }
    let words = "target 'root': expected a density above 0 here, got 0 in row 1, at x = 0.0"
    #expect("\(TargetError.zero(target: "root", reason: "here", row: 1, point: ["x = 0.0"]))" == words)
    let found = TargetError.gradient(target: "root", row: 1, point: ["x = 2.0"])
    #expect(throws: found) {
      try root.check(Tensor([0.5, .nan], shape: [2, 1]), at: Tensor([1.0, 2], shape: [2, 1]))
    }
    #expect("\(found)" == "target 'root': expected a finite gradient, got another in row 1, at x = 2.0")
  }
}
