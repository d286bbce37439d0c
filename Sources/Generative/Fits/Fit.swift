import Inference
import Torch

/// An inference model q(z) that is fitted to a target: a game that reads no data.
///
/// To conform, draw z from q with its log density, and play rounds that raise the bound. `GaussianFit` is the simplest.
public protocol Fit: Game {
  /// What is fitted.
  var target: Target { get }
  /// One-draw estimates of a lower bound of log Z: nats, `[count]`, differentiable in the parameters.
  ///
  /// Their mean is at most log Z on average, and the mean of their exponentials is Z.
  func bound(count: Int, using rng: RandomSource) -> Tensor
  /// Whether the bound holds; false where a critic stands for a density, so that it is an estimate of a bound.
  var boundsEvidence: Bool { get }
  /// Draws of q(z), `[count, d]`, without a gradient.
  func samples(count: Int, using rng: RandomSource) -> Tensor
}

extension Fit {
  public var boundsEvidence: Bool { true }

  /// log f at the draws of a round, which must be finite: KL(q, f) is infinite where f is 0.
  ///
  /// On the CPU every number is looked at, elsewhere those of the first round, as a look waits for the device.
  func logDensity(_ z: Tensor, at clock: Clock) throws(TargetError) -> Tensor {
    guard clock.step == 0 || z.device == .cpu else { return target.logDensity(z) }
    return try target.logDensity(positive: z, because: "at the draws of a fit")
  }
}
