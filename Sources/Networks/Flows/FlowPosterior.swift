import Probability
import Torch

/// What makes a flow of an encoder's features.
///
/// To conform, be a `final class` with the layers that do so; `PlanarLayers` is the simplest.
public protocol FlowNetwork: Module, Summarized {
  /// The family of flows.
  associatedtype Flow: Bijection
  /// The flow of features `[batch, features]`, a bijection of `[..., batch, d]`.
  func callAsFunction(_ features: Tensor) -> Flow
}

/// q(z|x): a Gaussian of x whose draws go through a flow of x. Both see the features of one network.
///
///     let encoder = GaussianNetwork(MLP([1, 28, 28], hidden: [500], using: rng), dimension: 32, using: rng)
///     let qz = FlowPosterior(encoder, PlanarLayers(encoder.featureCount, dimension: 32, layers: 80, using: rng))
public final class FlowPosterior<Layers: FlowNetwork>: Conditional, Summarized {
  private let base: GaussianNetwork
  private let flow: Layers

  /// - Parameters:
  ///   - base: the Gaussian that draws begin at, and the network of x.
  ///   - flow: takes as many features as that network has.
  public init(_ base: GaussianNetwork, _ flow: Layers) {
    self.base = base
    self.flow = flow
  }

  /// The Gaussian and the flow in one line.
  public var summary: String { "\(base.summary), then \(flow.summary)" }

  public func callAsFunction(_ x: Tensor) -> FlowSampler<Layers.Flow> {
    let features = base.features(x)  // [batch, features]
    return FlowSampler(base: base.gaussian(features), flow: flow(features))
  }
}
