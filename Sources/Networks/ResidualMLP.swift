import Torch

/// Affine layers with shortcuts: h + W2 f(W1 f(h)), over vectors. He et al. 2016, Eqs. 1-2.
///
/// The second layer of every block begins at 0, so that the network begins as one layer.
public final class ResidualMLP: Network {
  private let entry: Linear
  private let blocks: [Block]
  private let inputs: Int
  private let width: Int
  private let activation: Activation

  private final class Block: Module {
    let first: Linear
    let second: Linear

    init(_ width: Int, using rng: RandomSource) {
      first = Linear(width, width, using: rng)
      second = Linear(width, width, initialization: .normal(scale: 0), using: rng)
    }
  }

  /// - Parameters:
  ///   - inputs: the length of an input.
  ///   - width: that of all layers.
  ///   - blocks: shortcuts.
  public init(
    _ inputs: Int, width: Int, blocks: Int, activation: Activation = .leakyReLU(slope: 0.2), using rng: RandomSource
  ) {
    (self.inputs, self.width, self.activation) = (inputs, width, activation)
    entry = Linear(inputs, width, using: rng)
    self.blocks = (0..<blocks).map { _ in Block(width, using: rng) }
  }

  public var outputShape: [Int] { [width] }
  public var summary: String { "residual MLP \(inputs)-\(width), \(blocks.count) blocks" }

  /// `[..., inputs]` to `[..., width]`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    let h = blocks.reduce(entry(x)) { h, block in h + block.second(block.first(activation(h), activation)) }
    return activation(h)
  }
}
