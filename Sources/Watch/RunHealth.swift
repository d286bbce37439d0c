import Generative
import Training

/// What is wrong with a run, in sentences: a game that has collapsed, a critic that is saturated, bad numbers, a stop.
public struct RunHealth: Sendable {
  /// The shares that games note of themselves, line by line.
  private var shares: [(step: Int, values: [String: Double])] = []
  /// Lines in which a number was not finite, by its key.
  private var notFinite: [String: (first: Int, count: Int)] = [:]
  /// The warning of the last evaluation.
  private var evaluation: (split: String, warning: String?)?

  /// The keys under which a game notes how it stands.
  private static let keys = [CriticSaturation.key, Spread.key]

  public init() {}

  /// Takes note of a line of the log.
  public mutating func note(_ entry: MetricsLog.Entry) {
    let found = entry.values.filter { Self.keys.contains($0.key) }
    if !found.isEmpty { shares.append((entry.step, found)) }
    for key in entry.notFinite { notFinite[key, default: (entry.step, 0)].count += 1 }
    if entry.kind == .evaluation { evaluation = (entry.split ?? "", entry.warning) }
  }

  /// Whether the game notes how it stands.
  public var isOfGame: Bool { !shares.isEmpty }

  /// What is wrong, worst first; none where nothing is.
  ///
  /// - Parameters:
  ///   - state: the run's, with the reason.
  ///   - problems: what is wrong with its files.
  public func findings(_ state: (state: RunState, reason: String?), problems: [String] = []) -> [String] {
    let stop: [String] =
      switch state.state {
      case .failed: ["It failed: \(state.reason ?? "the reason is not known")."]
      case .stalled: ["It is stalled: \(state.reason ?? "it writes nothing")."]
      case .interrupted: ["It is interrupted: \(state.reason ?? "it can go on")."]
      case .running, .finished, .stoppedEarly: []
      }
    let numbers = notFinite.sorted { $0.key < $1.key }.map { key, found in
      "\(key) was not finite in \(found.count) \(found.count == 1 ? "line" : "lines") of the log, first at step "
        + "\(found.first)."
    }
    let measured = evaluation.flatMap { found in found.warning.map { "On the \(found.split) split, \($0)." } }
    return stop + numbers + Alarms.summaries(shares) + [measured].compactMap(\.self) + problems.map { $0 + "." }
  }
}
