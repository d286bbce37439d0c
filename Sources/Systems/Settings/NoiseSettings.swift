import Configuration

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
  public var noiseSize: Int? = 32
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
        "noiseSize", "length of the noise, or of each of a basis; null is that of a code", \.noiseSize,
        .optional(.integer(1...NetworkLimits.widest)),
        unless: { $0.noise == .none ? "the noise is none" : nil }),
      Field(
        "basisCount", "noises of the basis, m", \.basisCount, .integer(1...4096),
        unless: { $0.noise == .basis ? nil : "the noise is \($0.noise.rawValue)" }),
    ]
  }
}
