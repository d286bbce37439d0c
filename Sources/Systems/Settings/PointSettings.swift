import Configuration

/// What stands in place of networks of images where examples are points, which have no convolutions.
///
/// Encoder and decoder become an `mlp` each, and a code has another length.
public struct PointSettings: Settings {
  public var hidden = [128, 128, 128]
  public var dimensions = 2

  public init() {}

  public static var fields: [Field<Self>] {
    [
      Field("hidden", "widths of the layers of mlp", \.hidden, NetworkLimits.widths(atLeast: 1)),
      Field("dimensions", "length of a code", \.dimensions, .integer(1...65_536)),
    ]
  }

  /// Why a key has no effect that these settings stand in place of.
  static let reason = "examples are points, whose networks and codes are under points"

  /// Whether examples of a shape have no use for a network of this kind.
  static func concerns(_ shape: [Int], isMLP: Bool) -> Bool { shape.count == 1 && !isMLP }
}

extension EncoderSettings {
  /// Becomes the network of points.
  mutating func stand(in points: PointSettings) {
    (network, hidden, isOfPoints) = (.mlp, points.hidden, true)
  }
}

extension DecoderSettings {
  /// Becomes the network of points.
  mutating func stand(in points: PointSettings) {
    (network, hidden, isOfPoints) = (.mlp, points.hidden, true)
  }
}
