import Probability
import Torch

/// Convolutions without a frame, each with ReLU and a maximum over 2x2 pixels behind it, from an image to features.
///
/// With 32 and 48 maps of 5x5 it is the feature extractor of Ganin et al. 2016 for digits (Figure 4a).
public final class PooledNetwork: Network {
  private let convolutions: [Conv2d]
  private let imageShape: [Int]
  private let kernel: Int

  /// - Parameters:
  ///   - imageShape: `[channels, height, width]`.
  ///   - channels: the maps of every stage.
  ///   - kernel: the side of the square kernels.
  public init(_ imageShape: [Int], channels: [Int] = [32, 48], kernel: Int = 5, using rng: RandomSource) {
    precondition(
      Self.fits(imageShape, stages: channels.count, kernel: kernel),
      "PooledNetwork: expected an image of which \(channels.count) stages leave a pixel, got \(imageShape)")
    self.imageShape = imageShape
    self.kernel = kernel
    convolutions = zip([imageShape[0]] + channels, channels).map { Conv2d($0, $1, kernel: kernel, using: rng) }
  }

  /// The side that stages leave of another.
  private static func side(_ side: Int, stages: Int, kernel: Int) -> Int {
    (0..<stages).reduce(side) { side, _ in max(0, side - kernel + 1) / 2 }
  }

  /// Whether as many stages leave a pixel of an image.
  public static func fits(_ imageShape: [Int], stages: Int, kernel: Int) -> Bool {
    imageShape.dropFirst().allSatisfy { side($0, stages: stages, kernel: kernel) >= 1 }
  }

  public var outputShape: [Int] {
    let sides = imageShape.dropFirst().map { Self.side($0, stages: convolutions.count, kernel: kernel) }
    return [convolutions.last!.weight.value.size(0) * sides.reduce(1, *)]
  }

  public var summary: String {
    "convolutions of \(kernel)x\(kernel) with pools, " + imageShape.map(String.init).joined(separator: "x") + " to "
      + convolutions.map { "\($0.weight.value.size(0))" }.joined(separator: "-") + " maps"
  }

  /// `[batch, channels, height, width]` to `[batch, features]`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    convolutions.reduce(x) { $1($0).relu().maxPooled(kernel: 2, stride: 2) }.flattened(from: 1)
  }
}
