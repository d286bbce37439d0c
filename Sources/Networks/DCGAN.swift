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

/// Convolutions of stride 2 with batch norm, from an image to a vector. Radford et al. 2016, the discriminator's body.
public final class DCGANEncoder: Network {
  private let convolutions: [Conv2d]
  private let norms: [BatchNorm]
  private let imageShape: [Int]
  /// The discriminator's activation in the paper.
  private static let activation = Activation.leakyReLU(slope: 0.2)

  /// - Parameters:
  ///   - imageShape: `[channels, height, width]`.
  ///   - channels: the maps of every stage; each halves the sides. The first stage has no batch norm.
  ///   - isNormalized: whether the others have.
  public init(
    _ imageShape: [Int], channels: [Int] = [64, 128], isNormalized: Bool = true, isSpectrallyNormalized: Bool = false,
    using rng: RandomSource
  ) {
    self.imageShape = imageShape
    convolutions = zip([imageShape[0]] + channels, channels).map {
      Conv2d(
        $0, $1, kernel: DCGANShape.kernel, stride: 2, padding: DCGANShape.padding,
        initialization: .normal(scale: 0.02), isSpectrallyNormalized: isSpectrallyNormalized, using: rng)
    }
    norms = isNormalized ? channels.dropFirst().map { BatchNorm($0, device: rng.device) } : []
  }

  public var outputShape: [Int] {
    let sides = imageShape[1...].map {
      DCGANShape.sides($0, stages: convolutions.count).last!
    }
    return [convolutions.last!.weight.value.size(0) * sides.reduce(1, *)]
  }

  public var summary: String {
    "DCGAN " + imageShape.map(String.init).joined(separator: "x") + " to "
      + convolutions.map { "\($0.weight.value.size(0))" }.joined(separator: "-") + " maps"
  }

  /// `[batch, channels, height, width]` to `[batch, features]`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    var h = convolutions[0](x, Self.activation)
    for (index, convolution) in convolutions.dropFirst().enumerated() {
      h = norms.isEmpty ? convolution(h, Self.activation) : Self.activation(norms[index](convolution(h)))
    }
    return h.flattened(from: 1)  // [batch, features]
  }
}

/// A vector to an image by transposed convolutions of stride 2 with batch norm. Radford et al. 2016, the generator.
///
/// The last stage has neither norm nor activation: its maps are the parameters of the pixels' distribution.
public final class DCGANDecoder: Network {
  private let input: Linear
  private let inputNorm: BatchNorm
  private let convolutions: [ConvTranspose2d]
  private let norms: [BatchNorm]
  private let start: [Int]
  /// The shape of the result, `[outputs, height, width]`.
  public let outputShape: [Int]

  /// - Parameters:
  ///   - inputs: the length of the code.
  ///   - imageShape: `[maps, height, width]` of the result.
  ///   - channels: the maps in front of every stage, first to last.
  public init(
    _ inputs: Int, imageShape: [Int], channels: [Int] = [128, 64], using rng: RandomSource
  ) {
    let heights = DCGANShape.sides(imageShape[1], stages: channels.count)
    let widths = DCGANShape.sides(imageShape[2], stages: channels.count)
    precondition(
      Self.doubles(heights) && Self.doubles(widths),
      "DCGANDecoder: expected sides divisible by 2^\(channels.count), got \(imageShape)")
    start = [channels[0], heights.last!, widths.last!]
    outputShape = imageShape
    input = Linear(
      inputs, start.reduce(1, *), initialization: .normal(scale: 0.02), using: rng)
    inputNorm = BatchNorm(channels[0], device: rng.device)
    convolutions = zip(channels, Array(channels.dropFirst()) + [imageShape[0]]).map {
      ConvTranspose2d(
        $0, $1, kernel: DCGANShape.kernel, stride: 2, padding: DCGANShape.padding,
        outputPadding: DCGANShape.outputPadding, initialization: .normal(scale: 0.02), using: rng)
    }
    norms = channels.dropFirst().map { BatchNorm($0, device: rng.device) }
  }

  private static func doubles(_ sides: [Int]) -> Bool {
    zip(sides, sides.dropFirst()).allSatisfy { $0 == 2 * $1 }
  }

  public var summary: String {
    "DCGAN \(input.weight.value.size(1)) to "
      + convolutions.map { "\($0.weight.value.size(0))" }.joined(separator: "-") + " maps to "
      + outputShape.map(String.init).joined(separator: "x")
  }

  /// `[..., inputs]` to `[..., maps, height, width]`.
  public func callAsFunction(_ z: Tensor) -> Tensor {
    let batch = Array(z.shape.dropLast())
    let rows = batch.reduce(1, *)
    var h = input(z.reshaped([rows, -1])).reshaped([rows] + start)  // [rows, maps, height, width]
    h = inputNorm(h).relu()
    for (convolution, norm) in zip(convolutions, norms) {
      h = norm(convolution(h)).relu()
    }
    return convolutions.last!(h).reshaped(batch + outputShape)
  }
}
