import Probability
import Torch

/// q(z|x) = N(mean(x), exp(logVariance(x))): a network with two affine heads.
public final class GaussianNetwork: Conditional, Summarized {
  private let network: any Network
  private let mean: Linear
  private let logVariance: Linear

  /// - Parameter dimension: the length of z.
  public init(
    _ network: any Network, dimension: Int, initialization: Initialization = .uniformFanIn,
    using rng: RandomSource
  ) {
    self.network = network
    let features = network.outputShape.reduce(1, *)
    mean = Linear(features, dimension, initialization: initialization, using: rng)
    logVariance = Linear(features, dimension, initialization: initialization, using: rng)
  }

  /// The length of z.
  public var dimension: Int { mean.weight.value.size(0) }

  /// The network and its heads in one line.
  public var summary: String { "Gaussian, \(network.summary)-\(dimension)" }

  public func callAsFunction(_ x: Tensor) -> DiagonalGaussian {
    let h = network(x)
    return DiagonalGaussian(mean: mean(h).inFloat(), logScale: logVariance(h).inFloat() * 0.5)
  }
}
