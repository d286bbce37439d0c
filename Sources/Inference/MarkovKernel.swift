import Torch

/// One step of a Markov chain that leaves a density as it is.
///
/// To conform, return the next point and what the step tells. Loops belong to the caller: `AdaptiveChain` takes a step
/// and adapts the step size and the metric, `sampleChains` takes many. The simplest conformer is `HMC`.
public protocol MarkovKernel {
  /// - Parameters:
  ///   - stepSize: the leapfrog step in units of `scale`.
  ///   - scale: standard deviations of the coordinates or a guess at them, `[d]`.
  func step(
    _ point: Point, of density: WeightedDensity, stepSize: Double, scale: Tensor, using rng: RandomSource
  ) -> (Point, Transition)
}

extension MarkovKernel {
  /// What a kernel goes on from: `HMC.State`, `NUTS.State`. What a warm-up has found is apart, in
  /// `AdaptiveChain.State`.
  public typealias State = Point
}

/// What a step of a Markov chain tells, over all chains that it moved.
public struct Transition: Sendable {
  /// The mean probability of acceptance, in [0, 1]: what the step size is adapted by.
  public let acceptance: Double
  /// How many chains diverged: lost more energy than a trajectory near the exact one could.
  public let divergences: Int
  /// Gradients that were taken.
  public let leapfrogSteps: Int
}

/// Draws of one or many chains after their warm-up.
public struct ChainDraws {
  /// Shape `[draws, ..., d]`, the leading axes of the start in the middle.
  public let values: Tensor
  /// Divergences after the warm-up; more than a few mean that the draws miss part of the density.
  public let divergences: Int
  /// The mean acceptance after the warm-up.
  public let acceptance: Double
  /// Gradients taken after the warm-up.
  public let leapfrogSteps: Int
  /// The step size that the warm-up found.
  public let stepSize: Double
  /// The standard deviations that the warm-up found, `[d]`.
  public let scale: Tensor
}

/// Runs a kernel: a warm-up that adapts the step size and the scales of the coordinates, then the draws.
///
/// The warm-up is Stan's: step size by dual averaging throughout, scales by the variance of the draws in windows that
/// double. All leading axes of `start` share one step size and one metric.
///
/// - Parameters:
///   - start: `[d]`, or `[chains, d]` for a kernel that takes many at once.
///   - warmup: steps that are not kept.
///   - targetAcceptance: of the step-size adaptation; 0.8 suits NUTS, 0.65 is best for HMC (Beskos et al. 2013).
///   - thinning: keeps every n-th draw.
public func sampleChains(
  _ kernel: some MarkovKernel, of density: @escaping LogDensity, from start: Tensor, warmup: Int, draws: Int,
  targetAcceptance: Double = 0.8, thinning: Int = 1, using rng: RandomSource, progress: (Int) -> Void = { _ in }
) -> ChainDraws {
  precondition(draws >= 1 && thinning >= 1 && warmup >= 0, "sampleChains: expected at least 1 draw, got \(draws)")
  let chain = AdaptiveChain(
    kernel, of: WeightedDensity(density), warmup: Warmup(steps: warmup, targetAcceptance: targetAcceptance))
  var state = chain.start(at: start)
  while chain.isWarmingUp(state) {
    _ = chain.step(&state, using: rng)
    progress(state.steps)
  }
  var values: [Tensor] = []
  var (acceptance, divergences, leapfrogSteps) = (0.0, 0, 0)
  for index in 0..<draws * thinning {
    let transition = chain.step(&state, using: rng)
    acceptance += transition.acceptance
    divergences += transition.divergences
    leapfrogSteps += transition.leapfrogSteps
    if (index + 1).isMultiple(of: thinning) { values.append(state.point.position) }
    progress(state.steps)
  }
  return ChainDraws(
    values: .stacked(values), divergences: divergences, acceptance: acceptance / Double(draws * thinning),
    leapfrogSteps: leapfrogSteps, stepSize: chain.stepSize(state), scale: state.adaptation.scale)
}
