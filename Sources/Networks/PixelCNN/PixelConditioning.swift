import Torch

/// What a code adds to the maps of every layer of an autoregressive network.
///
/// To conform, map codes to as many maps as the network asks for, one value each or one for every pixel.
public protocol PixelConditioning: Module, Summarized {
  /// The length of a code.
  var dimension: Int { get }
  /// `[n, latent]` to `[n, maps, 1, 1]`, or to `[n, maps, h, w]`.
  func callAsFunction(_ z: Tensor) -> Tensor
}

/// A code that shifts every map as a whole, whatever the pixel. van den Oord et al. 2016b, Eq. 4.
///
/// Not as there, the map is of z / sqrt(1 + |z|^2 / (9 d)): a code of the prior is shortened by a twentieth, and none
/// becomes longer than 3 sqrt(d). A code that nothing regularizes grows within a few steps, all examples' in the same
/// direction, until every gate is saturated and no gradient is left. The function is one to one, so it takes no code
/// from the model.
public final class GlobalConditioning: PixelConditioning {
  private let affine: Linear

  /// - Parameter maps: all maps of all layers, `conditionedMaps` of the network.
  public init(_ dimension: Int, maps: Int, using rng: RandomSource) {
    affine = Linear(dimension, maps, bias: false, using: rng)
  }

  public var dimension: Int { affine.weight.value.size(1) }
  public var summary: String { "given a code of \(dimension), z / sqrt(1 + |z|^2 / \(9 * dimension)), at every layer" }
  public func callAsFunction(_ z: Tensor) -> Tensor {
    affine(bounded(z)).unsqueezed(-1).unsqueezed(-1)  // [n, maps, 1, 1]
  }
}

/// z / sqrt(1 + |z|^2 / (9 d)); see `GlobalConditioning`.
private func bounded(_ z: Tensor) -> Tensor {
  z * (z.square().mean(-1, keepAxes: true) / 9 + 1).pow(-0.5)
}

/// A code that a network turns into a picture first, which says where it means what. van den Oord et al. 2016b, Eq. 5.
///
/// The network is given z / sqrt(1 + |z|^2 / (9 d)), for the reason that `GlobalConditioning` tells.
public final class SpatialConditioning: PixelConditioning {
  private let network: any Network
  private let affine: PointwiseConv
  public let dimension: Int

  /// - Parameters:
  ///   - network: from a code to `[channels, h, w]` with the sides of the image, such as `DCGANDecoder`.
  ///   - maps: all maps of all layers, `conditionedMaps` of the network that is conditioned.
  public init(_ network: any Network, dimension: Int, maps: Int, using rng: RandomSource) {
    precondition(
      network.outputShape.count == 3,
      "SpatialConditioning: expected a network to [channels, h, w], got \(network.outputShape)")
    self.network = network
    self.dimension = dimension
    affine = PointwiseConv(network.outputShape[0], maps, bias: false, using: rng)
  }

  public var summary: String {
    "given a code of \(dimension), z / sqrt(1 + |z|^2 / \(9 * dimension)), through \(network.summary)"
  }
  public func callAsFunction(_ z: Tensor) -> Tensor { affine(network(bounded(z))) }
}
