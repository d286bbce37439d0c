import Torch

/// A critic that is sure of a whole batch: |V| > 20 on 99 % of its rows.
///
/// Then its sigmoid is 0 or 1 to the last bit of float32, its own gradient has vanished, and what it says of a density
/// ratio is a guess beyond the draws. A game notes `isSaturated` as a term of the critic's loss, so that the log has
/// the share of rounds in which it was, under `key`; `warning` says it in words.
public enum CriticSaturation {
  /// The size of a logit beyond which a critic is sure.
  public static let logit = 20.0
  /// The share of a batch of which it must be sure.
  public static let share = 0.99

  /// 1 if the critic is sure of a batch, else 0: a scalar without a gradient.
  ///
  /// - Parameter logits: V at the rows of q and of p together, `[n]`.
  public static func isSaturated(_ logits: Logits) -> Tensor {
    withoutGradients { ((logits.values.detached().abs() .> logit).to(.float32).mean() .>= share).to(.float32) }
  }

  /// The term of a critic's loss that the log has.
  public static func term(_ logits: Logits) -> Loss.Term {
    Loss.Term(name, isSaturated(logits), in: .fraction)
  }

  private static let name = "critic_saturated"

  /// Its key in the log: the share of rounds in which the critic was saturated.
  public static let key = LossUnit.fraction.key(name)

  /// What to say of a line of the log, of numbers by key; nil where the critic was not saturated.
  public static func warning(_ values: [(key: String, value: Double)], step: Int) -> String? {
    guard let found = values.first(where: { $0.key == key })?.value, found > 0 else { return nil }
    return "step \(step): the critic is saturated: |V| > 20 on 99 % of a batch in \(percent(found)) of the last rounds"
  }

  /// The same over a whole run, for its report: which of its lines were so.
  public static func summary(_ lines: [(step: Int, share: Double)]) -> String? {
    guard let first = lines.first(where: { $0.share > 0 }), let last = lines.last(where: { $0.share > 0 }) else {
      return nil
    }
    let mean = lines.reduce(0) { $0 + $1.share } / Double(lines.count)
    return "The critic was saturated, |V| > 20 on 99 % of a batch, in \(percent(mean)) of the rounds, "
      + "first seen at step \(first.step) and last at step \(last.step): "
      + "log ratios that it tells are then guesses, and the approximate bound with them."
  }

  private static func percent(_ share: Double) -> String {
    let value = 100 * share
    return value >= 10 || value == value.rounded() ? "\(Int(value.rounded())) %" : "\((value * 10).rounded() / 10) %"
  }
}
