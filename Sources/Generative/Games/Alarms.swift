/// What goes wrong in a game without a bad number: a critic that is sure of everything, a generator that draws one example.
public enum Alarms {
  /// What to say of a line of the log, of numbers by key; nil where all is well.
  public static func warning(_ values: [(key: String, value: Double)], step: Int) -> String? {
    let found = [CriticSaturation.warning(values, step: step), Spread.warning(values, step: step)].compactMap(\.self)
    return found.isEmpty ? nil : found.joined(separator: "; ")
  }

  /// The same over a whole run, for its report: what to say of its lines, in sentences.
  public static func summaries(_ lines: [(step: Int, values: [String: Double])]) -> [String] {
    func shares(_ key: String) -> [(step: Int, share: Double)] {
      lines.compactMap { line in line.values[key].map { (step: line.step, share: $0) } }
    }
    return [CriticSaturation.summary(shares(CriticSaturation.key)), Spread.summary(shares(Spread.key))]
      .compactMap(\.self)
  }
}
