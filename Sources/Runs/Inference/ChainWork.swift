import Inference
import Torch

/// Markov chains over a target, their warm-up, and the draws that are kept of them.
final class ChainWork: SteppedWork {
  private let chain: AdaptiveChain
  private let watch: WatchedDensity
  private let plan: InferencePlan
  private let rng: RandomSource
  private var state: AdaptiveChain.State
  /// The draws that are kept so far, `[chains, d]` each.
  private var kept: [Tensor] = []
  /// Divergences after the warm-up, over all chains.
  private(set) var divergences = 0
  private var transition: Transition?

  /// The acceptance that step sizes are led to, more than the best for the mean jump: one step size serves all chains,
  /// also those in narrow places.
  private static let targetAcceptance = 0.9
  /// Leapfrog steps in a trajectory of HMC.
  private static let leapfrogSteps = 20
  /// How much step sizes vary. Where the density is narrow, as at some starts, the size that suits most chains is far too
  /// long: with a little variation alone a chain in five hundred would stay there for ever.
  private static let jitter = 0.9
  /// Doublings of a trajectory of NUTS at most: all chains wait for the longest, and the next step goes on.
  private static let maximumDepth = 6

  /// - Throws: `TargetError` where the density is not a positive number at a start.
  init(_ target: Target, _ plan: InferencePlan, using rng: RandomSource) throws {
    (self.plan, self.rng) = (plan, rng)
    let watch = WatchedDensity(target)
    self.watch = watch
    chain = AdaptiveChain(
      plan.method == .nuts
        ? NUTS(maximumDepth: Self.maximumDepth, jitter: Self.jitter)
        : HMC(leapfrogSteps: Self.leapfrogSteps, jitter: Self.jitter),
      of: WeightedDensity { watch($0) },
      warmup: Warmup(steps: plan.iterations, targetAcceptance: Self.targetAcceptance))
    let start = target.start(plan.chains, rng).to(.float64)
    _ = try withoutGradients { () throws(TargetError) in
      try target.logDensity(positive: start, because: "where chains start")
    }
    state = chain.start(at: start)
    try watch.check()
    try target.check(state.point.gradients[0], at: start)
  }

  var step: Int { state.steps }
  var totalSteps: Int { plan.iterations + plan.drawsPerChain * plan.thinning }
  var isOver: Bool { step >= totalSteps }

  func advance() throws {
    let isWarmingUp = chain.isWarmingUp(state)
    let transition = chain.step(&state, using: rng)
    try watch.check()
    self.transition = transition
    guard !isWarmingUp else { return }
    divergences += transition.divergences
    if (state.steps - plan.iterations).isMultiple(of: plan.thinning) { kept.append(state.point.position) }
  }

  var numbers: [(key: String, value: Double)] {
    [("step_size", chain.stepSize(state)), ("divergences", Double(divergences))]
      + (transition.map { [("acceptance", $0.acceptance), ("gradients", Double($0.leapfrogSteps))] } ?? [])
  }

  /// All draws, chain after chain: `[chains, draws, d]`.
  var draws: Tensor { .stacked(kept, axis: 1) }

  private var shape: [Int] { state.point.position.shape }

  var tensors: [String: Tensor] {
    var tensors = [SteppedWorkFile.randomState: rng.state]
    for (name, tensor) in state.tensors { tensors["chain." + name] = tensor }
    tensors["draws"] = kept.isEmpty ? .zeros([0] + shape, dtype: .float64) : .stacked(kept)
    tensors["divergences"] = .full([], Double(divergences), dtype: .int64)
    return tensors
  }

  func restore(_ tensors: [String: Tensor], from source: String) throws {
    var reader = TensorReader(tensors, from: source)
    try reader.restore(rng)
    let draws = try reader.take("draws", .float64)
    guard draws.rank == 3, Array(draws.shape.dropFirst()) == shape else {
      throw LoadError.shape("draws", source, expected: [0] + shape, found: draws.shape)
    }
    divergences = try reader.take("divergences", [], .int64).array(Int.self)[0]
    state = try chain.state(reader.take(under: "chain."), from: source)
    guard state.point.position.shape == shape else {
      throw LoadError.shape("chain.position", source, expected: shape, found: state.point.position.shape)
    }
    kept = (0..<draws.size(0)).map { draws.at($0).contiguous() }
    try reader.finish()
  }
}
