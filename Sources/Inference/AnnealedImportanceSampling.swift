import Foundation
import Probability
import Torch

/// The logarithm of a normalizing constant, from a density that is known to one that is not through many between them.
///
/// The densities are log p_t = (1 - beta_t) log p_0 + beta_t log p_1, 0 = beta_0 < ... < beta_T = 1. A forward chain
/// starts from p_0 and gives log weights whose mean weight is Z_1 / Z_0 on average: a lower bound of its logarithm on
/// average. A reverse chain starts from an exact draw of p_1 and gives an upper bound (Grosse et al. 2015).
///
/// Step sizes adapt to each chain's own past, which Wu et al. 2017 do too; the weights then are no longer exactly
/// unbiased. `StepSizeRule.fixed` is exact.
///
/// - Source: Neal 2001, Eqs. 3-11.
public struct AnnealedImportanceSampling {
  /// beta_0 = 0, ..., beta_T = 1.
  public let temperatures: [Double]
  /// Takes each step at a temperature.
  public let kernel: HMC
  /// The first step size, in units of `scale`.
  public let stepSize: Double
  /// How the step sizes change.
  public let rule: StepSizeRule

  private let terms: [DensityTerm]
  private let initial: DiagonalGaussian

  /// - Parameters:
  ///   - initial: p_0, normalized, of batch and event shape `[..., d]`; its scale is the metric of the chains.
  ///   - stepSize: nil starts with a quarter of a period of p_0, the best where p_1 is like it.
  ///   - target: log p_1 at points `[chains, ..., d]`, up to the constant that is wanted.
  public init(
    from initial: DiagonalGaussian, to target: @escaping LogDensity, temperatures: [Double],
    kernel: HMC = HMC(leapfrogSteps: 10), stepSize: Double? = nil, rule: StepSizeRule = .steady
  ) {
    self.init(
      from: initial, to: [DensityTerm(target)], temperatures: temperatures, kernel: kernel, stepSize: stepSize,
      rule: rule)
  }

  /// The same for a log p_1 that is a sum of terms.
  public init(
    from initial: DiagonalGaussian, to target: [DensityTerm], temperatures: [Double],
    kernel: HMC = HMC(leapfrogSteps: 10), stepSize: Double? = nil, rule: StepSizeRule = .steady
  ) {
    precondition(
      temperatures.count >= 2 && temperatures.first == 0 && temperatures.last == 1
        && zip(temperatures, temperatures.dropFirst()).allSatisfy { $0 < $1 },
      "AnnealedImportanceSampling: expected temperatures that rise from 0 to 1")
    self.initial = initial
    self.temperatures = temperatures
    self.kernel = kernel
    self.stepSize = stepSize ?? .pi / 2 / Double(kernel.leapfrogSteps)
    self.rule = rule
    terms = [DensityTerm(initial)] + target
  }

  /// What continues the chains.
  public struct State {
    /// Where the chains are, `[chains, ..., d]`.
    public fileprivate(set) var point: Point
    /// log of the weights so far, nats, `[chains, ...]`.
    public fileprivate(set) var logWeight: Tensor
    /// The step sizes, `[chains, ...]`.
    public fileprivate(set) var stepSize: Tensor
    /// Running means of the acceptance, `[chains, ...]`.
    public fileprivate(set) var acceptance: Tensor
    /// The temperature that the chains are at, an index of `temperatures`.
    public fileprivate(set) var index: Int
    /// Chains that diverged, summed over the steps.
    public fileprivate(set) var divergences: Tensor
  }

  /// Chains at temperature 0, drawn from p_0.
  public func start(chains: Int, using rng: RandomSource) -> State {
    start(at: initial.sample([chains], using: rng), index: 0)
  }

  /// Chains at temperature 1, for the way back; `exact` `[chains, ..., d]` must be drawn from p_1.
  public func start(reverseFrom exact: Tensor) -> State { start(at: exact, index: temperatures.count - 1) }

  private func start(at position: Tensor, index: Int) -> State {
    let point = withoutGradients { density(index).point(at: position) }
    let like = density(temperatures.count - 1).logProb(point)
    let zeros = Tensor.zeros(like.shape, dtype: like.dtype, device: like.device)
    return State(
      point: point, logWeight: zeros, stepSize: zeros + stepSize, acceptance: zeros + (rule.low + rule.high) / 2,
      index: index, divergences: Tensor.zeros([], dtype: like.dtype, device: like.device))
  }

  /// One temperature up: the weight takes the ratio of the densities, then the chains move.
  public func stepForward(_ state: inout State, using rng: RandomSource) {
    withoutGradients {
      weigh(&state, from: state.index, to: state.index + 1)
      state.index += 1
      // Moves at the end change no weight.
      if state.index < temperatures.count - 1 { move(&state, using: rng) }
    }
  }

  /// One temperature down: the chains move, then the weight takes the ratio; the sum is that of the way up.
  public func stepBackward(_ state: inout State, using rng: RandomSource) {
    withoutGradients {
      // At the top they are exact draws already.
      if state.index < temperatures.count - 1 { move(&state, using: rng) }
      weigh(&state, from: state.index - 1, to: state.index)
      state.index -= 1
    }
  }

  private func density(_ index: Int) -> WeightedDensity {
    let beta = temperatures[index]
    return WeightedDensity(terms, weights: [1 - beta] + terms.dropFirst().map { _ in beta })
  }

  private func weigh(_ state: inout State, from low: Int, to high: Int) {
    let target = state.point.logProbs.dropFirst()
    let ratio = target.dropFirst().reduce(target[1], +) - state.point.logProbs[0]
    state.logWeight = state.logWeight + ratio * (temperatures[high] - temperatures[low])
  }

  private func move(_ state: inout State, using rng: RandomSource) {
    let (point, info) = kernel.step(
      state.point, of: density(state.index), stepSize: state.stepSize.unsqueezed(-1), scale: initial.scale, using: rng)
    state.point = point
    state.acceptance = state.acceptance * rule.memory + info.acceptance * (1 - rule.memory)
    if rule.factor != 1 { state.stepSize = rule.adapted(state.stepSize, acceptance: state.acceptance) }
    state.divergences = state.divergences + info.isDivergent.to(state.divergences.dtype).sum()
  }

  /// A lower bound of log Z_1 on average, `[...]`: all forward chains from beginning to end.
  public func lowerBound(
    chains: Int, using rng: RandomSource, progress: (Int) -> Void = { _ in }
  ) -> Tensor {
    var state = start(chains: chains, using: rng)
    for step in 1..<temperatures.count {
      stepForward(&state, using: rng)
      progress(step)
    }
    return logMeanExp(state.logWeight)
  }

  /// An upper bound of log Z_1 on average, `[...]`: all reverse chains from exact draws `[chains, ..., d]` of p_1.
  public func upperBound(
    from exact: Tensor, using rng: RandomSource, progress: (Int) -> Void = { _ in }
  ) -> Tensor {
    var state = start(reverseFrom: exact)
    for step in 1..<temperatures.count {
      stepBackward(&state, using: rng)
      progress(step)
    }
    return -logMeanExp(-state.logWeight)
  }
}

/// How the temperatures of an annealing are spread over [0, 1].
public enum TemperatureSchedule: String, Sendable, CaseIterable {
  /// Equal steps.
  case linear
  /// Small steps at both ends: a logistic curve over [-4, 4]. Wu et al. 2017, section 5.
  case sigmoid

  /// `count` steps, so `count + 1` temperatures from 0 to 1.
  public func callAsFunction(_ count: Int) -> [Double] {
    precondition(count >= 1, "TemperatureSchedule: expected at least 1 temperature, got \(count)")
    let positions = (0...count).map { Double($0) / Double(count) }
    guard self == .sigmoid else { return positions }
    func logistic(_ x: Double) -> Double { 1 / (1 + exp(-Self.reach * (2 * x - 1))) }
    let (low, high) = (logistic(0), logistic(1))
    return positions.map { $0 == 0 || $0 == 1 ? $0 : (logistic($0) - low) / (high - low) }
  }

  private static let reach = 4.0
}
