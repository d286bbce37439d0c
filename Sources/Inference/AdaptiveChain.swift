import Torch

/// Markov chains with their warm-up, one step at a time: what `sampleChains` loops over.
///
///     let chain = AdaptiveChain(NUTS(), of: WeightedDensity(target), warmup: Warmup(steps: 500))
///     var state = chain.start(at: target.start(1, rng).at(0))
///     while state.steps < 1500 {
///       let transition = chain.step(&state, using: rng)
///       if state.steps > 500 { draws.append(state.point.position) }
///     }
///
/// A chain resumes to the same bits: write `state.tensors` and `rng.state`, and read them back by `state(_:from:)`.
public struct AdaptiveChain {
  /// Takes the steps.
  public let kernel: any MarkovKernel
  /// What the steps leave as it is.
  public let density: WeightedDensity
  /// How the chains adapt, and for how long.
  public let warmup: Warmup

  /// Chains of a kernel that adapt during `warmup`; they leave `density` as it is.
  public init(_ kernel: any MarkovKernel, of density: WeightedDensity, warmup: Warmup) {
    self.kernel = kernel
    self.density = density
    self.warmup = warmup
  }

  /// What continues the chains.
  public struct State {
    /// Where the chains are.
    public internal(set) var point: Point
    /// The step size and the scales, as the warm-up has found them so far.
    public internal(set) var adaptation: Warmup.State
    /// Steps so far, those of the warm-up included.
    public internal(set) var steps: Int
  }

  /// Chains before their first step, at `[d]` or, for a kernel that takes many at once, `[chains, d]`.
  public func start(at position: Tensor) -> State {
    State(
      point: withoutGradients { density.point(at: position) }, adaptation: warmup.start(like: position), steps: 0)
  }

  /// The size of the next step, in units of the scales.
  public func stepSize(_ state: State) -> Double {
    isWarmingUp(state) ? state.adaptation.stepSize.value : state.adaptation.stepSize.average
  }

  /// Whether the next step belongs to the warm-up, and its draw does not count.
  public func isWarmingUp(_ state: State) -> Bool { state.steps < warmup.steps }

  /// One step, which adapts the chains as long as they warm up.
  public func step(_ state: inout State, using rng: RandomSource) -> Transition {
    let (next, transition) = kernel.step(
      state.point, of: density, stepSize: stepSize(state), scale: state.adaptation.scale, using: rng)
    state.point = next
    if isWarmingUp(state) {
      warmup.record(next.position, acceptance: transition.acceptance, at: state.steps, in: &state.adaptation)
    }
    state.steps += 1
    return transition
  }
}

// MARK: Storage

extension AdaptiveChain.State {
  /// Everything that the chains go on from, by name; numbers are tensors without axes.
  public var tensors: [String: Tensor] {
    var tensors = ["position": point.position, "scale": adaptation.scale]
    tensors["steps"] = .full([], Double(steps), dtype: .int64)
    for (index, logProb) in point.logProbs.enumerated() { tensors["logProb.\(index)"] = logProb }
    for (index, gradient) in point.gradients.enumerated() { tensors["gradient.\(index)"] = gradient }
    tensors["window"] =
      adaptation.window.isEmpty
      ? .zeros([0] + point.position.shape, dtype: point.position.dtype) : .stacked(adaptation.window)
    for (name, number) in adaptation.stepSize.numbers { tensors["stepSize.\(name)"] = Tensor(number, dtype: .float64) }
    return tensors
  }
}

extension AdaptiveChain {
  /// The state that `tensors` were made of. Strict: names and shapes must be those of chains over this density.
  ///
  /// - Parameter source: the name of the file, for the message.
  public func state(_ tensors: [String: Tensor], from source: String) throws(LoadError) -> State {
    var rest = tensors
    func take(_ name: String, _ type: DType?, _ expected: [Int], _ isShape: ([Int]) -> Bool) throws(LoadError) -> Tensor
    {
      guard let tensor = rest.removeValue(forKey: name) else { throw .missing(name, source, has: nil) }
      guard isShape(tensor.shape) else { throw .shape(name, source, expected: expected, found: tensor.shape) }
      let isType = type.map { $0 == tensor.dtype } ?? tensor.dtype.isFloatingPoint
      guard isType else { throw .type(name, source, expected: type ?? .float64, found: tensor.dtype) }
      return tensor
    }
    func take(_ name: String, _ type: DType, _ shape: [Int]) throws(LoadError) -> Tensor {
      try take(name, type, shape) { $0 == shape }
    }
    let position = try take("position", nil, [1]) { !$0.contains(0) && !$0.isEmpty }
    let (shape, type) = (position.shape, position.dtype)
    var (logProbs, gradients): ([Tensor], [Tensor]) = ([], [])
    for index in density.terms.indices {
      logProbs.append(try take("logProb.\(index)", type, Array(shape.dropLast())))
      gradients.append(try take("gradient.\(index)", type, shape))
    }
    let scale = try take("scale", type, [position.size(-1)])
    let window = try take("window", type, [0] + shape) { !$0.isEmpty && Array($0.dropFirst()) == shape }
    var numbers: [String: Double] = [:]
    for name in DualAveraging.names { numbers[name] = try take("stepSize.\(name)", .float64, []).item() }
    let steps = try take("steps", .int64, []).array(Int.self)[0]
    if let extra = rest.keys.sorted().first { throw .unexpected(extra, source) }
    return State(
      point: Point(position: position, logProbs: logProbs, gradients: gradients),
      adaptation: Warmup.State(
        stepSize: DualAveraging(numbers, target: warmup.targetAcceptance), scale: scale,
        window: (0..<window.size(0)).map { window.at($0) }),
      steps: steps)
  }
}
