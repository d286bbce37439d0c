import Configuration

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

  /// Refuses stages that do not go with the kernels.
  func validate(_ path: String, _ channels: [Int]) throws(SettingsError) {
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
  }
}
