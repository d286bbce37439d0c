import Configuration
import Networks
import Torch

/// The kind of a network that reads examples.
public enum EncoderKind: String, Sendable, CaseIterable {
  case mlp, dcgan, conv
}

/// The kind of a network that makes examples.
public enum DecoderKind: String, Sendable, CaseIterable {
  case mlp, dcgan, conv, pixelcnn, pixelcnnpp

  /// Whether it sees the pixels before each pixel.
  public var isAutoregressive: Bool { self == .pixelcnn || self == .pixelcnnpp }
}

/// The nonlinearities a file can name.
public enum ActivationKind: String, Sendable, CaseIterable {
  case relu
  case leakyReLU = "leaky-relu"
  case elu, tanh, softplus

  /// The function.
  public var activation: Activation { function(nil) }

  /// The function, with a leaky rectifier's slope below 0; nil for 0.2.
  func function(_ slope: Double?) -> Activation {
    switch self {
    case .relu: .relu
    case .leakyReLU: .leakyReLU(slope: slope ?? 0.2)
    case .elu: .elu
    case .tanh: .tanh
    case .softplus: .softplus
    }
  }
}

/// What networks on both sides of a code have in common: checks of their sizes.
enum NetworkLimits {
  static let widest = 65_536
  static let deepest = 16
  static let deepestPixelCNN = 256
  /// Weights of one network, 4 GiB of them: a mistyped width is told before memory is taken for it.
  static let largest = 1_073_741_824.0

  /// Widths of a network's layers.
  static func widths(atLeast least: Int) -> SettingType<[Int]> {
    .list(of: .integer(1...widest), plural: "whole numbers from 1 to \(widest)", count: least...deepest)
  }

  /// Weights between layers of these widths.
  static func dense(_ widths: [Int]) -> Double {
    zip(widths, widths.dropFirst()).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  /// Weights of convolutions between an image and `ends`, the dense layers from the code's side; of stride 2 unless
  /// the smallest map's `area` is told.
  static func convolutions(
    _ channels: [Int], kernel: Double, features: Int, shape: [Int], dense ends: [Int], area: Double? = nil
  ) -> Double {
    let factor = 1 << channels.count
    let area = area ?? shape.dropFirst().reduce(1.0) { $0 * Double(($1 + factor - 1) / factor) }
    return kernel * dense(channels) + dense(ends) + Double(ends.last ?? 0) * Double(features) * area
  }

  /// Refuses a network that is too large, or one of images for examples that are not.
  static func check(
    _ path: String, kind: String, isMLP: Bool, weights: Double, shape: [Int]
  ) throws(SettingsError) {
    if !isMLP, shape.count != 3 {
      throw SettingsError(
        path: "\(path).network", "\(kind) needs images [channels, height, width], got examples of shape \(shape)")
    }
    guard weights <= largest else {
      throw SettingsError(
        path: path, "expected a network of at most \(Int(largest)) weights, got \(Int(weights))")
    }
  }

  /// Whether halving the sides of an image for every stage, rounding up, ends in a single pixel.
  static func endsInOnePixel(_ channels: [Int], _ shape: [Int]) -> Bool {
    shape.dropFirst().allSatisfy { $0 <= 1 << channels.count }
  }

  /// What batch norm lacks in a batch of one.
  static let needOfNorm = "batch norm has no variance of one"

  /// Refuses images whose sides cannot be halved that often.
  static func checkSides(_ path: String, _ channels: [Int], _ shape: [Int]) throws(SettingsError) {
    let factor = 1 << channels.count
    guard shape.dropFirst().allSatisfy({ $0.isMultiple(of: factor) }) else {
      throw SettingsError(
        path: "\(path).channels",
        "\(channels.count) stages need sides divisible by \(factor), got examples of shape \(shape)")
    }
  }
}

/// The stages of the network `conv`.
public struct ConvSettings: Settings {
  public var filter = 4
  public var strides: [Int]?

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field("filter", "side of the kernels of conv: 4, whose strides are 2, or odd", \.filter, .integer(3...31)),
      Field(
        "strides", "stride of each stage of conv, first to last; null is 2 for all", \.strides,
        .optional(
          .list(of: .integer(1...4), plural: "whole numbers from 1 to 4", count: 1...NetworkLimits.deepest))),
    ]
  }

  /// The strides of as many stages.
  func strides(_ stages: Int) -> [Int] { strides ?? .init(repeating: 2, count: stages) }

  /// Pixels of the smallest map of an image of a shape.
  func area(_ channels: [Int], _ shape: [Int]) -> Double {
    let factor = strides(channels.count).reduce(1, *)
    return shape.dropFirst().reduce(1.0) { $0 * Double(($1 + factor - 1) / factor) }
  }

  /// Refuses stages that an image of a shape cannot have.
  func validate(_ path: String, _ channels: [Int], _ shape: [Int]) throws(SettingsError) {
    if let strides, strides.count != channels.count {
      throw SettingsError(
        path: "\(path).strides",
        "expected one for each of the \(channels.count) stages of channels, got \(strides.count)")
    }
    guard filter.isMultiple(of: 2) else { return }
    guard filter == 4 else {
      throw SettingsError(path: "\(path).filter", "expected 4 or an odd number, got \(filter)")
    }
    guard strides(channels.count).allSatisfy({ $0 == 2 }) else {
      throw SettingsError(
        path: "\(path).strides", "a filter of 4 has strides of 2, got \(strides(channels.count)); take an odd filter")
    }
    try NetworkLimits.checkSides(path, channels, shape)
  }
}

/// Where the noise of an encoder without a density comes in.
public enum NoisePlace: String, Sendable, CaseIterable {
  /// No noise: a Gaussian of what the network predicts.
  case none
  /// Joined to the input of the dense layers.
  case input
  /// Added to every layer before its nonlinearity.
  case layers
  /// A basis of learned noises, whose coefficients the network predicts.
  case basis
}

/// The noise of an encoder without a density.
public struct NoiseSettings: Settings {
  public var noise = NoisePlace.none
  public var noiseSize = 32
  public var basisCount = 32

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field(
        "noise",
        "where noise comes in, so that q(z|x) is a sampler without a density: joined to the input of the dense layers, "
          + "added to every layer, or a basis of learned noises with coefficients of x; none makes q(z|x) a Gaussian",
        \.noise, .choice),
      Field(
        "noiseSize", "length of the noise, or of each of a basis", \.noiseSize, .integer(1...NetworkLimits.widest),
        unless: { $0.noise == .none ? "the noise is none" : nil }),
      Field(
        "basisCount", "noises of the basis, m", \.basisCount, .integer(1...4096),
        unless: { $0.noise == .basis ? nil : "the noise is \($0.noise.rawValue)" }),
    ]
  }
}

/// A network from examples to features.
public struct EncoderSettings: Settings {
  public var network = EncoderKind.mlp
  public var hidden = [500, 500]
  public var channels = [64, 128]
  public var conv = ConvSettings()
  public var activation = ActivationKind.relu
  public var slope: Double?
  public var batchNorm = false
  public var centred = false
  public var noise = NoiseSettings()
  /// Whether layers of several variables stand behind it, which have `hidden` and `activation` whatever its kind is.
  var servesJointLayers = false
  /// Whether noise may go into it.
  var takesNoise = false

  public init() {}

  init(takesNoise: Bool) { self.takesNoise = takesNoise }

  public static var fields: [Field<Self>] {
    func only(_ kinds: EncoderKind...) -> (Self) -> String? {
      { kinds.contains($0.network) ? nil : "the network is \($0.network.rawValue)" }
    }
    let hasDense = { (settings: Self) in settings.servesJointLayers ? nil : only(.mlp, .conv)(settings) }
    return [
      Field("network", "its kind", \.network, .choice),
      Field(
        "hidden", "widths of the layers of mlp ([] is linear), or of conv's dense layers", \.hidden,
        NetworkLimits.widths(atLeast: 0), unless: hasDense),
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
        "batchNorm", "batch norm behind all convolutions of conv but the last", \.batchNorm, .flag, unless: only(.conv)),
      Field("centred", "whether conv sees 2x - 1, which makes [0, 1] [-1, 1]", \.centred, .flag, unless: only(.conv)),
    ]
      + NoiseSettings.fields.map {
        $0.lifted(to: \.noise, unless: { $0.takesNoise ? nil : "posteriors of this family have densities" })
      }
  }

  /// The network for examples of a shape.
  func make(of shape: [Int], using rng: RandomSource) -> any Network {
    network == .dcgan
      ? DCGANEncoder(shape, channels: channels, using: rng) : makeLayers(of: shape, hidden: hidden, using: rng)
  }

  /// z as a function of x and of noise that is joined to the input of the dense layers.
  func makeNoisyInput(of shape: [Int], dimension: Int, using rng: RandomSource) -> NoisyInput {
    let body = network == .conv ? makeLayers(of: shape, hidden: [], using: rng) : nil
    return NoisyInput(
      body, inputs: (body?.outputShape ?? shape).reduce(1, *), noise: noise.noiseSize, hidden: hidden,
      activation: network == .conv ? activation.convolutional(slope) : activation.function(slope),
      dimension: dimension, using: rng)
  }

  /// A network of mlp or conv with these dense layers.
  func makeLayers(of shape: [Int], hidden: [Int], using rng: RandomSource) -> any LayeredNetwork {
    network == .mlp
      ? MLP(shape, hidden: hidden, activation: activation.function(slope), using: rng)
      : ConvEncoder(
        shape, channels: channels, kernel: conv.filter, strides: conv.strides, hidden: hidden,
        activation: activation.convolutional(slope), isNormalized: batchNorm, isCentred: centred, using: rng)
  }

  /// Whether batch norm in it sees one value of an example: images whose last map is a single pixel.
  func normalizesSingleValues(_ shape: [Int]) -> Bool {
    network == .dcgan && channels.count > 1 && NetworkLimits.endsInOnePixel(channels, shape)
  }

  /// Refuses what examples of a shape cannot have.
  ///
  /// - Parameters:
  ///   - path: the section, for messages.
  ///   - outputs: numbers behind the network.
  func validate(_ path: String, shape: [Int], outputs: Int) throws(SettingsError) {
    let size = shape.reduce(1, *)
    let weights =
      network == .mlp
      ? NetworkLimits.dense([size] + hidden + [outputs])
      : NetworkLimits.convolutions(
        channels, kernel: network == .dcgan ? 25 : Double(conv.filter * conv.filter), features: channels.last!,
        shape: shape, dense: [outputs] + (network == .conv ? hidden.reversed() : []),
        area: network == .conv ? conv.area(channels, shape) : nil)
    try NetworkLimits.check(path, kind: network.rawValue, isMLP: network == .mlp, weights: weights, shape: shape)
    if network == .conv { try conv.validate(path, channels, shape) }
  }
}

/// A network from codes to examples.
public struct DecoderSettings: Settings {
  public var network = DecoderKind.mlp
  public var hidden = [500, 500]
  public var channels = [128, 64]
  public var conv = ConvSettings()
  public var activation = ActivationKind.relu
  public var slope: Double?
  public var layers = 7
  public var kernel = 7
  public var maps = 32
  public var dropout = 0.5
  /// Whether layers of several variables stand before it, which have `hidden` and `activation` whatever its kind is.
  var servesJointLayers = false

  public init() {}

  public static var fields: [Field<Self>] {
    func only(_ kinds: DecoderKind...) -> (Self) -> String? {
      { kinds.contains($0.network) ? nil : "the network is \($0.network.rawValue)" }
    }
    let hasDense = { (settings: Self) in settings.servesJointLayers ? nil : only(.mlp, .conv)(settings) }
    return [
      Field("network", "its kind", \.network, .choice),
      Field(
        "hidden", "widths of the layers of mlp ([] is linear), or of conv's dense layers", \.hidden,
        NetworkLimits.widths(atLeast: 0), unless: hasDense),
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
    case .mlp: MLP([dimension], hidden: hidden, activation: activation.function(slope), using: rng)
    case .dcgan: DCGANDecoder(dimension, imageShape: shape, channels: channels, using: rng)
    case .conv:
      ConvDecoder(
        dimension, imageShape: shape, channels: channels, kernel: conv.filter, strides: conv.strides, hidden: hidden,
        activation: activation.convolutional(slope), using: rng)
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
    network == .dcgan && NetworkLimits.endsInOnePixel(channels, shape)
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
    case .mlp: weights = NetworkLimits.dense([code] + hidden + [outputs.reduce(1, *)])
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
    if network == .dcgan { try NetworkLimits.checkSides(path, channels, shape) }
    if network == .conv { try conv.validate(path, channels, shape) }
  }
}

extension ActivationKind {
  /// The same with the slope that the authors of the convolutional networks have, 0.1, for nil.
  func convolutional(_ slope: Double?) -> Activation { function(slope ?? 0.1) }
}
