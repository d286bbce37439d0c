import Configuration
import Networks
import Torch

/// The kind of a network that makes examples.
public enum DecoderKind: String, Sendable, CaseIterable {
  case mlp, dcgan, conv, pixelcnn, pixelcnnpp

  /// Whether it sees the pixels before each pixel.
  public var isAutoregressive: Bool { self == .pixelcnn || self == .pixelcnnpp }
}

/// A network from codes to examples.
public struct DecoderSettings: Settings {
  public var network = DecoderKind.mlp
  public var hidden = [500, 500]
  public var channels = [128, 64]
  public var conv = ConvSettings()
  public var activation = ActivationKind.relu
  public var slope: Double?
  public var batchNorm = false
  public var layers = 7
  public var kernel = 7
  public var maps = 32
  public var dropout = 0.5
  public var joinsInput = false
  /// Whether layers of several variables stand before it, which have `hidden` and `activation` whatever its kind is.
  var servesJointLayers = false
  /// Whether it stands in place of a network of images, with layers that `PointSettings` has.
  var isOfPoints = false

  public init() {}

  public static var fields: [Field<Self>] {
    func only(_ kinds: DecoderKind...) -> (Self) -> String? {
      { kinds.contains($0.network) ? nil : "the network is \($0.network.rawValue)" }
    }
    let hasDense = { (settings: Self) in settings.servesJointLayers ? nil : only(.mlp, .conv)(settings) }
    let isReplaced = { (settings: Self) in settings.isOfPoints ? PointSettings.reason : nil }
    return [
      Field("network", "its kind", \.network, .choice, unless: isReplaced),
      Field(
        "hidden", "widths of the layers of mlp ([] is linear), or of conv's dense layers", \.hidden,
        NetworkLimits.widths(atLeast: 0), unless: { isReplaced($0) ?? hasDense($0) }),
      Field(
        "channels", "feature maps of each stage of dcgan or conv", \.channels,
        NetworkLimits.widths(atLeast: 1),
        unless: only(.dcgan, .conv)),
    ] + ConvSettings.fields.map { $0.lifted(to: \.conv, unless: only(.conv)) } + [
      Field(
        "activation", "nonlinearity of mlp and conv", \.activation, .choice, unless: hasDense),
      Field(
        "slope", "slope of leaky-relu below 0; null is 0.2 in mlp, 0.1 in conv", \.slope,
        .optional(.number(.halfOpen(0, 1))),
        unless: {
          hasDense($0) ?? ($0.activation == .leakyReLU ? nil : "the activation is \($0.activation.rawValue)")
        }),
      Field(
        "batchNorm", "batch norm behind all layers of conv's maps but the last", \.batchNorm, .flag, unless: only(.conv)
      ),
      Field(
        "layers", "layers of a pixelcnn, or of each half of a pixelcnnpp (up, down)", \.layers,
        .integer(1...NetworkLimits.deepestPixelCNN), unless: only(.pixelcnn, .pixelcnnpp)),
      Field(
        "kernel", "side of a pixelcnn's first kernel; that of later ones is 3", \.kernel, .odd(3...255),
        unless: only(.pixelcnn)),
      Field(
        "maps", "feature maps of each layer of a pixelcnn or pixelcnnpp", \.maps, .integer(1...NetworkLimits.widest),
        unless: only(.pixelcnn, .pixelcnnpp)),
      Field(
        "dropout", "share of the numbers in each block of a pixelcnnpp that a step of training drops", \.dropout,
        .number(.halfOpen(0, 1)), unless: only(.pixelcnnpp)),
      Field(
        "joinsInput", "whether the code stands beside the features of mlp", \.joinsInput, .flag,
        unless: {
          if let reason = only(.mlp)($0) { return reason }
          if $0.servesJointLayers { return "there are layers of several variables before it" }
          return $0.hidden.isEmpty ? "there are no hidden layers" : nil
        }),
    ]
  }

  /// Rows above a pixel that a PixelCNN's prediction depends on; nil for networks that do not see pixels.
  public var rowsSeen: Int? {
    switch network {
    case .pixelcnn: GatedPixelCNN.rowsSeen(layers: layers, kernel: kernel)
    case .pixelcnnpp: PixelCNNPlusPlus.rowsSeen(layers: layers)
    case .mlp, .dcgan, .conv: nil
    }
  }

  /// The network from codes to features or to the parameters of an image of a shape; none that sees pixels.
  func make(from dimension: Int, to shape: [Int], using rng: RandomSource) -> any Network {
    switch network {
    case .mlp:
      let layers = MLP([dimension], hidden: hidden, activation: activation.function(slope), using: rng)
      return joinsInput ? JoinedInput(layers, inputShape: [dimension]) : layers
    case .dcgan: return DCGANDecoder(dimension, imageShape: shape, channels: channels, using: rng)
    case .conv:
      return ConvDecoder(
        dimension, imageShape: shape, channels: channels, kernel: conv.filter, strides: conv.strides, hidden: hidden,
        activation: activation.convolutional(slope), isNormalized: batchNorm, using: rng)
    case .pixelcnn, .pixelcnnpp: preconditionFailure("DecoderSettings: \(network) sees pixels; see makePixels")
    }
  }

  /// The network that sees the pixels before each pixel, given a code at every layer.
  func makePixels(
    of shape: [Int], _ family: PixelFamily, codes: Int, using rng: RandomSource
  ) -> any AutoregressiveNetwork {
    let outputs = family.outputs(channels: shape[0])
    func conditioning(_ maps: Int) -> any PixelConditioning { GlobalConditioning(codes, maps: maps, using: rng) }
    return network == .pixelcnn
      ? GatedPixelCNN(
        shape, outputs: outputs, layers: layers, kernel: kernel, maps: maps, conditioning: conditioning, using: rng)
      : PixelCNNPlusPlus(
        shape, outputs: outputs, layers: layers, maps: maps, dropout: dropout, conditioning: conditioning, using: rng)
  }

  /// Whether batch norm in it sees one value of a code: images that begin as a single pixel.
  func normalizesSingleValues(_ shape: [Int]) -> Bool {
    switch network {
    case .dcgan: return NetworkLimits.endsInOnePixel(channels, shape)
    case .conv:
      let shrunk = conv.strides(channels.count).reduce(1) { min($0 * $1, NetworkLimits.widest) }
      return batchNorm && shape.dropFirst().allSatisfy { $0 <= shrunk }
    case .mlp, .pixelcnn, .pixelcnnpp: return false
    }
  }

  /// Refuses what examples of a shape cannot have.
  ///
  /// - Parameters:
  ///   - code: the length of a code.
  ///   - factor: outputs for each number of an example.
  func validate(_ path: String, shape: [Int], code: Int, factor: Int) throws(SettingsError) {
    let outputs = [shape[0] * factor] + shape.dropFirst()
    let weights: Double
    switch network {
    case .mlp:
      let size = outputs.reduce(1, *)
      weights = NetworkLimits.dense([code] + hidden + [size]) + (joinsInput ? Double(code) * Double(size) : 0)
    case .dcgan, .conv:
      weights = NetworkLimits.convolutions(
        channels, kernel: network == .dcgan ? 25 : Double(conv.filter * conv.filter), features: channels.first!,
        shape: outputs, dense: [code] + (network == .conv ? hidden : []),
        area: network == .conv ? conv.area(channels, shape) : nil)
    case .pixelcnn, .pixelcnnpp:
      let (depth, width) = (Double(layers), Double(maps))
      // A layer's two stacks have 21 squares of maps in kernels; a block's two have 60, up and down again.
      let squares = network == .pixelcnn ? 21.0 : 120.0
      let first = network == .pixelcnn ? Double(shape[0] * kernel * kernel) * width : 0
      let shifts = network == .pixelcnn ? 4.0 : 8.0
      weights = first + depth * (squares * width * width + shifts * width * Double(code))
    }
    try NetworkLimits.check(path, kind: network.rawValue, isMLP: network == .mlp, weights: weights, shape: shape)
    if network == .conv { try conv.validate(path, channels) }
  }
}
