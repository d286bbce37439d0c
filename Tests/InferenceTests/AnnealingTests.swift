import Foundation
import Probability
import TestSupport
import Testing
import Torch

@testable import Inference

@Suite("Annealed importance sampling")
struct AnnealingTests {
  private let model = LinearGaussian()

  private func examples(_ count: Int, using rng: RandomSource) -> (x: Tensor, z: Tensor) {
    let z = model.prior.sample([count], using: rng)
    return (model.likelihood(z).sample([], using: rng), z)
  }

  private func evidence(_ x: Tensor) -> [Double] {
    let values: [Double] = x.array()
    return stride(from: 0, to: values.count, by: 3).map { model.evidence(Array(values[$0..<$0 + 3])) }
  }

  private func prior(_ batch: Int) -> DiagonalGaussian {
    DiagonalGaussian(mean: .zeros([batch, 2], dtype: .float64), logScale: .zeros([batch, 2], dtype: .float64))
  }

  /// A Gaussian that is not the posterior.
  private func crude(_ batch: Int) -> DiagonalGaussian {
    DiagonalGaussian(
      mean: .full([batch, 2], 0.2, dtype: .float64), logScale: .full([batch, 2], -0.5, dtype: .float64))
  }

  enum Start: Sendable { case prior, gaussian }

  @Test(
    "1000 temperatures and 16 chains come within 0.05 nats of exact evidence, from below and from above",
    arguments: TemperatureSchedule.allCases, [Start.prior, .gaussian])
  func linearGaussian(_ schedule: TemperatureSchedule, _ start: Start) {
    let rng = RandomSource(seed: 1)
    let (x, z) = examples(20, using: rng)
    let sampler = AnnealedImportanceSampling(
      from: start == .prior ? prior(20) : crude(20), to: model.joint(x), temperatures: schedule(1000),
      kernel: HMC(leapfrogSteps: 10))
    let lower: [Double] = sampler.lowerBound(chains: 16, using: rng).array()
    let upper: [Double] = sampler.upperBound(from: z.expanded([16, 20, 2]), using: rng).array()
    for found in [lower, upper] {
      let errors = zip(found, evidence(x)).map { $0 - $1 }
      let (average, error) = averageAndError(errors)
      // One example's 16 chains scatter by about 0.03; the mean over examples must show no bias.
      #expect(abs(average) < 0.025, "\(average) ± \(error)")
      #expect(errors.allSatisfy { abs($0) < 0.15 }, "\(errors)")
      #expect(error < 0.02, "\(error)")
    }
  }

  @Test("1000 temperatures and 16 chains come within 0.05 nats of a quadrature in the plane")
  func quadrature() {
    let rng = RandomSource(seed: 2)
    // A curved Bernoulli decoder of six pixels.
    let first = rng.normal([7, 2], dtype: .float64) * 2
    let second = rng.normal([6, 7], dtype: .float64) * 2
    let x = Tensor.concatenated(
      [Tensor](repeating: Tensor([1, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1, 1.0], shape: [2, 6]), count: 8))
    let prior = StandardNormal(2, dtype: .float64)
    let joint: LogDensity = { z in
      prior.logProb(z)
        + Bernoulli(logits: z.linear(weight: first, bias: nil).tanh().linear(weight: second, bias: nil)).logProb(x)
    }
    let step = 0.075
    let axis = (0..<240).map { -9 + (Double($0) + 0.5) * step }
    let grid = Tensor(axis.flatMap { x in axis.flatMap { [x, $0] } }, shape: [240 * 240, 1, 2])
    let exact: [Double] = withoutGradients { joint(grid).logSumExp(0) + 2 * log(step) }.array()
    let sampler = AnnealedImportanceSampling(
      from: self.prior(16), to: joint, temperatures: TemperatureSchedule.linear(1000))
    let found: [Double] = sampler.lowerBound(chains: 16, using: rng).array()
    for example in 0..<2 {
      let errors = stride(from: example, to: 16, by: 2).map { found[$0] - exact[$0] }
      let (average, error) = averageAndError(errors)
      #expect(abs(average) < 0.05 && error < 0.03, "example \(example): \(average) ± \(error)")
    }
  }

  @Test("with fixed step sizes the mean weight is the evidence, even over few temperatures (false alarms: 1 in 10^6)")
  func unbiased() {
    let rng = RandomSource(seed: 3)
    let (x, _) = examples(1, using: rng)
    let sampler = AnnealedImportanceSampling(
      from: crude(1), to: model.joint(x), temperatures: TemperatureSchedule.linear(4), kernel: HMC(leapfrogSteps: 3),
      stepSize: 0.3, rule: .fixed)
    var state = sampler.start(chains: 40_000, using: rng)
    for _ in 0..<4 { sampler.stepForward(&state, using: rng) }
    let exact = evidence(x)[0]
    expectAverage((state.logWeight - exact).exp().array(), 1)
    // Backwards from exact draws the mean of 1 / weight is 1 / evidence.
    let posterior = posteriorDraws(x, 40_000, using: rng)
    var reverse = sampler.start(reverseFrom: posterior)
    for _ in 0..<4 { sampler.stepBackward(&reverse, using: rng) }
    expectAverage((-(reverse.logWeight) + exact).exp().array(), 1)
  }

  /// Exact draws of p(z|x), `[count, 1, 2]`, by rejection from the prior.
  private func posteriorDraws(_ x: Tensor, _ count: Int, using rng: RandomSource) -> Tensor {
    var kept: [Tensor] = []
    var found = 0
    // The likelihood is at most (2 pi scale^2)^(-3/2).
    let highest = -3 * (log(LinearGaussian.scale) + 0.5 * log(2 * .pi))
    while found < count {
      let z = model.prior.sample([400_000], using: rng)
      let accepts = rng.uniform([400_000], dtype: .float64).log() .< (model.likelihood(z).logProb(x) - highest)
      let order = accepts.to(.float64).top(Int(accepts.to(.float64).sum().item()), axis: 0).indices
      kept.append(z.gathered(order))
      found += order.count
    }
    return Tensor.concatenated(kept).narrowed(0, 0..<count).unsqueezed(1)
  }

  @Test("the bounds close in on each other with more temperatures")
  func gap() {
    let gaps = [3, 30, 300].map { count in
      let rng = RandomSource(seed: 4)
      let (x, z) = examples(40, using: rng)
      let sampler = AnnealedImportanceSampling(
        from: prior(40), to: model.joint(x), temperatures: TemperatureSchedule.sigmoid(count), stepSize: 0.2)
      let lower = sampler.lowerBound(chains: 4, using: rng)
      let upper = sampler.upperBound(from: z.expanded([4, 40, 2]), using: rng)
      return (upper - lower).mean().item()
    }
    #expect(gaps[0] > gaps[1] && gaps[1] > gaps[2] && gaps[2] > -0.02 && gaps[2] < 0.1, "\(gaps)")
  }

  @Test("step sizes follow each chain's own acceptance")
  func stepSizes() {
    let one = Tensor([1.0, 1.0, 1.0])
    expectClose(
      StepSizeRule.avb.adapted(one, acceptance: Tensor([0.5, 0.65, 0.9])), [1 / 1.1, 1, 1.1], absolute: 1e-12)
    let rng = RandomSource(seed: 5)
    let (x, _) = examples(3, using: rng)
    let sampler = AnnealedImportanceSampling(
      from: prior(3), to: model.joint(x), temperatures: TemperatureSchedule.linear(400), stepSize: 1e-3,
      rule: .avb)
    var state = sampler.start(chains: 5, using: rng)
    for _ in 0..<400 { sampler.stepForward(&state, using: rng) }
    #expect(state.stepSize.shape == [5, 3])
    #expect(state.stepSize.min().item() > 0.05)
    let acceptance = state.acceptance.mean().item()
    #expect((0.5...0.85).contains(acceptance), "\(acceptance)")
  }

  @Test("temperatures run from 0 to 1; the logistic ones are close at both ends")
  func temperatures() {
    expectClose(TemperatureSchedule.linear(4), [0, 0.25, 0.5, 0.75, 1], absolute: 1e-15)
    let sigmoid = TemperatureSchedule.sigmoid(10)
    #expect(sigmoid.first == 0 && sigmoid.last == 1)
    #expect(sigmoid[1] < 0.03 && sigmoid[9] > 0.97)
    expectClose(zip(sigmoid, sigmoid.reversed()).map(+), [Double](repeating: 1, count: 11), absolute: 1e-12)
  }

  @Test("a target that is minus infinity somewhere makes no weight that is no number")
  func boundary() {
    let rng = RandomSource(seed: 6)
    // Half of a Gaussian: its constant is half of that of the whole.
    let half: LogDensity = { z in
      let inside = z.sum(-1) .> 0
      return inside.select(StandardNormal(1, dtype: .float64).logProb(z), z.sum(-1) * 0 - .infinity)
    }
    let initial = DiagonalGaussian(mean: Tensor([2.0]), logScale: Tensor([0.0]))
    let sampler = AnnealedImportanceSampling(
      from: initial, to: half, temperatures: TemperatureSchedule.linear(200), stepSize: 0.2)
    let found = sampler.lowerBound(chains: 4000, using: rng).item()
    expectClose(found, log(0.5), absolute: 0.1)
  }

  @Test("annealing leaves no tensor behind")
  func leaks() throws {
    let model = model
    try requireNoLeaks {
      let rng = RandomSource(seed: 7)
      let x = model.likelihood(model.prior.sample([2], using: rng)).sample([], using: rng)
      _ = AnnealedImportanceSampling(
        from: DiagonalGaussian(mean: .zeros([2, 2], dtype: .float64), logScale: .zeros([2, 2], dtype: .float64)),
        to: model.joint(x), temperatures: TemperatureSchedule.linear(5)
      ).lowerBound(chains: 2, using: rng)
    }
  }
}
