import Configuration

/// A setting that two runs do not share.
public struct SettingsDifference: Codable, Equatable, Sendable {
  /// The path of the setting, such as `training.epochs`.
  public let key: String
  /// Its value in the one run; nil where that has no such setting.
  public let this: String?
  /// Its value in the other.
  public let that: String?

  /// The settings that differ between two runs, in alphabetical order.
  ///
  /// - Parameters:
  ///   - this: values by their paths.
  ///   - that: the other run's.
  public static func between(_ this: [String: String], _ that: [String: String]) -> [SettingsDifference] {
    Set(this.keys).union(that.keys).sorted().filter { this[$0] != that[$0] }.map {
      SettingsDifference(key: $0, this: this[$0], that: that[$0])
    }
  }
}
