import Probability
import Torch

/// The sides of the images between stages of convolutions, and what keeps them.
///
/// Sides are divided by the stride, rounding up. The padding of an odd kernel keeps its middle on every pixel; a kernel
/// of 4 has strides of 2, and an odd side gets a line of zeros at its end, which the way back cuts off again.
struct ConvStages {
  /// The side of the square kernels.
  let kernel: Int
  /// How far each stage moves from one pixel to the next, those nearest the image first.
  let strides: [Int]

  /// The kernel of an even side.
  static let evenKernel = 4

  var padding: Int { kernel == Self.evenKernel ? 1 : kernel / 2 }

  /// `[height, width]` after every stage, the image's own first.
  func sides(_ image: [Int]) -> [[Int]] {
    strides.reduce(into: [image]) { sides, stride in
      sides.append(sides.last!.map { ($0 + stride - 1) / stride })
    }
  }

  /// Whether the kernel has such stages.
  var areKnown: Bool { kernel == Self.evenKernel ? strides.allSatisfy { $0 == 2 } : !kernel.isMultiple(of: 2) }

  /// Maps `[batch, maps, height, width]` as a stage takes them.
  func framed(_ x: Tensor) -> Tensor {
    let (height, width) = (x.size(2) % 2, x.size(3) % 2)
    return kernel == Self.evenKernel && height + width > 0 ? x.padded([(0, width), (0, height)]) : x
  }

  /// How `summary` names what is not usual.
  var words: String {
    (kernel == Self.evenKernel ? "" : ", kernels of \(kernel)")
      + (strides.allSatisfy { $0 == 2 } ? "" : ", strides " + strides.map(String.init).joined(separator: "-"))
  }
}

/// A network whose layers let others add to them before their nonlinearity.
public protocol LayeredNetwork: Network {
  /// The shapes of one example's layers before their nonlinearity, first to last.
  var layerShapes: [[Int]] { get }
  /// The features of a batch, where `change` sees every layer by its number before its nonlinearity.
  ///
  /// The first layer may come back with more rows than it had; all others follow it.
  func callAsFunction(_ x: Tensor, change: (_ layer: Int, _ h: Tensor) -> Tensor) -> Tensor
}

/// Convolutions and dense layers behind them, from an image to features.
///
/// With 64 and 128 maps, 1024 features and a slope of 0.1 it is the encoder of the MNIST model of Zhao et al. 2017.
/// With kernels of 5, 64 to 512 maps of strides 1, 1, 2, 2 and exponential linear units it is that of Mescheder et al.
/// 2017.
public final class ConvEncoder: LayeredNetwork {
  private let convolutions: [Conv2d]
  private let norms: [BatchNorm]
  private let dense: MLP
  private let imageShape: [Int]
  private let stages: ConvStages
  private let activation: Activation
  private let isCentred: Bool

  /// - Parameters:
  ///   - imageShape: `[channels, height, width]`.
  ///   - channels: the maps of every stage.
  ///   - kernel: 4, whose strides are 2, or an odd number.
  ///   - strides: that of every stage; nil is 2 for all.
  ///   - hidden: the widths of the dense layers.
  ///   - isNormalized: whether batch norm stands behind all convolutions but the last.
  ///   - isCentred: whether it sees 2x - 1, so that [0, 1] becomes [-1, 1].
  public init(
    _ imageShape: [Int], channels: [Int] = [64, 128], kernel: Int = 4, strides: [Int]? = nil, hidden: [Int] = [1024],
    activation: Activation = .leakyReLU(slope: 0.1), isNormalized: Bool = false, isCentred: Bool = false,
    using rng: RandomSource
  ) {
    let strides = strides ?? channels.map { _ in 2 }
    let stages = ConvStages(kernel: kernel, strides: strides)
    precondition(
      strides.count == channels.count && stages.areKnown,
      "ConvEncoder: expected an odd kernel, or one of 4 with strides of 2, got \(kernel) with \(strides)")
    self.imageShape = imageShape
    self.stages = stages
    self.activation = activation
    self.isCentred = isCentred
    convolutions = zip(zip([imageShape[0]] + channels, channels), strides).map {
      Conv2d($0.0, $0.1, kernel: kernel, stride: $1, padding: stages.padding, using: rng)
    }
    norms = isNormalized ? channels.dropLast().map { BatchNorm($0, device: rng.device) } : []
    let features = channels.last! * stages.sides(Array(imageShape.dropFirst())).last!.reduce(1, *)
    dense = MLP([features], hidden: hidden, activation: activation, using: rng)
  }

  public var outputShape: [Int] { dense.outputShape }

  public var summary: String {
    (isCentred ? "2x - 1, " : "") + "convolutions " + imageShape.map(String.init).joined(separator: "x") + " to "
      + convolutions.map { "\($0.weight.value.size(0))" }.joined(separator: "-") + " maps" + stages.words
      + (norms.isEmpty ? "" : ", batch norm") + (dense.layers.isEmpty ? "" : ", \(dense.summary)")
  }

  public var layerShapes: [[Int]] {
    zip(convolutions, stages.sides(Array(imageShape.dropFirst())).dropFirst()).map { [$0.weight.value.size(0)] + $1 }
      + dense.layerShapes
  }

  /// `[batch, channels, height, width]` to `[batch, features]`.
  public func callAsFunction(_ x: Tensor) -> Tensor { self(x) { _, h in h } }

  public func callAsFunction(_ x: Tensor, change: (Int, Tensor) -> Tensor) -> Tensor {
    var h = isCentred ? x * 2 - 1 : x
    for index in convolutions.indices { h = activation.overwriting(change(index, stage(h, index))) }
    return dense(h.flattened(from: 1)) { change(convolutions.count + $0, $1) }
  }

  /// What a stage makes of the maps before it, without its nonlinearity.
  private func stage(_ h: Tensor, _ index: Int) -> Tensor {
    let h = convolutions[index](stages.framed(h))
    return index < norms.count ? norms[index](h) : h
  }
}

extension ConvEncoder: StagedNetwork {
  public var stageCount: Int { convolutions.count }

  public func stages(_ x: Tensor, _ range: Range<Int>) -> Tensor {
    range.reduce(isCentred && range.lowerBound == 0 ? x * 2 - 1 : x) { activation.overwriting(stage($0, $1)) }
  }

  public func features(ofStages h: Tensor) -> Tensor { dense(h.flattened(from: 1)) }
}

/// The way back: dense layers, then transposed convolutions. The last one has no activation.
public final class ConvDecoder: Network {
  private let dense: MLP
  /// The layer to the first maps, where batch norm stands between it and its nonlinearity.
  private let first: Linear?
  private let convolutions: [ConvTranspose2d]
  private let norms: [BatchNorm]
  private let sides: [[Int]]
  private let stages: ConvStages
  private let activation: Activation
  /// The shape of the result, `[outputs, height, width]`.
  public let outputShape: [Int]

  /// - Parameters:
  ///   - inputs: the length of the code.
  ///   - imageShape: `[maps, height, width]` of the result.
  ///   - channels: the maps in front of every stage, first to last.
  ///   - kernel: 4, whose strides are 2, or an odd number.
  ///   - strides: that of every stage, first to last; nil is 2 for all.
  ///   - isNormalized: whether batch norm stands behind all layers of maps but the last.
  public init(
    _ inputs: Int, imageShape: [Int], channels: [Int] = [128, 64], kernel: Int = 4, strides: [Int]? = nil,
    hidden: [Int] = [1024], activation: Activation = .relu, isNormalized: Bool = false, using rng: RandomSource
  ) {
    let strides = strides ?? channels.map { _ in 2 }
    let stages = ConvStages(kernel: kernel, strides: strides.reversed())
    precondition(
      strides.count == channels.count && stages.areKnown,
      "ConvDecoder: expected an odd kernel, or one of 4 with strides of 2, got \(kernel) with \(strides)")
    let sides = Array(stages.sides(Array(imageShape.dropFirst())).reversed())
    self.stages = stages
    self.sides = sides
    outputShape = imageShape
    self.activation = activation
    let start = channels[0] * sides[0].reduce(1, *)
    dense = MLP([inputs], hidden: hidden + (isNormalized ? [] : [start]), activation: activation, using: rng)
    first = isNormalized ? Linear(hidden.last ?? inputs, start, using: rng) : nil
    norms = isNormalized ? channels.map { BatchNorm($0, device: rng.device) } : []
    let results = Array(channels.dropFirst()) + [imageShape[0]]
    convolutions = channels.indices.map { index in
      // A stride leaves open how long the side was that it came from: the longest, which is cut where one is shorter.
      let missing = zip(sides[index], sides[index + 1]).map { small, large in
        large - ((small - 1) * strides[index] - 2 * stages.padding + kernel)
      }
      return ConvTranspose2d(
        channels[index], results[index], kernel: kernel, stride: strides[index], padding: stages.padding,
        outputPadding: max(0, missing.max()!), using: rng)
    }
  }

  public var summary: String {
    "\(dense.summary), transposed convolutions of "
      + convolutions.map { "\($0.weight.value.size(0))" }.joined(separator: "-") + " maps to "
      + outputShape.map(String.init).joined(separator: "x")
      + ConvStages(kernel: stages.kernel, strides: stages.strides.reversed()).words
      + (norms.isEmpty ? "" : ", batch norm")
  }

  /// `[..., inputs]` to `[..., maps, height, width]`.
  public func callAsFunction(_ z: Tensor) -> Tensor {
    let batch = Array(z.shape.dropLast())
    let maps = convolutions[0].weight.value.size(0)
    let features = first.map { $0(dense(z)) } ?? dense(z)
    var h = features.reshaped([batch.reduce(1, *), maps] + sides[0])  // [rows, maps, height, width]
    if let norm = norms.first { h = activation.overwriting(norm(h)) }
    for (index, convolution) in convolutions.enumerated() {
      h = convolution(h)
      for (axis, side) in sides[index + 1].enumerated() where h.size(2 + axis) > side {
        h = h.narrowed(2 + axis, 0..<side)
      }
      if index < convolutions.count - 1 { h = activation.overwriting(norms.isEmpty ? h : norms[index + 1](h)) }
    }
    return h.reshaped(batch + outputShape)
  }
}
