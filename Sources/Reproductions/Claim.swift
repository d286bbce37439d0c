import Foundation

extension Experiment {
  /// A sentence of the paper, and the comparisons that bear it out.
  ///
  /// The sentence says in brackets what the paper leaves open: "far below (here: less than half)". It must be one that
  /// results can contradict. A number comes with a tolerance, an order is told from chance by standard errors:
  ///
  /// * it *holds* where every comparison is true by more than two standard errors;
  /// * it *does not hold* where one is false by more than two standard errors;
  /// * else it is *not decided*, also where numbers are missing, are none, or come from too few seeds.
  public struct Claim: Sendable {
    /// The sentence.
    public let text: String
    /// What bears it out.
    public let statement: Statement
    /// Whether it is about numbers that only the paper's budget reaches.
    public let needsPaperBudget: Bool

    /// A sentence with what bears it out.
    ///
    /// - Parameter needsPaperBudget: whether it is judged at scale `paper` alone, as the paper's own numbers are.
    public init(_ text: String, _ statement: Statement, needsPaperBudget: Bool = false) {
      self.text = text
      self.statement = statement
      self.needsPaperBudget = needsPaperBudget
    }
  }
}

/// What results say of a claim.
public enum Verdict: String, Codable, Sendable {
  /// Every comparison is true by more than two standard errors.
  case holds
  /// A comparison is false by more than two standard errors.
  case doesNotHold = "does not hold"
  /// Neither.
  case notDecided = "not decided"
}

/// A claim beside what came out.
public struct Judgement: Codable, Sendable {
  /// The sentence.
  public let claim: String
  /// Nil at scale `smoke`, which is there to see that everything runs.
  public let verdict: Verdict?
  /// Why it is not decided, or does not hold; nil where it holds.
  public let reason: String?
  /// The numbers that it is about.
  public let numbers: [Number]
  /// What was compared.
  public let comparisons: [Comparison]

  /// A metric of a cell: the paper's number and ours.
  public struct Number: Codable, Sendable {
    /// Of whom, and what.
    public let cell, metric: String
    /// The paper's number, where it has one.
    public let paper: Double?
    /// What came out; nil where it is missing.
    public let here: Results.Mean?
  }

  /// One number against another.
  public struct Comparison: Codable, Sendable {
    /// What was expected, such as `mi of ae > 5`.
    public let expected: String
    /// By how much it is true; negative where it is false; nil where a number is missing.
    public let difference: Results.Mean?
    /// Nil at scale `smoke`.
    public let verdict: Verdict?
    /// Why it is not decided.
    public let reason: String?
  }
}

extension Experiment.Claim {
  /// Standard errors that a difference must have to be told from chance.
  static let leastErrors = 2.0

  /// What the results of a scale say of it.
  public func judged(_ results: Results, at scale: Experiment.Scale) -> Judgement {
    let compared = statement.comparisons.map { comparison in
      let difference = comparison.difference(results)
      let (verdict, reason) = judge(comparison.margin, difference, results, scale)
      return Judgement.Comparison(
        expected: comparison.text, difference: difference, verdict: verdict, reason: reason)
    }
    let verdicts = compared.compactMap(\.verdict)
    let verdict: Verdict? =
      verdicts.isEmpty
      ? nil : verdicts.contains(.doesNotHold) ? .doesNotHold : verdicts.contains(.notDecided) ? .notDecided : .holds
    return Judgement(
      claim: text, verdict: verdict, reason: reason(verdict, compared), numbers: numbers(results),
      comparisons: compared)
  }

  /// Of one comparison.
  private func judge(
    _ margin: Quantity, _ difference: Results.Mean?, _ results: Results, _ scale: Experiment.Scale
  ) -> (Verdict?, reason: String?) {
    guard let least = scale.leastSeeds else { return (nil, nil) }
    if needsPaperBudget, scale != .paper { return (.notDecided, "it asks for the paper's budget, --scale paper") }
    guard let difference else {
      let missing = margin.terms.first { results.mean(of: $0.metric, $0.cell) == nil }
      return (.notDecided, missing.map { "there is no \($0.metric) of \($0.cell)" } ?? "no seed has all of its numbers")
    }
    guard difference.seeds >= least else {
      return (.notDecided, "\(counted(difference.seeds, "seed")), at scale \(scale.rawValue) it takes \(least)")
    }
    guard !difference.value.isNaN else { return (.notDecided, "a number is not defined (nan)") }
    guard let error = difference.standardError else {
      return (.notDecided, "one seed, and no standard error over examples")
    }
    guard !error.isNaN else { return (.notDecided, "a number is infinite for some seeds or examples") }
    guard abs(difference.value) > Self.leastErrors * error else {
      return (
        .notDecided,
        "the difference of \(brief(difference.value)) is within two standard errors of \(brief(error))"
      )
    }
    return (difference.value > 0 ? .holds : .doesNotHold, nil)
  }

  /// The first comparison that decides the verdict, in words.
  private func reason(_ verdict: Verdict?, _ compared: [Judgement.Comparison]) -> String? {
    guard let verdict, verdict != .holds, let first = compared.first(where: { $0.verdict == verdict }) else {
      return nil
    }
    return first.reason ?? "expected \(first.expected)"
  }

  /// Each number once, in the order of the comparisons.
  private func numbers(_ results: Results) -> [Judgement.Number] {
    statement.comparisons.flatMap { comparison in comparison.margin.terms.map { (comparison, $0) } }
      .reduce(into: []) { numbers, pair in
        let (comparison, term) = pair
        guard !numbers.contains(where: { $0.cell == term.cell && $0.metric == term.metric }) else { return }
        numbers.append(
          .init(
            cell: term.cell, metric: term.metric, paper: term.paper,
            here: comparison.value(Measure(term.metric)(term.cell), results)))
      }
  }
}

extension Experiment.Scale {
  /// Seeds that a verdict takes; nil where there are no verdicts.
  ///
  /// The papers' own tables often have one seed. At their scale one is enough where examples tell the error.
  public var leastSeeds: Int? {
    switch self {
    case .smoke: nil
    case .cpu: 3
    case .paper: 1
    }
  }
}

/// A number in four digits.
func brief(_ value: Double) -> String { String(format: "%.4g", value) }

/// A count with its noun.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
