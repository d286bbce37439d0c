import Probability
import Torch

/// Two convolutions with batch norm beside a shortcut. He et al. 2016, Figure 2 and Eqs. 1-2.
final class ResidualBlock: Module {
  private let first: Conv2d
  private let firstNorm: BatchNorm
  private let second: Conv2d
  private let secondNorm: BatchNorm
  /// A projection, where the block changes the number of maps or their size.
  private let shortcut: Conv2d?
  private let shortcutNorm: BatchNorm?

  init(_ inputs: Int, _ outputs: Int, stride: Int, using rng: RandomSource) {
    let convolution = { (from: Int, kernel: Int, stride: Int) in
      Conv2d(
        from, outputs, kernel: kernel, stride: stride, padding: kernel / 2, bias: false,
        // Normal with the variance 2 / fan in: He et al. 2015, Eq. 10.
        initialization: .normal(scale: (2 / Double(from * kernel * kernel)).squareRoot()), using: rng)
    }
    first = convolution(inputs, 3, stride)
    firstNorm = BatchNorm(outputs, device: rng.device)
    second = convolution(outputs, 3, 1)
    secondNorm = BatchNorm(outputs, device: rng.device)
    let projects = stride != 1 || inputs != outputs
    shortcut = projects ? convolution(inputs, 1, stride) : nil
    shortcutNorm = projects ? BatchNorm(outputs, device: rng.device) : nil
  }

  /// `[batch, inputs, h, w]` to `[batch, outputs, h / stride, w / stride]`, rounded up.
  func callAsFunction(_ x: Tensor) -> Tensor {
    let h = secondNorm(second(firstNorm(first(x)).relu()))
    guard let shortcut, let shortcutNorm else { return (h + x).relu() }
    return (h + shortcutNorm(shortcut(x))).relu()
  }
}

/// A small residual network from an image to the mean over places of its last maps. He et al. 2016, section 4.2.
///
/// A stem of one convolution at full size, then a stage per entry of `channels`, each of which halves the sides first.
/// The paper's network for CIFAR-10 keeps the full size in its first stage; halving there costs a quarter.
public final class ResidualNetwork: Network {
  private let stem: Conv2d
  private let stemNorm: BatchNorm
  private let blocks: [ResidualBlock]
  private let imageShape: [Int]
  private let channels: [Int]

  /// - Parameters:
  ///   - imageShape: `[channels, height, width]`.
  ///   - channels: the maps of every stage; the stem has half as many as the first.
  ///   - blocks: residual blocks in a stage.
  public init(_ imageShape: [Int], channels: [Int], blocks: Int, using rng: RandomSource) {
    precondition(
      imageShape.count == 3 && !channels.isEmpty && blocks >= 1,
      "ResidualNetwork: expected an image shape, stages and blocks, got \(imageShape), \(channels), \(blocks)")
    self.imageShape = imageShape
    self.channels = channels
    let first = max(1, channels[0] / 2)
    stem = Conv2d(
      imageShape[0], first, kernel: 3, padding: 1, bias: false,
      initialization: .normal(scale: (2 / Double(9 * imageShape[0])).squareRoot()), using: rng)
    stemNorm = BatchNorm(first, device: rng.device)
    self.blocks = zip([first] + channels, channels).flatMap { inputs, outputs in
      (0..<blocks).map { index in
        ResidualBlock(index == 0 ? inputs : outputs, outputs, stride: index == 0 ? 2 : 1, using: rng)
      }
    }
  }

  public var outputShape: [Int] { [channels.last!] }

  public var summary: String {
    "residual network " + imageShape.map(String.init).joined(separator: "x") + " to "
      + channels.map(String.init).joined(separator: "-") + " maps, \(blocks.count) blocks"
  }

  /// `[batch, channels, height, width]` to `[batch, features]`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    let h = stemNorm(stem(x)).relu()
    return blocks.reduce(h) { $1($0) }.mean(2, 3)  // [batch, features]
  }
}
