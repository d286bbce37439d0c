import Probability
import Torch

/// A distribution that is known by its draws alone: what a network makes of noise.
public struct ImplicitPosterior: PathwiseSampler {
  private let draw: ([Int], RandomSource) -> Tensor

  /// - Parameter draw: draws of shape `count + batch + event`, differentiable in the parameters.
  public init(draw: @escaping (_ count: [Int], _ rng: RandomSource) -> Tensor) { self.draw = draw }

  public func rsample(_ count: [Int], using rng: RandomSource) -> Tensor { draw(count, rng) }
}

/// z = g(x, eps): noise joined to what a network has made of x, in front of layers of both. Mescheder et al. 2017,
/// Figure 2(b).
public final class NoisyInput: Conditional, Summarized {
  private let body: (any Network)?
  private let layers: JointMLP
  private let output: Linear
  private let noiseSize: Int

  /// - Parameters:
  ///   - body: in front of the layers; nil where they see x itself.
  ///   - inputs: the length of what the layers see, without the noise.
  ///   - hidden: the widths of the layers, at least one.
  public init(
    _ body: (any Network)?, inputs: Int, noise noiseSize: Int, hidden: [Int], activation: Activation,
    dimension: Int, using rng: RandomSource
  ) {
    self.body = body
    self.noiseSize = noiseSize
    layers = JointMLP(
      [inputs, noiseSize], hidden: hidden, activation: activation, initialization: .uniformFanIn, using: rng)
    output = Linear(hidden.last!, dimension, using: rng)
  }

  public var summary: String {
    "implicit, " + (body.map { "\($0.summary), " } ?? "")
      + "\(layers.summary)-\(output.weight.value.size(0)) of x and noise"
  }

  public func callAsFunction(_ x: Tensor) -> ImplicitPosterior {
    let share = layers.share(of: body?(x) ?? x.flattened(from: 1), 0)  // [batch, width]
    return ImplicitPosterior { [self] count, rng in
      let eps = rng.normal(count + [x.size(0), noiseSize], dtype: x.dtype, rows: -2)
      return output(layers(shares: [share, layers.share(of: eps, 1)])).inFloat()  // count + [batch, latent]
    }
  }
}

/// z = g(x, eps): a linear map of one noise is added to every layer before its nonlinearity. The authors' encoder of
/// Mescheder et al. 2017 without adaptive contrast.
public final class NoisyLayers: Conditional, Summarized {
  private let network: any LayeredNetwork
  private let maps: [Linear]
  private let output: Linear
  private let noiseSize: Int

  /// - Parameter network: with at least one layer.
  public init(_ network: any LayeredNetwork, noise noiseSize: Int, dimension: Int, using rng: RandomSource) {
    self.network = network
    self.noiseSize = noiseSize
    maps = network.layerShapes.map { Linear(noiseSize, $0.reduce(1, *), bias: false, using: rng) }
    output = Linear(network.outputShape.reduce(1, *), dimension, using: rng)
  }

  public var summary: String {
    "implicit, \(network.summary), noise of \(noiseSize) added to every layer"
  }

  public func callAsFunction(_ x: Tensor) -> ImplicitPosterior {
    ImplicitPosterior { [self] count, rng in
      let eps = rng.normal(count + [x.size(0), noiseSize], dtype: x.dtype, rows: -2)
        .flattened(from: 0, to: count.count)  // [rows, noise]
      let h = network(x) { layer, h in
        // What the first layer makes of x is the same for all draws.
        let h = layer == 0 && !count.isEmpty ? h.expanded(count + h.shape).flattened(from: 0, to: count.count) : h
        return h + maps[layer](eps).reshaped(h.shape)
      }
      return output(h).inFloat().reshaped(count + [x.size(0), -1])  // count + [batch, latent]
    }
  }
}
