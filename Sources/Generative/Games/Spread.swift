import Torch

/// How varied generated examples are, as a share of the data's variation: a generator that has collapsed draws one and
/// the same example.
///
/// A game notes `term` in its critic's loss, so that the log has the share under `key`; `warning` says it in words.
public enum Spread {
  /// The share of the data's deviation below which samples count as constant.
  public static let least = 0.01

  /// The deviation of generated examples over a batch as a share of the real ones', a scalar without a gradient; 1 where
  /// a batch has one example.
  ///
  /// - Parameters:
  ///   - made: generated examples, `[n] + shape`.
  ///   - real: as many of the data.
  public static func term(_ made: Tensor, _ real: Tensor) -> Loss.Term {
    let share = withoutGradients { ((variance(made) + smallest) / (variance(real) + smallest)).sqrt() }
    return Loss.Term(name, share, in: .fraction)
  }

  /// The variance over a batch, averaged over an example's numbers: a scalar.
  private static func variance(_ x: Tensor) -> Tensor { x.detached().inFloat().variance(0, correction: 0).mean() }

  /// Keeps constant data from dividing by zero.
  private static let smallest = 1e-12

  private static let name = "sample_spread"

  /// Its key in the log.
  public static let key = LossUnit.fraction.key(name)

  /// What to say of a line of the log, of numbers by key; nil where samples vary.
  static func warning(_ values: [(key: String, value: Double)], step: Int) -> String? {
    guard let found = values.first(where: { $0.key == key })?.value, found < least else { return nil }
    return "step \(step): the samples are constant: they vary less than 1 % as much as the data"
  }

  /// The same over a whole run, for its report: which of its lines were so.
  static func summary(_ lines: [(step: Int, share: Double)]) -> String? {
    let collapsed = lines.filter { $0.share < least }
    guard let first = collapsed.first, let last = collapsed.last else { return nil }
    return "The samples were constant, less than 1 % as varied as the data, in \(collapsed.count) of \(lines.count) "
      + "lines of the log, first seen at step \(first.step) and last at step \(last.step): the generator had collapsed."
  }
}
