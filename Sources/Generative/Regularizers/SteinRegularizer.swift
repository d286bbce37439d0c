import Probability
import Torch

/// The width of a kernel of codes.
public enum KernelBandwidth: Sendable, Equatable {
  /// h of exp(-r^2 / h).
  case fixed(Double)
  /// The squared median distance by log n, anew for each batch. Liu & Wang 2016, section 5.
  case median
}

/// A surrogate whose gradient moves a batch's codes along the Stein variational direction to the prior: the Stein-VAE.
///
/// Each code's penalty is -z . stop_gradient(phi(z)), so that descending it ascends phi, the steepest descent of
/// KL(q(z), p(z)) in the kernel's space. Zhao et al. 2017, section 4.1.2, print the product without the minus and
/// subtract it from the objective, which would drive codes away from the prior. Its value means nothing.
public struct SteinRegularizer<Posterior: PathwiseSampler>: LatentRegularizer {
  public typealias Prior = StandardNormal

  /// The width h of the kernel exp(-r^2 / h).
  public let bandwidth: KernelBandwidth
  public let isPerSample = false
  public let value = PenaltyValue.surrogate

  public init(bandwidth: KernelBandwidth = .median) { self.bandwidth = bandwidth }

  public var formula: String { "SVGD(q(z), p(z))" }

  public func penalty(_ drawn: Drawn<Posterior, StandardNormal>, using rng: RandomSource) -> Tensor {
    let codes = rowsOfAll(drawn.z)
    let direction = withoutGradients { steinVariationalDirection(codes, bandwidth: width(codes)) }
    return -(codes * direction).sum(-1).mean()  // a scalar: the mean over codes
  }

  /// The width for these codes, `[n, d]`.
  private func width(_ z: Tensor) -> Double {
    switch bandwidth {
    case .fixed(let width): width
    case .median: medianBandwidth(z)
    }
  }
}
