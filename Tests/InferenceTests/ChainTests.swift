import Foundation
import Probability
import TestSupport
import Testing
import Torch

@testable import Inference

@Suite("Markov chains")
struct ChainTests {
  private let one = Tensor([1.0, 1.0])

  @Test("a leapfrog turned around comes back")
  func reversible() {
    let density = WeightedDensity(CorrelatedGaussian.logProb)
    let trajectory = Trajectory(density: density, length: Tensor([0.05, 0.6]))
    let start = Trajectory.State(density.point(at: Tensor([0.7, 1.3])), Tensor([0.4, -1.1]))
    var state = start
    for _ in 0..<30 { state = trajectory.leapfrog(state) }
    let there = state.point.position
    for _ in 0..<30 { state = trajectory.leapfrog(state, backwards: true) }
    #expect((there - start.point.position).abs().max().item() > 0.1)
    expectClose(state.point.position, start.point.position, absolute: 1e-10)
    expectClose(state.velocity, start.velocity, absolute: 1e-10)
  }

  @Test("on a unit Gaussian the leapfrog keeps its own energy exactly, so it stays on an ellipse")
  func ellipse() {
    // z^2 (1 - e^2/4) + v^2 is kept by the leapfrog with step e on a unit Gaussian.
    let density = WeightedDensity { $0.square().sum(-1) * -0.5 }
    let trajectory = Trajectory(density: density, length: Tensor([0.5]))
    var state = Trajectory.State(density.point(at: Tensor([1.5])), Tensor([0.3]))
    func kept(_ state: Trajectory.State) -> Double {
      state.point.position.square().item() * (1 - 0.0625) + state.velocity.square().item()
    }
    let start = kept(state)
    for _ in 0..<200 {
      state = trajectory.leapfrog(state)
      expectClose(kept(state), start, absolute: 1e-9)
    }
  }

  @Test(
    "one HMC step leaves exact draws as they were, with a step size that is often refused (false alarms: 1 in 10^6)")
  func invariant() {
    let rng = RandomSource(seed: 3)
    let density = WeightedDensity(CorrelatedGaussian.logProb)
    let start = density.point(at: CorrelatedGaussian.sample(40_000, using: rng))
    let (end, info) = HMC(leapfrogSteps: 3).step(
      start, of: density, stepSize: Tensor(0.28, dtype: .float64), scale: Tensor([1.0, 1.0]), using: rng)
    let accepted = info.acceptance.mean().item()
    #expect((0.3...0.95).contains(accepted), "\(accepted)")
    #expect((end.position - start.position).abs().max().item() > 0.1)
    expectMoments(end.position)
    // What is handed on belongs to where the chain is.
    let again = density.point(at: end.position)
    expectClose(end.logProbs[0], again.logProbs[0], absolute: 1e-12)
    expectClose(end.gradients[0], again.gradients[0], absolute: 1e-12)
  }

  @Test("jitter draws one step size for a chain, evenly within its bounds (false alarms: 1 in 10^6)")
  func jitter() {
    // Nothing bends a trajectory in a flat density: it ends at steps x size x velocity.
    let density = WeightedDensity { $0.sum(-1) * 0 }
    let start = density.point(at: .zeros([20_000, 2], dtype: .float64))
    func lengths(_ jitter: Double) -> Tensor {
      let (end, info) = HMC(leapfrogSteps: 4, jitter: jitter).step(
        start, of: density, stepSize: Tensor(0.1, dtype: .float64), scale: one, using: RandomSource(seed: 10))
      #expect(info.acceptance.min().item() == 1)
      let velocity = RandomSource(seed: 10).normal([20_000, 2], dtype: .float64)
      return end.position * velocity.pow(-1) * (1 / 0.4)
    }
    expectClose(lengths(0), Tensor.ones([20_000, 2], dtype: .float64), absolute: 1e-9)
    let found = lengths(0.5)
    let first = found.at(0, axis: 1)
    expectClose(first, found.at(1, axis: 1), absolute: 1e-9)
    let values: [Double] = first.array()
    #expect(values.allSatisfy { $0 > 0.5 - 1e-9 && $0 < 1.5 + 1e-9 })
    expectAverage(values, 1)
    expectAverage(values.map { ($0 - 1) * ($0 - 1) }, 1.0 / 12)
  }

  @Test("gradients of a weighted sum are the same by closed forms, by a known slope and by autograd")
  func terms() {
    let rng = RandomSource(seed: 11)
    let gaussian = DiagonalGaussian(
      mean: rng.normal([3, 2], dtype: .float64), logScale: rng.normal([2], dtype: .float64) * 0.3)
    let weight = rng.normal([5, 2], dtype: .float64)
    let x = (rng.uniform([3, 5], dtype: .float64) .< 0.5).to(.float64)
    func logits(_ z: Tensor) -> Tensor { z.linear(weight: weight, bias: nil).tanh() * 3 }
    let likelihood: LogDensity = { Bernoulli(logits: logits($0)).logProb(x) }
    let known = DensityTerm { z in
      let output = logits(z)
      return .init(output, slope: { x - output.detached().sigmoid() }) { likelihood(z.detached()) }
    }
    let weights = [0.3, 0.7, 1]
    let traced = WeightedDensity([gaussian.logProb, likelihood, CorrelatedGaussian.logProb], weights: weights)
    let closed = WeightedDensity(
      [DensityTerm(gaussian), known, DensityTerm(CorrelatedGaussian.logProb)], weights: weights)
    let z = rng.normal([4, 3, 2], dtype: .float64)
    let (a, b) = (traced.point(at: z), closed.point(at: z))
    for term in 0..<3 {
      expectClose(a.logProbs[term], b.logProbs[term], absolute: 1e-10)
      expectClose(a.gradients[term], b.gradients[term], absolute: 1e-10)
    }
    for density in [traced, closed] {
      expectClose(density.gradient(at: z), traced.gradient(a), absolute: 1e-10)
      // By differences too, for a sum of nothing but mistakes could agree with itself.
      let step = Tensor([1e-5, 0])
      let slope = (density.logProb(density.point(at: z + step)) - density.logProb(density.point(at: z - step))) * 5e4
      expectClose(density.gradient(at: z).at(0, axis: 2), slope, absolute: 1e-6)
    }
  }

  @Test("a whole trajectory is its leapfrog steps one after the other")
  func trajectory() {
    let density = WeightedDensity(CorrelatedGaussian.logProb)
    let trajectory = Trajectory(density: density, length: Tensor([0.05, 0.6]))
    let start = Trajectory.State(density.point(at: Tensor([0.7, 1.3])), Tensor([0.4, -1.1]))
    var state = start
    for steps in 1...4 {
      state = trajectory.leapfrog(state)
      let end = trajectory.end(from: start, steps: steps)
      expectClose(end.point.position, state.point.position, absolute: 1e-12)
      expectClose(end.velocity, state.velocity, absolute: 1e-12)
    }
  }

  /// Independent draws have the target's moments.
  private func expectMoments(_ draws: Tensor, sourceLocation: SourceLocation = #_sourceLocation) {
    let centred = draws - Tensor(CorrelatedGaussian.mean)
    for axis in 0..<2 {
      let values = centred.at(axis, axis: 1)
      expectAverage(values.array(Double.self), 0, sourceLocation: sourceLocation)
      expectAverage(
        values.square().array(Double.self), CorrelatedGaussian.covariance[3 * axis], sourceLocation: sourceLocation)
    }
    expectAverage(
      (centred.at(0, axis: 1) * centred.at(1, axis: 1)).array(Double.self), CorrelatedGaussian.covariance[1],
      sourceLocation: sourceLocation)
  }

  @Test("one NUTS step leaves exact draws as they were (false alarms: 1 in 10^6)", arguments: [0.9, 1.6])
  func invariantNUTS(_ stepSize: Double) {
    let rng = RandomSource(seed: 4)
    let density = WeightedDensity(CorrelatedGaussian.logProb)
    let starts = CorrelatedGaussian.sample(1500, using: rng)
    let ends = (0..<1500).map { index in
      NUTS().step(
        density.point(at: starts.at(index)), of: density, stepSize: stepSize,
        scale: Tensor(CorrelatedGaussian.deviations), using: rng
      ).0.position
    }
    expectMoments(.stacked(ends))
  }

  @Test("HMC and NUTS visit a double well as quadrature says (false alarms: 1 in 10^6 each)")
  func doubleWell() {
    let rng = RandomSource(seed: 5)
    // HMC: many chains, the last state of each.
    let density = WeightedDensity(DoubleWell.logProb)
    var point = density.point(at: rng.normal([6000, 1], dtype: .float64) * 0.5)
    for _ in 0..<60 {
      point =
        HMC(leapfrogSteps: 5).step(
          point, of: density, stepSize: Tensor(0.25, dtype: .float64), scale: Tensor([1.0]), using: rng
        ).0
    }
    expectFrequencies(DoubleWell.counts(point.position.array()), probabilities: DoubleWell.cells.probabilities)
    // NUTS: one chain, thinned until its draws are nearly independent.
    let draws = sampleChains(
      NUTS(), of: DoubleWell.logProb, from: Tensor([0.5]), warmup: 200, draws: 1200, thinning: 6, using: rng)
    let values: [Double] = draws.values.array()
    let worth = Convergence([values]).bulkESS
    #expect(worth > 400, "\(worth)")
    // The counts are worth fewer draws than there are; a share in proportion is tested.
    let share = min(1, worth / 1200)
    expectFrequencies(
      DoubleWell.counts(values).map { Int((Double($0) * share).rounded()) },
      probabilities: DoubleWell.cells.probabilities)
  }

  @Test("the warm-up finds the scales and a step size with the wanted acceptance")
  func adapts() {
    let rng = RandomSource(seed: 6)
    let start = Tensor.zeros([8, 2], dtype: .float64)
    let draws = sampleChains(
      HMC(leapfrogSteps: 8), of: CorrelatedGaussian.logProb, from: start, warmup: 400, draws: 300,
      targetAcceptance: 0.8, using: rng)
    #expect(draws.values.shape == [300, 8, 2])
    expectClose(draws.scale, CorrelatedGaussian.deviations, absolute: 0, relative: 0.2)
    // Dual averaging ends on the careful side of its target.
    #expect((0.75...0.95).contains(draws.acceptance), "\(draws.acceptance)")
    #expect(draws.divergences == 0)
    for axis in 0..<2 {
      let chains = (0..<8).map { draws.values.at($0, axis: 1).at(axis, axis: 1).array(Double.self) }
      let convergence = Convergence(chains)
      #expect(convergence.rHat < 1.02, "\(convergence)")
      let (average, deviation) = (chains.joined().reduce(0, +) / 2400, CorrelatedGaussian.deviations[axis])
      // 5 standard errors: a false alarm in 1.7 million.
      expectClose(
        average, CorrelatedGaussian.mean[axis], absolute: 5 * deviation / convergence.meanESS.squareRoot(), relative: 0)
    }
  }

  @Test("NUTS turns around by itself: its trajectories grow as its steps shrink")
  func lengths() {
    let density = WeightedDensity { $0.square().sum(-1) * -0.5 }
    let gradients = [0.5, 0.1].map { stepSize in
      let rng = RandomSource(seed: 7)
      return (0..<60).reduce(0) { sum, _ in
        let start = density.point(at: rng.normal([2], dtype: .float64))
        return sum + NUTS().step(start, of: density, stepSize: stepSize, scale: one, using: rng).1.leapfrogSteps
      }
    }
    #expect(gradients[1] > 3 * gradients[0] && gradients[1] < 12 * gradients[0], "\(gradients)")
  }

  @Test("NUTS goes as far as a search of whole trajectories says (false alarms: 1 in 10^6)")
  func progression() {
    let rng = RandomSource(seed: 12)
    let density = WeightedDensity { $0.square().sum(-1) * -0.5 }
    let products = (0..<1500).map { _ in
      let start = density.point(at: rng.normal([2], dtype: .float64))
      let end = NUTS().step(start, of: density, stepSize: 0.4, scale: one, using: rng).0
      return (start.position * end.position).sum().item() / 2
    }
    let (average, error) = averageAndError(products)
    // Tests/References/nuts.py: 0.2647 with an error of 0.0033; without the biased progression it is 0.52.
    expectClose(average, 0.2647, absolute: 4.9 * hypot(error, 0.0033), relative: 0)
  }

  @Test("a step far too long diverges and is refused", arguments: [true, false])
  func divergence(_ isNUTS: Bool) {
    let rng = RandomSource(seed: 8)
    let density = WeightedDensity { -($0.square().square().sum(-1)) }
    let start = density.point(at: Tensor([2.0, 2.0]))
    let (end, transition) =
      isNUTS
      ? NUTS().step(start, of: density, stepSize: 5, scale: one, using: rng)
      : HMC(leapfrogSteps: 5).step(start, of: density, stepSize: 5, scale: one, using: rng)
    #expect(transition.divergences == 1)
    #expect(transition.acceptance == 0)
    #expect(end.position.isEqual(to: start.position))
  }

  @Test("the windows of the warm-up are Stan's")
  func windows() {
    #expect(Warmup.windows(1000).ends == [100, 150, 250, 450, 950])
    #expect(Warmup.windows(1000).slow == 75..<950)
    #expect(Warmup.windows(100).slow == 15..<90)
    #expect(Warmup.windows(100).ends == [90])
    #expect(Warmup.windows(10).ends.isEmpty)
  }

  @Test("dual averaging leads a known acceptance curve to its target")
  func dualAveraging() {
    // Acceptance 1 / (1 + size^2): the target 0.8 is met at size 0.5.
    var size = DualAveraging(3, target: 0.8)
    for _ in 0..<2000 { size.record(acceptance: 1 / (1 + size.value * size.value)) }
    expectClose(size.average, 0.5, absolute: 0.02)
  }

  @Test("the same stream gives the same chain, bit for bit")
  func replay() {
    func run() -> ChainDraws {
      sampleChains(
        NUTS(), of: CorrelatedGaussian.logProb, from: Tensor([0.0, 0.0]), warmup: 60, draws: 20,
        using: RandomSource(seed: 9))
    }
    #expect(run().values.isEqual(to: run().values))
  }
}
