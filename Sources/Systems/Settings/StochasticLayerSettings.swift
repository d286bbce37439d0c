import Configuration
import Networks
import Torch

/// The family of a stochastic layer.
public enum LayerFamily: String, Sendable, CaseIterable {
  /// Zeros and ones.
  case bernoulli
  /// Gaussians, with N(0, I) on top.
  case gaussian

  /// The family of the conditionals p(h|h) and q(h|.).
  var likelihood: LikelihoodFamily { self == .bernoulli ? .bernoulli : .gaussian(.predicted) }
}

/// The stochastic layers of a Helmholtz machine, and the networks between them.
public struct StochasticLayerSettings: Settings {
  public var sizes = [200, 200, 10]
  public var family = LayerFamily.bernoulli
  public var hidden: [Int] = []
  public var activation = ActivationKind.tanh

  public init() {}

  public static var fields: [Field<Self>] {
    func single(_ settings: Self) -> String? { settings.sizes.count == 1 ? "there is one layer" : nil }
    return [
      Field("sizes", "numbers of h1, h2, ... from the data up", \.sizes, NetworkLimits.widths(atLeast: 1)),
      Field("family", "bernoulli, of zeros and ones, or gaussian", \.family, .choice),
      Field(
        "hidden", "widths of deterministic layers between two stochastic ones, up and down; [] is linear", \.hidden,
        NetworkLimits.widths(atLeast: 0), unless: single),
      Field(
        "activation", "their nonlinearity", \.activation, .choice,
        unless: { single($0) ?? ($0.hidden.isEmpty ? "hidden is []" : nil) }),
    ]
  }

  /// Numbers of a code, which is all layers.
  var dimension: Int { sizes.reduce(0, +) }

  /// A conditional over a layer of a size, given features of a network.
  func conditional(_ network: any Network, size: Int, using rng: RandomSource) -> NetworkLikelihood {
    NetworkLikelihood(network, family.likelihood, shape: [size], using: rng)
  }

  /// A conditional between two layers.
  func conditional(from given: Int, size: Int, using rng: RandomSource) -> NetworkLikelihood {
    conditional(
      MLP([given], hidden: hidden, activation: activation.function(nil), using: rng), size: size, using: rng)
  }

  /// Refuses layers that are too large.
  func validate(_ path: String) throws(SettingsError) {
    for (below, above) in zip(sizes, sizes.dropFirst()) {
      let factor = family.likelihood.outputsPerDimension
      let weights = [[below] + hidden + [factor * above], [above] + hidden + [factor * below]]
        .map(NetworkLimits.dense).max()!
      try NetworkLimits.check(path, kind: "", isMLP: true, weights: weights, shape: [below])
    }
  }
}
