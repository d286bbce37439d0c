import Probability
import Torch

/// Convolutions from an image to a map of numbers, each of which sees a patch of it. Isola et al. 2017, appendix 6.1.2.
///
/// With 64, 128, 256 and 512 maps a number sees 70x70 pixels: C64-C128-C256-C512 of Zhu et al. 2017. All stages but the
/// last have stride 2, all but the first instance norm.
public final class PatchNetwork: Network {
  private let convolutions: [Conv2d]
  private let norms: [InstanceNorm]
  private let head: Conv2d
  private let imageShape: [Int]
  private static let kernel = 4
  private static let activation = Activation.leakyReLU(slope: 0.2)

  /// - Parameters:
  ///   - imageShape: `[channels, height, width]`.
  ///   - channels: the maps of every stage.
  public init(_ imageShape: [Int], channels: [Int] = [64, 128, 256, 512], using rng: RandomSource) {
    precondition(
      Self.fits(imageShape, stages: channels.count),
      "PatchNetwork: expected an image of which \(channels.count) stages leave a map, got \(imageShape)")
    self.imageShape = imageShape
    let convolution = { (inputs: Int, outputs: Int, stride: Int, bias: Bool) in
      Conv2d(
        inputs, outputs, kernel: Self.kernel, stride: stride, padding: 1, bias: bias,
        initialization: .normal(scale: 0.02), using: rng)
    }
    convolutions = zip([imageShape[0]] + channels, channels).enumerated().map { index, maps in
      convolution(maps.0, maps.1, index < channels.count - 1 ? 2 : 1, index == 0)
    }
    norms = channels.dropFirst().map { InstanceNorm($0, device: rng.device) }
    head = convolution(channels.last!, 1, 1, true)
  }

  /// The sides of the maps behind every convolution, the head's last.
  private static func sides(_ imageShape: [Int], stages: Int) -> [[Int]] {
    let strides = [Int](repeating: 2, count: max(0, stages - 1)) + [1, 1]
    return strides.reduce(into: [Array(imageShape.dropFirst())]) { sides, stride in
      sides.append(sides.last!.map { $0 + 2 < kernel ? 0 : ($0 + 2 - kernel) / stride + 1 })
    }
  }

  /// Whether as many stages leave a map of an image, and instance norm more than one pixel.
  public static func fits(_ imageShape: [Int], stages: Int) -> Bool {
    let sides = sides(imageShape, stages: stages)
    return sides.last!.allSatisfy { $0 >= 1 }
      && (stages < 2 || sides[2...stages].allSatisfy { $0.reduce(1, *) > 1 })
  }

  /// The pixels along a side of the patch that a number of the map sees.
  public var patch: Int {
    // Back from one number: each convolution sees its kernel's width more, in steps of its stride.
    convolutions.indices.reversed().reduce(Self.kernel) { side, index in
      (side - 1) * (index < convolutions.count - 1 ? 2 : 1) + Self.kernel
    }
  }

  public var outputShape: [Int] { [1] + Self.sides(imageShape, stages: convolutions.count).last! }

  public var summary: String {
    "patches of \(patch)x\(patch), " + imageShape.map(String.init).joined(separator: "x") + " to "
      + convolutions.map { "\($0.weight.value.size(0))" }.joined(separator: "-") + " maps"
  }

  /// `[batch, channels, height, width]` to `[batch, 1, h, w]`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    var h = convolutions[0](x, Self.activation)
    for (convolution, norm) in zip(convolutions.dropFirst(), norms) { h = Self.activation(norm(convolution(h))) }
    return head(h)
  }
}
