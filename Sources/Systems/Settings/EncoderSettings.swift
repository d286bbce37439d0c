import Configuration
import Networks
import Torch

/// The kind of a network that reads examples.
public enum EncoderKind: String, Sendable, CaseIterable {
  case mlp, dcgan, conv
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
  public var joinsInput = false
  public var noise = NoiseSettings()
  /// Whether layers of several variables stand behind it, which have `hidden` and `activation` whatever its kind is.
  var servesJointLayers = false
  /// Whether noise may go into it.
  var takesNoise = false
  /// Whether it stands in place of a network of images, with layers that `PointSettings` has.
  var isOfPoints = false

  public init() {}

  init(takesNoise: Bool) { self.takesNoise = takesNoise }

  public static var fields: [Field<Self>] {
    func only(_ kinds: EncoderKind...) -> (Self) -> String? {
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
        "batchNorm", "batch norm behind all convolutions of conv but the last", \.batchNorm, .flag, unless: only(.conv)),
      Field("centred", "whether conv sees 2x - 1, which makes [0, 1] [-1, 1]", \.centred, .flag, unless: only(.conv)),
      Field(
        "joinsInput", "whether mlp's input stands beside its features", \.joinsInput, .flag,
        unless: { only(.mlp)($0) ?? $0.withoutJoining }),
    ]
      + NoiseSettings.fields.map {
        $0.lifted(to: \.noise, unless: { $0.takesNoise ? nil : "encoders of this family take no noise" })
      }
  }

  /// Why an mlp's input cannot stand beside its features; nil where it can.
  private var withoutJoining: String? {
    if servesJointLayers { return "there are layers of several variables behind it" }
    if [.input, .layers].contains(noise.noise) { return "the noise is \(noise.noise.rawValue)" }
    return hidden.isEmpty ? "there are no hidden layers" : nil
  }

  /// The network for examples of a shape.
  func make(of shape: [Int], using rng: RandomSource) -> any Network {
    if network == .dcgan { return DCGANEncoder(shape, channels: channels, using: rng) }
    let layers = makeLayers(of: shape, hidden: hidden, using: rng)
    return network == .mlp && joinsInput ? JoinedInput(layers, inputShape: shape) : layers
  }

  /// z as a function of x and of noise that is joined to the input of the dense layers.
  func makeNoisyInput(of shape: [Int], dimension: Int, using rng: RandomSource) -> NoisyInput {
    let body = network == .conv ? makeLayers(of: shape, hidden: [], using: rng) : nil
    return NoisyInput(
      body, inputs: (body?.outputShape ?? shape).reduce(1, *), noise: noise.noiseSize ?? dimension, hidden: hidden,
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

  /// Numbers in the last map of an image of a shape.
  func mapSize(_ shape: [Int]) -> Int {
    let sides = (network == .conv ? conv.strides(channels.count) : channels.map { _ in 2 }).reduce(shape.dropFirst()) {
      sides, stride in ArraySlice(sides.map { ($0 + stride - 1) / stride })
    }
    return sides.reduce(channels.last!, *)
  }

  /// Whether batch norm in it sees one value of an example: images one of whose maps is a single pixel.
  func normalizesSingleValues(_ shape: [Int]) -> Bool {
    switch network {
    case .dcgan: return channels.count > 1 && NetworkLimits.endsInOnePixel(channels, shape)
    case .conv:
      // The last convolution has no norm behind it.
      guard batchNorm, channels.count > 1 else { return false }
      let normed = conv.strides(channels.count).dropLast().reduce(1) { min($0 * $1, NetworkLimits.widest) }
      return shape.dropFirst().allSatisfy { $0 <= normed }
    case .mlp: return false
    }
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
      ? NetworkLimits.dense([size] + hidden + [outputs]) + (joinsInput ? Double(size) * Double(outputs) : 0)
      : NetworkLimits.convolutions(
        channels, kernel: network == .dcgan ? 25 : Double(conv.filter * conv.filter), features: channels.last!,
        shape: shape, dense: [outputs] + (network == .conv ? hidden.reversed() : []),
        area: network == .conv ? conv.area(channels, shape) : nil)
    try NetworkLimits.check(path, kind: network.rawValue, isMLP: network == .mlp, weights: weights, shape: shape)
    if network == .conv { try conv.validate(path, channels) }
  }
}
