import Configuration
import Networks
import Torch

/// The codes.
public struct LatentSettings: Settings {
  public var dimensions = 50
  public var initialScale = 1.0
  /// Whether the posterior is a sampler without a density.
  var isOfNoise = false
  /// Whether the length is that of `PointSettings`.
  var isOfPoints = false

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field(
        "dimensions", "length of a code", \.dimensions, .integer(1...65_536),
        unless: { $0.isOfPoints ? PointSettings.reason : nil }),
      Field(
        "initialScale", "approximate deviation of q(z|x) at the start of training", \.initialScale,
        .number(.atLeast(0.001)), unless: { $0.isOfNoise ? "encoder.noise is not none" : nil }),
    ]
  }
}

/// The codes of models with several variables.
public struct CodeSettings: Settings {
  public var dimensions = 50
  /// Whether the length is that of `PointSettings`.
  var isOfPoints = false

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field(
        "dimensions", "length of a code", \.dimensions, .integer(1...65_536),
        unless: { $0.isOfPoints ? PointSettings.reason : nil })
    ]
  }
}

/// The family of p(x|z).
public enum FamilyKind: String, Sendable, CaseIterable {
  case bernoulli, gaussian
  case discretizedLogistic = "discretized-logistic"
  case categorical
  case logisticMixture = "logistic-mixture"
}

/// Where the scale of a continuous likelihood comes from.
public enum ScaleKind: String, Sendable, CaseIterable {
  case fixed, shared
  case perDimension = "per-dimension"
  case predicted
}

/// The family of p(x|z).
public struct LikelihoodSettings: Settings {
  public var family = FamilyKind.bernoulli
  public var mean = GaussianMean.linear
  public var scale = ScaleKind.shared
  public var fixedScale = 0.1
  public var floor: Double?
  public var levels = 256
  public var mixtures = 10
  /// Whether examples are points, whose means are linear.
  var isOfPoints = false

  public init() {}

  public static var fields: [Field<Self>] {
    func only(_ families: FamilyKind...) -> (Self) -> String? {
      { families.contains($0.family) ? nil : "the family is \($0.family.rawValue)" }
    }
    return [
      Field("family", "its family", \.family, .choice),
      Field(
        "mean", "last nonlinearity of its mean: none, or a sigmoid for pixels in [0, 1]", \.mean, .choice,
        unless: { $0.isOfPoints ? "examples are points, whose means are linear" : only(.gaussian)($0) }),
      Field(
        "scale",
        "its scale: fixedScale, learned (one, or one per dimension), or an output of the decoder", \.scale, .choice,
        unless: only(.gaussian, .discretizedLogistic)),
      Field(
        "fixedScale", "value of a fixed scale", \.fixedScale, .number(.above(0)),
        unless: {
          only(.gaussian, .discretizedLogistic)($0)
            ?? ($0.scale == .fixed ? nil : "the scale is \($0.scale.rawValue)")
        }),
      Field(
        "floor", "added to variances that are learned or outputs, so that none is smaller; null cuts them at e^-14",
        \.floor, .optional(.number(.above(0))),
        unless: { only(.gaussian)($0) ?? ($0.scale == .fixed ? "the scale is fixed" : nil) }),
      Field(
        "levels", "number of values of a pixel", \.levels, .integer(2...65_536),
        unless: only(.discretizedLogistic, .categorical)),
      Field(
        "mixtures", "number of components of the mixture", \.mixtures, .integer(1...1024),
        unless: only(.logisticMixture)),
    ]
  }

  /// The family with its scale, of networks that do not see pixels; nil for one of those that do.
  public var networkFamily: LikelihoodFamily? {
    switch family {
    case .bernoulli: .bernoulli
    case .gaussian: .gaussian(networkScale, mean: mean, floor: scale == .fixed ? nil : floor)
    case .discretizedLogistic: .discretizedLogistic(networkScale, levels: levels)
    case .categorical: .categorical(levels: levels)
    case .logisticMixture: nil
    }
  }

  /// The family of a pixel given those before it; nil for one that is not made of pixels.
  public var pixelFamily: PixelFamily? {
    switch family {
    case .bernoulli: .bernoulli
    case .categorical: .categorical(levels: levels)
    case .logisticMixture: .logisticMixture(mixtures: mixtures)
    case .gaussian, .discretizedLogistic: nil
    }
  }

  private var networkScale: LikelihoodScale {
    switch scale {
    case .fixed: .fixed(fixedScale)
    case .shared: .shared
    case .perDimension: .perDimension
    case .predicted: .predicted
    }
  }
}
