import Probability
import Torch

/// Shapes shared by the plain convolutional networks: kernels of 4, each stage halves or doubles the side exactly.
private enum Stage {
  static let kernel = 4
  static let padding = 1
}

/// Convolutions of stride 2 without norms and a dense layer behind them, from an image to features.
///
/// With 64 and 128 maps, 1024 features and a slope of 0.1 it is the encoder of the MNIST model of Zhao et al. 2017.
public final class ConvEncoder: Network {
  private let convolutions: [Conv2d]
  private let dense: MLP
  private let imageShape: [Int]
  private let activation: Activation

  /// - Parameters:
  ///   - imageShape: `[channels, height, width]`, sides divisible by 2 for every stage.
  ///   - channels: the maps of every stage.
  ///   - hidden: the widths of the dense layers.
  public init(
    _ imageShape: [Int], channels: [Int] = [64, 128], hidden: [Int] = [1024],
    activation: Activation = .leakyReLU(slope: 0.1), using rng: RandomSource
  ) {
    let factor = 1 << channels.count
    precondition(
      imageShape.dropFirst().allSatisfy { $0.isMultiple(of: factor) },
      "ConvEncoder: expected sides divisible by \(factor), got \(imageShape)")
    self.imageShape = imageShape
    self.activation = activation
    convolutions = zip([imageShape[0]] + channels, channels).map {
      Conv2d($0, $1, kernel: Stage.kernel, stride: 2, padding: Stage.padding, using: rng)
    }
    let features = channels.last! * imageShape.dropFirst().reduce(1) { $0 * ($1 / factor) }
    dense = MLP([features], hidden: hidden, activation: activation, using: rng)
  }

  public var outputShape: [Int] { dense.outputShape }

  public var summary: String {
    "convolutions " + imageShape.map(String.init).joined(separator: "x") + " to "
      + convolutions.map { "\($0.weight.value.size(0))" }.joined(separator: "-") + " maps"
      + (dense.layers.isEmpty ? "" : ", \(dense.summary)")
  }

  /// `[batch, channels, height, width]` to `[batch, features]`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    dense(convolutions.reduce(x) { $1($0, activation) }.flattened(from: 1))
  }
}

/// The way back: dense layers, then transposed convolutions of stride 2. The last one has no activation.
public final class ConvDecoder: Network {
  private let dense: MLP
  private let convolutions: [ConvTranspose2d]
  private let start: [Int]
  private let activation: Activation
  /// The shape of the result, `[outputs, height, width]`.
  public let outputShape: [Int]

  /// - Parameters:
  ///   - inputs: the length of the code.
  ///   - imageShape: `[maps, height, width]` of the result.
  ///   - channels: the maps in front of every stage, first to last.
  public init(
    _ inputs: Int, imageShape: [Int], channels: [Int] = [128, 64], hidden: [Int] = [1024],
    activation: Activation = .relu, using rng: RandomSource
  ) {
    let factor = 1 << channels.count
    precondition(
      imageShape.dropFirst().allSatisfy { $0.isMultiple(of: factor) },
      "ConvDecoder: expected sides divisible by \(factor), got \(imageShape)")
    start = [channels[0]] + imageShape.dropFirst().map { $0 / factor }
    outputShape = imageShape
    self.activation = activation
    dense = MLP([inputs], hidden: hidden + [start.reduce(1, *)], activation: activation, using: rng)
    convolutions = zip(channels, Array(channels.dropFirst()) + [imageShape[0]]).map {
      ConvTranspose2d($0, $1, kernel: Stage.kernel, stride: 2, padding: Stage.padding, using: rng)
    }
  }

  public var summary: String {
    "\(dense.summary), transposed convolutions of "
      + convolutions.map { "\($0.weight.value.size(0))" }.joined(separator: "-") + " maps to "
      + outputShape.map(String.init).joined(separator: "x")
  }

  /// `[..., inputs]` to `[..., maps, height, width]`.
  public func callAsFunction(_ z: Tensor) -> Tensor {
    let batch = Array(z.shape.dropLast())
    var h = dense(z).reshaped([batch.reduce(1, *)] + start)  // [rows, maps, height, width]
    for convolution in convolutions.dropLast() { h = convolution(h, activation) }
    return convolutions.last!(h).reshaped(batch + outputShape)
  }
}
