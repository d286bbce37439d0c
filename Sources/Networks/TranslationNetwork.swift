import Probability
import Torch

/// Two convolutions with instance norm beside the identity. He et al. 2016, Figure 2, as Zhu et al. 2017 have it: no
/// nonlinearity behind the sum.
final class InstanceNormBlock: Module {
  private let first: Conv2d
  private let second: Conv2d
  private let firstNorm: InstanceNorm
  private let secondNorm: InstanceNorm

  init(_ maps: Int, using rng: RandomSource) {
    let convolution = { Conv2d(maps, maps, kernel: 3, bias: false, initialization: .normal(scale: 0.02), using: rng) }
    first = convolution()
    second = convolution()
    firstNorm = InstanceNorm(maps, device: rng.device)
    secondNorm = InstanceNorm(maps, device: rng.device)
  }

  /// `[batch, maps, h, w]` to the same shape.
  func callAsFunction(_ x: Tensor) -> Tensor {
    let h = firstNorm(first(x.mirrored(1))).relu()
    return x + secondNorm(second(h.mirrored(1)))
  }
}

/// An image to an image of the same size by convolutions of stride 2, residual blocks, and transposed convolutions.
/// Zhu et al. 2017, appendix 7.2, after Johnson et al. 2016.
///
/// In the notation of Zhu et al.: c7s1-64, d128, d256, R256 for every block, u128, u64, c7s1-3. Frames are mirrored, and
/// every convolution but the last has instance norm and ReLU behind it, and so no bias, which that would take away.
public final class TranslationNetwork: Network {
  private let stem: Conv2d
  private let downs: [Conv2d]
  private let blocks: [InstanceNormBlock]
  private let ups: [ConvTranspose2d]
  private let head: Conv2d
  private let downNorms: [InstanceNorm]
  private let upNorms: [InstanceNorm]
  private let imageShape: [Int]

  /// The frame of the first and the last convolution, whose kernels are of 7.
  public static let margin = 3

  /// - Parameters:
  ///   - imageShape: `[channels, height, width]`, of inputs and results; sides divisible by 2^`stages` and above 3.
  ///   - maps: those behind the first convolution; each stage doubles them.
  ///   - stages: convolutions of stride 2, and transposed ones.
  ///   - blocks: residual blocks between them.
  public init(_ imageShape: [Int], maps: Int = 64, stages: Int = 2, blocks: Int = 9, using rng: RandomSource) {
    precondition(
      imageShape.count == 3
        && imageShape.dropFirst().allSatisfy { $0.isMultiple(of: 1 << stages) && $0 > Self.margin && $0 >> stages > 1 },
      "TranslationNetwork: expected sides above 3 that \(stages) stages halve to more than 1, got \(imageShape)")
    self.imageShape = imageShape
    let initialization = Initialization.normal(scale: 0.02)
    let widths = (0...stages).map { maps << $0 }
    stem = Conv2d(imageShape[0], maps, kernel: 7, bias: false, initialization: initialization, using: rng)
    downs = zip(widths, widths.dropFirst()).map {
      Conv2d($0, $1, kernel: 3, stride: 2, padding: 1, bias: false, initialization: initialization, using: rng)
    }
    self.blocks = (0..<blocks).map { _ in InstanceNormBlock(widths.last!, using: rng) }
    ups = zip(widths.dropFirst(), widths).reversed().map {
      ConvTranspose2d(
        $0, $1, kernel: 3, stride: 2, padding: 1, outputPadding: 1, bias: false, initialization: initialization,
        using: rng)
    }
    head = Conv2d(maps, imageShape[0], kernel: 7, initialization: initialization, using: rng)
    downNorms = widths.map { InstanceNorm($0, device: rng.device) }
    upNorms = widths.dropLast().reversed().map { InstanceNorm($0, device: rng.device) }
  }

  public var outputShape: [Int] { imageShape }

  public var summary: String {
    let widths = [stem.weight.value.size(0)] + downs.map { $0.weight.value.size(0) }
    return "residual translator " + imageShape.map(String.init).joined(separator: "x") + ", "
      + widths.map(String.init).joined(separator: "-") + " maps, \(blocks.count) blocks"
  }

  /// `[batch, channels, height, width]` to the same shape; numbers without a limit.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    var h = downNorms[0](stem(x.mirrored(Self.margin))).relu()
    for (down, norm) in zip(downs, downNorms.dropFirst()) { h = norm(down(h)).relu() }
    for block in blocks { h = block(h) }
    for (up, norm) in zip(ups, upNorms) { h = norm(up(h)).relu() }
    return head(h.mirrored(Self.margin))
  }
}
