import Figures
import Generative
import Training

/// One number of a run over its steps, as the page draws it.
public struct Curve: Codable, Equatable, Sendable {
  /// Where a curve stands on the page.
  public enum Group: String, Codable, Sendable {
    /// A player's loss.
    case loss
    /// What validations are compared by.
    case score
    /// A part of a loss.
    case term
    /// Rates, norms of gradients, seconds.
    case training
  }

  /// The kind of the line and the key of the number, such as `train/loss_nats`.
  public let key: String
  /// The name without its unit.
  public let name: String
  /// The unit; empty where there is none.
  public let unit: String
  /// Where it stands.
  public let group: Group
  /// Complete rounds.
  public internal(set) var steps: [Int]
  /// The numbers, as many.
  public internal(set) var values: [Double]

  /// Keys that are the other axis, or say nothing as a curve.
  private static let axes: Set<String> = ["step", "epoch", "training_seconds"]

  /// The curves of some lines of a log, in the order of their keys; evaluations are no curve.
  public static func curves(of entries: [MetricsLog.Entry]) -> [Curve] {
    var curves: [String: Curve] = [:]
    for entry in entries where entry.kind != .evaluation {
      for (key, value) in entry.values where !axes.contains(key) && value.isFinite {
        let path = entry.kind.rawValue + "/" + key
        curves[path, default: Curve(path, key, entry.kind)].append(entry.step, value)
      }
    }
    return curves.values.sorted { $0.key < $1.key }
  }

  private init(_ path: String, _ key: String, _ kind: LogRecord.Kind) {
    let (name, unit) = LossUnit.parts(of: key)
    self.key = path
    self.name = (kind == .validation ? "validation " : "") + name.replacing("_", with: " ")
    self.unit = key == "training_seconds" ? "seconds" : unit == .none ? "" : unit.rawValue
    group =
      if LogKey.isOfTraining(key) { .training } else if kind == .validation { .score } else if LogKey.isLoss(key) {
        .loss
      } else { .term }
    (steps, values) = ([], [])
  }

  private mutating func append(_ step: Int, _ value: Double) {
    steps.append(step)
    values.append(value)
  }

  /// The same with at most `limit` points, without the loss of a spike.
  public func thinned(to limit: Int) -> Curve {
    let kept = Downsampling.indices(count: values.count, limit: limit) { values[$0] }.compactMap(\.self)
    var thin = self
    thin.steps = kept.map { steps[$0] }
    thin.values = kept.map { values[$0] }
    return thin
  }
}
