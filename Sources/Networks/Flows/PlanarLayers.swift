import Probability
import Torch

/// Planar layers whose `u`, `w` and `b` are affine in an encoder's features; all layers have them from one product.
public final class PlanarLayers: FlowNetwork {
  private let map: Linear
  private let count: Int
  private let dimension: Int

  /// - Parameters:
  ///   - features: how many there are.
  ///   - dimension: the length of z.
  ///   - layers: how many planes z crosses.
  public init(_ features: Int, dimension: Int, layers: Int, using rng: RandomSource) {
    map = Linear(features, Self.outputs(dimension: dimension, layers: layers), using: rng)
    count = layers
    self.dimension = dimension
  }

  /// Numbers that describe the layers of one example.
  public static func outputs(dimension: Int, layers: Int) -> Int { layers * (2 * dimension + 1) }

  public var summary: String { "\(count) planar \(count == 1 ? "layer" : "layers")" }

  public func callAsFunction(_ features: Tensor) -> PlanarFlow {
    let numbers = map(features).inFloat().reshaped([features.size(0), count, 2 * dimension + 1])
    let ofLayers = numbers.permuted(1, 0, 2)  // [layers, batch, 2 d + 1]
    return .invertible(
      u: ofLayers.narrowed(2, 0..<dimension), w: ofLayers.narrowed(2, dimension..<2 * dimension),
      b: ofLayers.narrowed(2, 2 * dimension..<2 * dimension + 1))
  }
}
