import Probability
import Torch

/// Shapes shared by the convolutional networks of Radford et al. 2016: every stage halves or doubles the side.
enum DCGANShape {
  /// The kernel, its padding, and the output padding that makes a transposed stage exactly double the side.
  static let kernel = 5
  static let padding = 2
  static let outputPadding = 1

  /// The sides from the image down to the features: each halves the last, rounding up.
  static func sides(_ image: Int, stages: Int) -> [Int] {
    (0..<stages).reduce([image]) { sides, _ in sides + [(sides.last! + 1) / 2] }
  }
}

/// Convolutions of stride 2 with batch norm, and dense layers behind them, from an image to a vector. Radford et al. 2016,
/// the discriminator's body.
public final class DCGANEncoder: ClassNetwork, StagedNetwork {
  private let convolutions: [Conv2d]
  private let norms: [BatchNorm]
  private let classMaps: [Conv2d]
  private let layers: [Linear]
  private let layerNorms: [BatchNorm]
  private let classRows: [ClassRows]
  private let imageShape: [Int]
  /// The discriminator's activation in the paper.
  private static let activation = Activation.leakyReLU(slope: 0.2)

  /// - Parameters:
  ///   - imageShape: `[channels, height, width]`.
  ///   - channels: the maps of every stage; each halves the sides. The first stage has no batch norm.
  ///   - hidden: the widths of dense layers behind the stages, with batch norm.
  ///   - classes: how many classes it may be given, joined at every layer; nil for none.
  ///   - isNormalized: whether there is any batch norm.
  public init(
    _ imageShape: [Int], channels: [Int] = [64, 128], hidden: [Int] = [], classes: Int? = nil,
    isNormalized: Bool = true, isSpectrallyNormalized: Bool = false, using rng: RandomSource
  ) {
    self.imageShape = imageShape
    let initialization = Initialization.normal(scale: 0.02)
    convolutions = zip([imageShape[0]] + channels, channels).map {
      Conv2d(
        $0, $1, kernel: DCGANShape.kernel, stride: 2, padding: DCGANShape.padding,
        initialization: initialization, isSpectrallyNormalized: isSpectrallyNormalized, using: rng)
    }
    norms = isNormalized ? channels.dropFirst().map { BatchNorm($0, device: rng.device) } : []
    let features = channels.last! * Self.ends(imageShape, channels.count).reduce(1, *)
    layers = zip([features] + hidden, hidden).map {
      Linear($0, $1, initialization: initialization, isSpectrallyNormalized: isSpectrallyNormalized, using: rng)
    }
    layerNorms = isNormalized ? hidden.map { BatchNorm($0, device: rng.device) } : []
    classMaps =
      classes.map { classes in
        channels.map {
          Conv2d(
            classes, $0, kernel: DCGANShape.kernel, stride: 2, padding: DCGANShape.padding, bias: false,
            initialization: initialization, using: rng)
        }
      } ?? []
    classRows = classes.map { classes in hidden.map { ClassRows(classes, $0, initialization, using: rng) } } ?? []
  }

  /// The sides behind the stages.
  private static func ends(_ imageShape: [Int], _ stages: Int) -> [Int] {
    imageShape[1...].map { DCGANShape.sides($0, stages: stages).last! }
  }

  public var outputShape: [Int] {
    if let last = layers.last { return [last.weight.value.size(0)] }
    return [convolutions.last!.weight.value.size(0) * Self.ends(imageShape, convolutions.count).reduce(1, *)]
  }

  public var summary: String {
    "DCGAN " + imageShape.map(String.init).joined(separator: "x") + " to "
      + convolutions.map { "\($0.weight.value.size(0))" }.joined(separator: "-") + " maps"
      + layers.map { "-\($0.weight.value.size(0))" }.joined()
      + (classMaps.first.map { ", \($0.weight.value.size(1)) classes at every layer" } ?? "")
  }

  /// `[batch, channels, height, width]` to `[batch, features]`.
  public func callAsFunction(_ x: Tensor) -> Tensor { dense(stages(x).flattened(from: 1), nil) }

  public func callAsFunction(_ x: Tensor, of classes: Tensor) -> Tensor {
    dense(stages(x, of: classes).flattened(from: 1), classes)
  }

  public var stageCount: Int { convolutions.count }

  public func stages(_ x: Tensor, _ range: Range<Int>) -> Tensor { stages(x, of: nil, range) }

  public func features(ofStages h: Tensor) -> Tensor { dense(h.flattened(from: 1), nil) }

  /// The maps behind some stages, `[batch, maps, height, width]`; nil for all.
  private func stages(_ x: Tensor, of classes: Tensor? = nil, _ range: Range<Int>? = nil) -> Tensor {
    var h = x
    for index in range ?? convolutions.indices {
      let convolution = convolutions[index]
      if index == 0 || norms.isEmpty, classes == nil {
        h = convolution(h, Self.activation)
        continue
      }
      let sum = classes.map { convolution(h) + classMaps[index](classMaps: $0, of: h) } ?? convolution(h)
      h = Self.activation(index == 0 || norms.isEmpty ? sum : norms[index - 1](sum))
    }
    return h
  }

  /// The dense layers behind the stages: `[batch, features]`.
  private func dense(_ features: Tensor, _ classes: Tensor?) -> Tensor {
    var h = features
    for (index, layer) in layers.enumerated() {
      let sum = classes.map { layer(h) + classRows[index]($0) } ?? layer(h)
      h = Self.activation(layerNorms.isEmpty ? sum : layerNorms[index](sum))
    }
    return h
  }
}

/// A vector to an image by dense layers and transposed convolutions of stride 2 with batch norm. Radford et al. 2016, the
/// generator.
///
/// Sides go the way of the encoder's back: a stage doubles them, less a row or column at the end where the encoder rounded
/// up, so that 28 pixels come of 4, 7 and 14. The last stage has neither norm nor activation: its maps are the parameters
/// of the pixels' distribution.
public final class DCGANDecoder: ClassNetwork {
  private let input: Linear
  private let inputNorm: BatchNorm
  private let convolutions: [ConvTranspose2d]
  private let norms: [BatchNorm]
  private let layers: [Linear]
  private let layerNorms: [BatchNorm]
  private let classMaps: [ConvTranspose2d]
  private let classRows: [ClassRows]
  private let start: [Int]
  /// The sides behind every stage.
  private let sides: [[Int]]
  /// The shape of the result, `[outputs, height, width]`.
  public let outputShape: [Int]

  /// - Parameters:
  ///   - inputs: the length of the code.
  ///   - imageShape: `[maps, height, width]` of the result.
  ///   - channels: the maps in front of every stage, first to last.
  ///   - hidden: the widths of dense layers in front of the stages, with batch norm.
  ///   - classes: how many classes it may be given, joined at every layer; nil for none.
  public init(
    _ inputs: Int, imageShape: [Int], channels: [Int] = [128, 64], hidden: [Int] = [], classes: Int? = nil,
    using rng: RandomSource
  ) {
    let heights = DCGANShape.sides(imageShape[1], stages: channels.count)
    let widths = DCGANShape.sides(imageShape[2], stages: channels.count)
    let initialization = Initialization.normal(scale: 0.02)
    start = [channels[0], heights.last!, widths.last!]
    sides = zip(heights, widths).dropLast().reversed().map { [$0, $1] }
    outputShape = imageShape
    input = Linear(hidden.last ?? inputs, start.reduce(1, *), initialization: initialization, using: rng)
    inputNorm = BatchNorm(channels[0], device: rng.device)
    let outputs = Array(channels.dropFirst()) + [imageShape[0]]
    func stage(_ inputs: Int, _ outputs: Int, bias: Bool = true) -> ConvTranspose2d {
      ConvTranspose2d(
        inputs, outputs, kernel: DCGANShape.kernel, stride: 2, padding: DCGANShape.padding,
        outputPadding: DCGANShape.outputPadding, bias: bias, initialization: initialization, using: rng)
    }
    convolutions = zip(channels, outputs).map { stage($0, $1) }
    norms = channels.dropFirst().map { BatchNorm($0, device: rng.device) }
    layers = zip([inputs] + hidden, hidden).map { Linear($0, $1, initialization: initialization, using: rng) }
    layerNorms = hidden.map { BatchNorm($0, device: rng.device) }
    classMaps = classes.map { classes in outputs.map { stage(classes, $0, bias: false) } } ?? []
    let widthsOfRows = hidden + [start.reduce(1, *)]
    classRows = classes.map { classes in widthsOfRows.map { ClassRows(classes, $0, initialization, using: rng) } } ?? []
  }

  public var summary: String {
    "DCGAN \((layers.first ?? input).weight.value.size(1))"
      + layers.map { "-\($0.weight.value.size(0))" }.joined() + " to "
      + convolutions.map { "\($0.weight.value.size(0))" }.joined(separator: "-") + " maps to "
      + outputShape.map(String.init).joined(separator: "x")
      + (classMaps.first.map { ", \($0.weight.value.size(0)) classes at every layer" } ?? "")
  }

  /// `[..., inputs]` to `[..., maps, height, width]`.
  public func callAsFunction(_ z: Tensor) -> Tensor { image(z, nil) }

  /// The same given classes `[...]` of type `int64`, one of each code.
  public func callAsFunction(_ z: Tensor, of classes: Tensor) -> Tensor { image(z, classes.flattened()) }

  private func image(_ z: Tensor, _ classes: Tensor?) -> Tensor {
    let batch = Array(z.shape.dropLast())
    let rows = batch.reduce(1, *)
    var h = z.reshaped([rows, -1])
    for (index, layer) in layers.enumerated() {
      h = layerNorms[index](classes.map { layer(h) + classRows[index]($0) } ?? layer(h)).relu()
    }
    h = classes.map { input(h) + classRows.last!($0) } ?? input(h)
    h = inputNorm(h.reshaped([rows] + start)).relu()  // [rows, maps, height, width]
    for (index, convolution) in convolutions.enumerated() {
      let doubled = classes.map { convolution(h) + classMaps[index](classMaps: $0, of: h) } ?? convolution(h)
      let sum = cut(doubled, to: sides[index])
      h = index < norms.count ? norms[index](sum).relu() : sum
    }
    return h.reshaped(batch + outputShape)
  }

  /// Maps without the last row or column, where they are larger than sides.
  private func cut(_ h: Tensor, to sides: [Int]) -> Tensor {
    h.shape.suffix(2) == sides[...] ? h : h.narrowed(2, 0..<sides[0]).narrowed(3, 0..<sides[1])
  }
}
