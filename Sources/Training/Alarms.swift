import Generative

/// What the numbers of a line of the log say of a game that goes wrong, in sentences.
///
/// It reads the terms of the losses by their names: `saturated` is the share of a critic's logits beyond
/// `saturatedLogit`.
public enum Alarms {
  /// The share from which on a critic counts as saturated.
  public static let saturatedShare = 0.99

  /// The sentences for the numbers of one line, by their keys.
  public static func of(_ values: [(key: String, value: Double)]) -> [String] {
    values.compactMap { key, value in
      guard key == saturated || key.hasSuffix("_" + saturated), value >= saturatedShare else { return nil }
      let player = key.dropLast(saturated.count + 1)
      return "the \(player.isEmpty ? "critic" : player) saturates: |V| > \(Int(saturatedLogit)) on "
        + "\(Int(value * 100)) % of its logits; what it tells of log q/p is of little worth"
    }
  }

  private static let saturated = LossUnit.fraction.key("saturated")
}
