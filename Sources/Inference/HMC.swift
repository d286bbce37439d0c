import Torch

/// Hamiltonian Monte Carlo with a fixed number of leapfrog steps, for any number of chains at once.
///
/// Time is measured in a metric of diagonal scales: a step moves coordinate i by `stepSize x scale_i` for a unit of
/// velocity, which is a mass of 1 / scale_i^2. Every chain has its own step size and is accepted on its own.
///
/// - Source: Neal 2011, Figure 2 and section 4.1.
public struct HMC: MarkovKernel {
  /// Leapfrog steps in a trajectory.
  public var leapfrogSteps: Int
  /// Each trajectory's step size is drawn evenly from `stepSize x (1 - jitter, 1 + jitter)`.
  ///
  /// Without it a trajectory can come back to where it began whenever its length is near a period of the density; a
  /// chain on a Gaussian then moves far and mixes badly. Neal 2011, section 3.2.
  public var jitter: Double

  /// - Parameter jitter: from 0 to 1; 0 keeps the step size.
  public init(leapfrogSteps: Int, jitter: Double = 0.5) {
    precondition(leapfrogSteps >= 1, "HMC: expected at least 1 leapfrog step, got \(leapfrogSteps)")
    precondition((0...1).contains(jitter), "HMC: expected a jitter of 0 to 1, got \(jitter)")
    self.leapfrogSteps = leapfrogSteps
    self.jitter = jitter
  }

  /// What one step tells, chain by chain.
  public struct Info {
    /// The Metropolis probability of the end point, `[...]`; 0 where the energy is not a number.
    public let acceptance: Tensor
    /// Where the end point was taken, boolean, `[...]`.
    public let isAccepted: Tensor
    /// Where the energy rose by more than `Trajectory.divergence` or is not a number, boolean, `[...]`.
    public let isDivergent: Tensor
  }

  /// One trajectory from `point` and its acceptance or refusal.
  ///
  /// - Parameters:
  ///   - stepSize: broadcasts with `[..., 1]`.
  ///   - scale: broadcasts with `[..., d]`.
  public func step(
    _ point: Point, of density: WeightedDensity, stepSize: Tensor, scale: Tensor, using rng: RandomSource
  ) -> (Point, Info) {
    withoutGradients {
      let velocity = rng.normal(point.position.shape, dtype: point.position.dtype)
      let shape = Array(point.position.shape.dropLast()) + [1]
      let factor = jitter == 0 ? nil : (rng.uniform(shape, dtype: point.position.dtype) * 2 - 1) * jitter + 1
      let trajectory = Trajectory(density: density, length: (factor.map { stepSize * $0 } ?? stepSize) * scale)
      let end = trajectory.end(from: .init(point, velocity), steps: leapfrogSteps)
      // H falls where log p rises: the change of -H decides.
      let gain = trajectory.negativeEnergy(end) - trajectory.negativeEnergy(.init(point, velocity))
      let isNumber = gain .== gain
      let zero = Tensor(0, dtype: gain.dtype, device: gain.device)
      let acceptance = isNumber.select(gain.clamped(-.infinity, 0).exp(), zero)
      let isAccepted = rng.uniform(gain.shape, dtype: gain.dtype) .< acceptance
      return (
        end.point.selected(where: isAccepted, else: point),
        Info(
          acceptance: acceptance, isAccepted: isAccepted,
          isDivergent: isNumber.select(gain, zero - .infinity) .< -Trajectory.divergence)
      )
    }
  }

  public func step(
    _ point: Point, of density: WeightedDensity, stepSize: Double, scale: Tensor, using rng: RandomSource
  ) -> (Point, Transition) {
    let size = Tensor(stepSize, dtype: point.position.dtype, device: point.position.device)
    let (next, info) = step(point, of: density, stepSize: size, scale: scale, using: rng)
    return (
      next,
      Transition(
        acceptance: info.acceptance.mean().item(),
        divergences: Int(info.isDivergent.to(.float64).sum().item()), leapfrogSteps: leapfrogSteps)
    )
  }
}

/// The leapfrog integrator in a diagonal metric.
struct Trajectory {
  let density: WeightedDensity
  /// Step size times scale, broadcasts with `[..., d]`.
  let length: Tensor

  /// A loss of more nats than this is a divergence, as in Stan.
  static let divergence = 1000.0

  /// Where a trajectory is: the position with its density, and the velocity.
  struct State {
    let point: Point
    let velocity: Tensor

    init(_ point: Point, _ velocity: Tensor) {
      self.point = point
      self.velocity = velocity
    }
  }

  /// Half a kick, a drift, half a kick: reversible, and it keeps volume.
  func leapfrog(_ state: State, backwards: Bool = false) -> State {
    let sign = backwards ? -1.0 : 1.0
    let half = state.velocity.addingProduct(length, density.gradient(state.point), factor: 0.5 * sign)
    let point = density.point(at: state.point.position.addingProduct(length, half, factor: sign))
    return State(point, half.addingProduct(length, density.gradient(point), factor: 0.5 * sign))
  }

  /// Many steps forwards: kicks of neighbouring steps are taken together, and on the way the gradient is enough.
  func end(from start: State, steps: Int) -> State {
    var position = start.point.position
    var velocity = start.velocity.addingProduct(length, density.gradient(start.point), factor: 0.5)
    for _ in 1..<steps {
      position = position.addingProduct(length, velocity)
      velocity = velocity.addingProduct(length, density.gradient(at: position))
    }
    let point = density.point(at: position.addingProduct(length, velocity))
    return State(point, velocity.addingProduct(length, density.gradient(point), factor: 0.5))
  }

  /// log p(z) - |v|^2 / 2, `[...]`, which an exact trajectory keeps.
  func negativeEnergy(_ state: State) -> Tensor {
    density.logProb(state.point) - state.velocity.square().sum(-1) * 0.5
  }
}
