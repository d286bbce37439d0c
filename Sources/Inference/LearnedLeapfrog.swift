import Torch

/// Leapfrog steps whose sizes are learned: a differentiable map of a position and a velocity that keeps volume.
///
/// A momentum has a distribution N(0, M) with a learned diagonal M. A velocity is a momentum in units of its deviations, N(0, I),
/// and M^(-1/2) is a factor on every step. Salimans, Kingma & Welling 2015, Algorithm 2.
public final class LearnedLeapfrog: Module {
  /// Of each step, `[steps]`.
  private let logStepSizes: Parameter
  /// Of the momentum, half the logarithm of M's diagonal, `[d]`.
  private let logScale: Parameter

  /// - Parameters:
  ///   - dimension: the length of a position.
  ///   - steps: at least 1.
  ///   - stepSize: what all steps start with, where M starts at I.
  public init(_ dimension: Int, steps: Int, stepSize: Double, device: Device = .cpu) {
    precondition(
      steps >= 1 && stepSize > 0, "LearnedLeapfrog: expected at least 1 step above 0, got \(steps) of \(stepSize)")
    logStepSizes = Parameter(Tensor.full([steps], stepSize, device: device).log())
    logScale = Parameter(.zeros([dimension], device: device))
  }

  /// The number of steps.
  public var steps: Int { logStepSizes.value.size(0) }

  /// Where a trajectory ends: half a kick, then a drift and a kick for each step, the last of them half a kick.
  ///
  /// - Parameters:
  ///   - position: `[..., d]`.
  ///   - velocity: of the same shape.
  ///   - gradient: that of the log density, differentiable where the end is to be; asked at `steps` + 1 positions, last at
  ///     the end.
  public func callAsFunction(
    _ position: Tensor, _ velocity: Tensor, gradient: (Tensor) -> Tensor
  ) -> (position: Tensor, velocity: Tensor) {
    let lengths = (logStepSizes.value.unsqueezed(1) - logScale.value).exp()  // [steps, d]
    let (drifts, halves) = (lengths.split(steps, axis: 0), (lengths * 0.5).split(steps, axis: 0))
    var position = position
    var velocity = velocity.addingProduct(halves[0].squeezed(0), gradient(position))
    for index in 0..<steps {
      position = position.addingProduct(drifts[index].squeezed(0), velocity)
      let kick = index + 1 < steps ? halves[index] + halves[index + 1] : halves[index]
      velocity = velocity.addingProduct(kick.squeezed(0), gradient(position))
    }
    return (position, velocity)
  }
}
