import Configuration
import Generative
import Networks
import Torch

/// The kinds of a network between two domains.
public enum TranslatorKind: String, Sendable, CaseIterable { case mlp, resnet }

/// The networks from one domain to the other, one each way.
public struct TranslatorSettings: Settings {
  public var network: TranslatorKind?
  public var hidden = [256, 256]
  public var maps = 64
  public var stages = 2
  public var blocks: Int?
  public var steps = 1

  public init() {}

  public static var fields: [Field<Self>] {
    func only(_ kind: TranslatorKind) -> (Self) -> String? {
      { $0.network == nil || $0.network == kind ? nil : "the network is \($0.network!.rawValue)" }
    }
    return [
      Field("network", "its kind; null is resnet for images and mlp for points", \.network, .optional(.choice)),
      Field("hidden", "widths of the layers of mlp", \.hidden, NetworkLimits.widths(atLeast: 0), unless: only(.mlp)),
      Field(
        "maps", "feature maps at full size in resnet; each stage doubles them", \.maps,
        .integer(1...NetworkLimits.widest), unless: only(.resnet)),
      Field("stages", "times that resnet halves the sides", \.stages, .integer(0...5), unless: only(.resnet)),
      Field(
        "blocks", "residual blocks of resnet; null is 9 for sides of 256 pixels or more, else 6", \.blocks,
        .optional(.integer(0...64)), unless: only(.resnet)),
      Field("steps", "their steps in a round, each on a batch of its own", \.steps, .integer(1...1000)),
    ]
  }

  func kind(_ shape: [Int]) -> TranslatorKind { network ?? (shape.count == 3 ? .resnet : .mlp) }

  private func blocks(_ shape: [Int]) -> Int { blocks ?? (shape.dropFirst().allSatisfy { $0 >= 256 } ? 9 : 6) }

  func validate(_ shape: [Int]) throws(SettingsError) {
    let size = shape.reduce(1, *)
    let (kind, widest) = (kind(shape), Double(maps << stages))
    try NetworkLimits.check(
      "generator", kind: kind.rawValue, isMLP: kind == .mlp,
      weights: kind == .mlp
        ? NetworkLimits.dense([size] + hidden + [size]) : 18 * widest * widest * Double(blocks(shape) + 1),
      shape: shape)
    guard kind == .resnet else { return }
    try NetworkLimits.checkSides("generator", [Int](repeating: 0, count: stages), shape, key: "stages")
    guard shape.dropFirst().allSatisfy({ $0 > TranslationNetwork.margin && $0 >> stages > 1 }) else {
      throw SettingsError(
        path: "generator.stages",
        "\(stages) stages need sides of at least \(max(TranslationNetwork.margin + 1, 2 << stages)), got examples of "
          + "shape \(shape)")
    }
  }

  /// A network from examples of a shape to examples of that shape; of images in [-1, 1].
  func make(_ shape: [Int], using rng: RandomSource) -> any Network {
    switch kind(shape) {
    case .mlp:
      ShapedNetwork(
        MLP(shape, hidden: hidden, using: rng), shape: shape, activation: shape.count == 3 ? .tanh : .identity,
        inputRank: shape.count, using: rng)
    case .resnet:
      ShapedNetwork(
        TranslationNetwork(shape, maps: maps, stages: stages, blocks: blocks(shape), using: rng), shape: shape,
        activation: .tanh, inputRank: shape.count, using: rng)
    }
  }
}

/// The kinds of a critic of a domain.
public enum PatchCriticKind: String, Sendable, CaseIterable { case mlp, patches }

/// The critics of the domains, and their optimizer.
public struct PatchCriticSettings: Settings {
  public var network: PatchCriticKind?
  public var hidden = [256, 256]
  public var channels = [64, 128, 256, 512]
  public var handicap = HandicapSettings()
  public var critic = CriticSettings()

  public init() {}

  public static var fields: [Field<Self>] {
    func only(_ kind: PatchCriticKind) -> (Self) -> String? {
      { $0.network == nil || $0.network == kind ? nil : "the network is \($0.network!.rawValue)" }
    }
    return [
      Field("network", "its kind; null is patches for images and mlp for points", \.network, .optional(.choice)),
      Field("hidden", "widths of the layers of mlp", \.hidden, NetworkLimits.widths(atLeast: 0), unless: only(.mlp)),
      Field(
        "channels",
        "feature maps of each stage of patches, stride 2 but for the last; 4 stages see 70x70 pixels, 3 see 34x34, 2 16x16",
        \.channels, NetworkLimits.widths(atLeast: 1), unless: only(.patches)),
    ] + HandicapSettings.fields.map { $0.lifted(to: \.handicap) }
      + CriticSettings.fields.map { $0.lifted(to: \.critic) }
  }

  func kind(_ shape: [Int]) -> PatchCriticKind { network ?? (shape.count == 3 ? .patches : .mlp) }

  func validate(_ shape: [Int]) throws(SettingsError) {
    let kind = kind(shape)
    try NetworkLimits.check(
      "adversary", kind: kind.rawValue, isMLP: kind == .mlp,
      weights: kind == .mlp
        ? NetworkLimits.dense([shape.reduce(1, *)] + hidden + [1])
        : 16 * NetworkLimits.dense([shape[0]] + channels + [1]),
      shape: shape)
    if kind == .patches, !PatchNetwork.fits(shape, stages: channels.count) {
      throw SettingsError(
        path: "adversary.channels",
        "expected stages that leave maps of more than one pixel, got \(channels.count) for examples of shape \(shape)")
    }
  }

  func make(_ shape: [Int], using rng: RandomSource) -> PatchCritic {
    switch kind(shape) {
    case .mlp:
      PatchCritic(
        ShapedNetwork(
          MLP(shape, hidden: hidden, activation: .leakyReLU(slope: 0.2), using: rng), shape: [1],
          inputRank: shape.count, using: rng))
    case .patches: PatchCritic(PatchNetwork(shape, channels: channels, using: rng))
    }
  }
}
