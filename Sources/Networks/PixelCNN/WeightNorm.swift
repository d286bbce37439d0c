import Torch

/// A weight by its direction and its length: w = g v / |v| for every output. Salimans & Kingma 2016, Eq. 2.
///
/// `v` is the layer's own weight and `g` starts at its length, so that at first nothing changes but a factor. The paper
/// sets the first lengths and biases from a batch instead.
final class WeightNorm: Module {
  /// The length of every output's weight, `[outputs]`.
  let gain: Parameter

  /// - Parameters:
  ///   - weight: the layer's own, `[outputs, ...]`.
  ///   - gain: the factor on its first length.
  init(of weight: Tensor, gain: Double) {
    self.gain = Parameter(withoutGradients { Self.length(weight).flattened() * gain })
  }

  /// The weight in use, same shape.
  func callAsFunction(_ weight: Tensor) -> Tensor {
    let length = Self.length(weight)  // [outputs, 1, ...]
    return weight * (gain.value.reshaped(length.shape) / length)
  }

  /// The 2-norm of every output's weight, `[outputs, 1, ...]`.
  private static func length(_ weight: Tensor) -> Tensor {
    let squares = weight.square().flattened(from: 1).sum(1)  // [outputs]
    return squares.sqrt().reshaped([weight.size(0)] + Array(repeating: 1, count: weight.rank - 1))
  }
}
