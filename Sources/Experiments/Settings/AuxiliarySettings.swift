import Generative

/// Auxiliary variables and stochastic layers: which exist, and how large they are.
public struct AuxiliarySettings: Settings {
  public var kind = AuxiliaryDesign.Auxiliary.stochastic
  public var dimensions = 100
  public var skip = false
  public var seesExample = false
  public var upper: [Int]?
  public var upperHidden = [256, 256]
  public var draws = 1
  public var batchNorm = true

  public init() {}

  public static var fields: [Field<Self>] {
    let widths = SettingType<[Int]>.list(
      of: .integer(1...65_536), plural: "whole numbers from 1 to 65536", count: 1...16)
    return [
      Field("kind", "what a is", \.kind, .choice),
      Field("dimensions", "its length", \.dimensions, .integer(1...65_536)),
      Field("skip", "whether x is made of a too", \.skip, .flag),
      Field("seesExample", "whether p(a|z, y) is given x", \.seesExample, .flag),
      Field("upper", "lengths of z in further stochastic layers, or null for none", \.upper, .optional(widths)),
      Field("upperHidden", "layers of the networks of further stochastic layers", \.upperHidden, widths),
      Field("draws", "of z for each a and y", \.draws, .integer(1...100_000)),
      Field("batchNorm", "whether it stands in front of every nonlinearity", \.batchNorm, .flag),
    ]
  }
}

/// Few labels among many examples.
public struct LabelSettings: Settings {
  public var perClass: Int?
  public var batchSize = 100
  public var draws: Int?
  public var beta = 0.1
  /// Known once the data have been seen.
  public var alpha: Double?
  public var classes: Int?

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field(
        "perClass", "examples of every class whose label is used, or null for all that have one", \.perClass,
        .optional(.integer(1...SettingType<Int>.largestInteger))),
      Field("batchSize", "labelled examples beside every batch", \.batchSize, .integer(1...1_000_000)),
      Field(
        "draws", "classes drawn for each unlabelled example and a, where there are too many to sum over; null sums",
        \.draws, .optional(.integer(1...65_536))),
      Field("beta", "the classification loss, by all examples to labelled ones", \.beta, .number(.atLeast(0))),
      Field(
        "alpha", "its weight in the end; null is beta N / N_l, which a run writes down", \.alpha,
        .optional(.number(.atLeast(0)))),
      Field(
        "classes", "how many there are; null until a run writes it down", \.classes,
        .optional(.integer(2...65_536))),
    ]
  }
}
