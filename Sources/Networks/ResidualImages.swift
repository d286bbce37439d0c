import Probability
import Torch

/// A 3x3 convolution to whose input a class may be joined, as maps of zeros and ones.
private final class JoinedConvolution: Module {
  private let convolution: Conv2d
  private let classMaps: Conv2d?

  init(_ inputs: Int, _ outputs: Int, classes: Int?, isSpectrallyNormalized: Bool = false, using rng: RandomSource) {
    func make(_ inputs: Int, bias: Bool, _ isSpectrallyNormalized: Bool) -> Conv2d {
      Conv2d(
        inputs, outputs, kernel: 3, padding: 1, bias: bias, initialization: .glorotNormal(gain: 2.0.squareRoot()),
        isSpectrallyNormalized: isSpectrallyNormalized, using: rng)
    }
    convolution = make(inputs, bias: true, isSpectrallyNormalized)
    classMaps = classes.map { make($0, bias: false, false) }
  }

  func callAsFunction(_ h: Tensor, _ classes: Tensor?) -> Tensor {
    guard let classes, let classMaps else { return convolution(h) }
    return convolution(h) + classMaps(classMaps: classes, of: h)
  }
}

/// Two convolutions beside a shortcut, between which the sides are halved or doubled. Gulrajani et al. 2017, appendix F.
private final class ResizingBlock: Module {
  private let first: JoinedConvolution
  private let second: JoinedConvolution
  private let shortcut: Conv2d
  private let norms: [BatchNorm]
  /// Whether it doubles the sides, with batch norm, or halves them, without.
  private let grows: Bool

  init(
    _ inputs: Int, _ outputs: Int, grows: Bool, classes: Int?, isSpectrallyNormalized: Bool = false,
    using rng: RandomSource
  ) {
    self.grows = grows
    first = JoinedConvolution(
      inputs, outputs, classes: classes, isSpectrallyNormalized: isSpectrallyNormalized, using: rng)
    second = JoinedConvolution(
      outputs, outputs, classes: classes, isSpectrallyNormalized: isSpectrallyNormalized, using: rng)
    shortcut = Conv2d(
      inputs, outputs, kernel: 1, initialization: .glorotNormal(gain: 1),
      isSpectrallyNormalized: isSpectrallyNormalized, using: rng)
    norms = grows ? [inputs, outputs].map { BatchNorm($0, device: rng.device) } : []
  }

  /// `[batch, inputs, h, w]` to `[batch, outputs, 2h, 2w]`, or to half the sides.
  func callAsFunction(_ x: Tensor, _ classes: Tensor?) -> Tensor {
    if grows {
      let h = first(norms[0](x).relu().doubled(), classes)
      return second(norms[1](h).relu(), classes) + shortcut(x.doubled())
    }
    return second(first(x.relu(), classes).relu(), classes).halved() + shortcut(x.halved())
  }
}

extension Tensor {
  /// Every pixel of maps `[batch, maps, h, w]` four times: `[batch, maps, 2h, 2w]`.
  fileprivate func doubled() -> Tensor {
    unsqueezed(3).unsqueezed(5).expanded([size(0), size(1), size(2), 2, size(3), 2])
      .reshaped([size(0), size(1), 2 * size(2), 2 * size(3)])
  }

  /// The means of squares of four pixels, `[batch, maps, h / 2, w / 2]`, rounded down, but at least a pixel.
  fileprivate func halved() -> Tensor {
    Swift.min(size(2), size(3)) < 2 ? self : averagePooled(kernel: 2, stride: 2, countsFrame: false)
  }
}

/// Residual blocks from an image to the sums over places of its last maps, without batch norm. Gulrajani et al. 2017,
/// appendix F, the critic's body.
public final class ResidualImageEncoder: ClassNetwork {
  private let stem: JoinedConvolution
  private let blocks: [ResizingBlock]
  private let imageShape: [Int]
  private let channels: [Int]
  private let classes: Int?

  /// - Parameters:
  ///   - imageShape: `[channels, height, width]`.
  ///   - channels: the maps of every block; each halves the sides.
  ///   - classes: how many classes it may be given, joined at every convolution; nil for none.
  public init(
    _ imageShape: [Int], channels: [Int], classes: Int? = nil, isSpectrallyNormalized: Bool = false,
    using rng: RandomSource
  ) {
    (self.imageShape, self.channels, self.classes) = (imageShape, channels, classes)
    stem = JoinedConvolution(
      imageShape[0], channels[0], classes: classes, isSpectrallyNormalized: isSpectrallyNormalized, using: rng)
    blocks = zip([channels[0]] + channels, channels).map {
      ResizingBlock(
        $0, $1, grows: false, classes: classes, isSpectrallyNormalized: isSpectrallyNormalized, using: rng)
    }
  }

  public var outputShape: [Int] { [channels.last!] }

  public var summary: String {
    "residual " + imageShape.map(String.init).joined(separator: "x") + " to "
      + channels.map(String.init).joined(separator: "-") + " maps"
      + (classes.map { ", \($0) classes at every layer" } ?? "")
  }

  /// `[batch, channels, height, width]` to `[batch, features]`.
  public func callAsFunction(_ x: Tensor) -> Tensor { features(x, nil) }

  public func callAsFunction(_ x: Tensor, of classes: Tensor) -> Tensor { features(x, classes) }

  private func features(_ x: Tensor, _ classes: Tensor?) -> Tensor {
    blocks.reduce(stem(x, classes)) { h, block in block(h, classes) }.relu().sum(2, 3)  // [batch, features]
  }
}

/// A vector to an image by residual blocks with batch norm. Gulrajani et al. 2017, appendix F, the generator.
public final class ResidualImageDecoder: ClassNetwork {
  private let input: Linear
  private let inputRow: ClassRows?
  private let blocks: [ResizingBlock]
  private let norm: BatchNorm
  private let output: JoinedConvolution
  private let start: [Int]
  private let channels: [Int]
  private let classes: Int?
  public let outputShape: [Int]

  /// - Parameters:
  ///   - inputs: the length of the code.
  ///   - imageShape: `[maps, height, width]` of the result; the sides are divisible by 2 for every block.
  ///   - channels: the maps of every block; each doubles the sides.
  ///   - classes: how many classes it may be given, joined at every layer; nil for none.
  public init(_ inputs: Int, imageShape: [Int], channels: [Int], classes: Int? = nil, using rng: RandomSource) {
    let factor = 1 << channels.count
    precondition(
      imageShape.dropFirst().allSatisfy { $0.isMultiple(of: factor) },
      "ResidualImageDecoder: expected sides divisible by \(factor), got \(imageShape)")
    (outputShape, self.channels, self.classes) = (imageShape, channels, classes)
    start = [channels[0], imageShape[1] / factor, imageShape[2] / factor]
    let width = start.reduce(1, *)
    input = Linear(inputs, width, initialization: .glorotNormal(gain: 1), using: rng)
    inputRow = classes.map { ClassRows($0, width, .glorotNormal(gain: 1), using: rng) }
    blocks = zip([channels[0]] + channels, channels).map {
      ResizingBlock($0, $1, grows: true, classes: classes, using: rng)
    }
    norm = BatchNorm(channels.last!, device: rng.device)
    output = JoinedConvolution(channels.last!, imageShape[0], classes: classes, using: rng)
  }

  public var summary: String {
    "residual \(input.weight.value.size(1)) to " + channels.map(String.init).joined(separator: "-") + " maps to "
      + outputShape.map(String.init).joined(separator: "x") + (classes.map { ", \($0) classes at every layer" } ?? "")
  }

  /// `[..., inputs]` to `[..., maps, height, width]`.
  public func callAsFunction(_ z: Tensor) -> Tensor { image(z, nil) }

  public func callAsFunction(_ z: Tensor, of classes: Tensor) -> Tensor { image(z, classes.flattened()) }

  private func image(_ z: Tensor, _ classes: Tensor?) -> Tensor {
    let batch = Array(z.shape.dropLast())
    let codes = z.reshaped([batch.reduce(1, *), -1])
    let first = input(codes)
    let h = (classes.flatMap { given in inputRow.map { first + $0(given) } } ?? first)
      .reshaped([codes.size(0)] + start)  // [rows, maps, height, width]
    let last = blocks.reduce(h) { h, block in block(h, classes) }
    return output(norm(last).relu(), classes).reshaped(batch + outputShape)
  }
}
