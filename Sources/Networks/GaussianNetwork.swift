import Foundation
import Probability
import Torch

/// q(z|x) = N(mean(x), exp(log variance(x))): a network and an affine layer to both.
///
/// No deviation is below e^`leastLogScale`.
public final class GaussianNetwork: Conditional, Summarized {
  private let network: any Network
  /// The means, then the log variances: one product is faster than two.
  private let heads: Linear

  /// - Parameters:
  ///   - dimension: the length of z.
  ///   - initialScale: the standard deviation at the start of training, about. Near 1 codes carry no information at
  ///     first, and an objective that does not reward it stays there; a small one starts from codes that carry much.
  public init(
    _ network: any Network, dimension: Int, initialScale: Double = 1, initialization: Initialization = .uniformFanIn,
    using rng: RandomSource
  ) {
    self.network = network
    heads = Linear(
      network.outputShape.reduce(1, *), 2 * dimension, heads: 2, initialization: initialization,
      using: rng)
    let logVariance = heads.bias!.value.detached().narrowed(0, dimension..<2 * dimension)
    if initialScale != 1 { logVariance.addInPlace(2 * log(initialScale)) }
  }

  /// The length of z.
  public var dimension: Int { heads.weight.value.size(0) / 2 }

  /// The network and its heads in one line.
  public var summary: String { "Gaussian, \(network.summary)-\(dimension)" }

  /// The number of features that the heads see.
  public var featureCount: Int { heads.weight.value.size(1) }

  public func callAsFunction(_ x: Tensor) -> DiagonalGaussian { gaussian(features(x)) }

  /// The features of x, `[..., features]`.
  public func features(_ x: Tensor) -> Tensor { network(x) }

  /// The Gaussian of features `[..., features]`.
  public func gaussian(_ features: Tensor) -> DiagonalGaussian {
    let halves = heads(features).inFloat().split(2, axis: -1)  // each [..., latent]
    return DiagonalGaussian(mean: halves[0], logScale: (halves[1] * 0.5).flooredLogScale())
  }
}
