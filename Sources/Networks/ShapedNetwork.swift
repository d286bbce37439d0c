import Probability
import Torch

/// A network whose features become a variable of a given shape: an affine map where they have another one, and a
/// nonlinearity.
public final class ShapedNetwork: ClassNetwork {
  private let network: any Network
  private let output: Linear?
  private let activation: Activation
  private let inputRank: Int
  public let outputShape: [Int]

  /// - Parameters:
  ///   - shape: that of the result; an image of it is taken as it is.
  ///   - activation: such as `.sigmoid` for pixels in [0, 1].
  ///   - inputRank: the axes of one input: 1 of a code, 3 of an image.
  public init(
    _ network: any Network, shape: [Int], activation: Activation = .identity, inputRank: Int = 1,
    using rng: RandomSource
  ) {
    self.network = network
    self.inputRank = inputRank
    self.activation = activation
    outputShape = shape
    output =
      shape.count > 1 && network.outputShape == shape
      ? nil : Linear(network.outputShape.reduce(1, *), shape.reduce(1, *), using: rng)
  }

  public var summary: String {
    let end = output == nil ? "" : "-\(outputShape.reduce(1, *))"
    return network.summary + end + (activation == .identity ? "" : ", \(activation)")
  }

  /// `[..., inputs]` to `[...] + outputShape`.
  public func callAsFunction(_ z: Tensor) -> Tensor { shaped(network(z), z) }

  public func callAsFunction(_ z: Tensor, of classes: Tensor) -> Tensor { shaped(network(z, classes: classes), z) }

  private func shaped(_ h: Tensor, _ z: Tensor) -> Tensor {
    let raw = (output.map { $0(h) } ?? h).inFloat()
    return activation(raw.reshaped(Array(z.shape.dropLast(inputRank)) + outputShape))  // [...] + outputShape
  }
}
