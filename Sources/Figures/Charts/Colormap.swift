/// A colour for every number between 0 and 1.
public struct Colormap: Hashable, Sendable {
  /// The colours at equal distances from 0 to 1, each `0xRRGGBB`.
  public let anchors: [UInt32]

  /// A colour map through the given colours.
  ///
  /// - Parameter anchors: at least two colours `0xRRGGBB`, at equal distances from 0 to 1.
  public init(anchors: [UInt32]) {
    precondition(
      anchors.count >= 2, "Colormap: expected at least two colours, got \(anchors.count)")
    self.anchors = anchors
  }

  /// Dark violet over green to yellow: even steps look even, in grey also.
  ///
  /// - Source: Smith & van der Walt 2015, matplotlib's default.
  public static let viridis = Colormap(anchors: [
    0x440154, 0x482878, 0x3E4A89, 0x31688E, 0x26828E, 0x1F9E89, 0x35B779, 0x6DCD59, 0xB4DE2C,
    0xFDE725,
  ])

  /// White to dark blue: for densities on paper, where nothing should look like nothing.
  public static let blues = Colormap(anchors: [
    0xFFFFFF, 0xDEEBF7, 0xC6DBEF, 0x9ECAE1, 0x6BAED6, 0x4292C6, 0x2171B5, 0x08519C, 0x08306B,
  ])

  /// Blue over white to red: for numbers with a sign, with the range even about 0.
  public static let diverging = Colormap(anchors: [
    0x2166AC, 0x4393C3, 0x92C5DE, 0xD1E5F0, 0xF7F7F7, 0xFDDBC7, 0xF4A582, 0xD6604D, 0xB2182B,
  ])

  /// The colour at a fraction, clamped to `[0, 1]`, as red, green and blue bytes; NaN is a light
  /// grey.
  public func color(at fraction: Double) -> [UInt8] {
    guard !fraction.isNaN else { return [0xDD, 0xDD, 0xDD] }
    let place = min(max(fraction, 0), 1) * Double(anchors.count - 1)
    let below = min(Int(place), anchors.count - 2)
    let weight = place - Double(below)
    return [16, 8, 0].map { shift in
      let low = Double(anchors[below] >> UInt32(shift) & 0xFF)
      let high = Double(anchors[below + 1] >> UInt32(shift) & 0xFF)
      return UInt8((low + weight * (high - low)).rounded())
    }
  }
}
