import Foundation
import Torch
import Training

/// What validations chose in a run that left a setting to them: every value with its score, kept in `trials.json`.
public struct TrialRecord: Codable, Equatable, Sendable {
  /// One value that was tried.
  public struct Entry: Codable, Equatable, Sendable {
    /// The value as a file has it.
    public let value: String
    /// Its run, from the directory of the run that became the best one.
    public let run: String
    /// The best score of its validations, and after how many rounds it was reached.
    public let score: Double
    public let step: Int
  }

  /// The setting, such as `activation.temperature`.
  public let path: String
  /// The key of the score in logs, with the unit, such as `bound_nats`.
  public let key: String
  /// Whether larger scores are better.
  public let rises: Bool
  /// All values, in the order they were tried.
  public let trials: [Entry]

  /// The value with the best score; the first of equal ones.
  public var chosen: Entry {
    trials.dropFirst().reduce(trials[0]) { best, other in
      (rises ? other.score > best.score : other.score < best.score) ? other : best
    }
  }

  /// The choice in a sentence, with all scores.
  public var sentence: String {
    let scores = trials.map { "\($0.value): \(String(format: "%.3f", $0.score))" }.joined(separator: ", ")
    return "\(path) is \(chosen.value), the best of \(trials.count) by \(key) on the validation examples (\(scores))"
  }

  /// The line of the log behind the last round of the chosen run: the value, and the score of every one.
  func line(at step: Int) -> LogRecord {
    LogRecord(
      kind: .validation, step: step,
      values: [(path, Double(chosen.value) ?? .nan)] + trials.map { ("\(path)=\($0.value):\(key)", $0.score) })
  }

  /// Where a run keeps it.
  static func file(in run: RunDirectory) -> String { run.path + "/trials.json" }

  /// The record of a run; nil for one that left nothing to validations, or has not come to a choice.
  public init?(in run: RunDirectory) throws(FileError) {
    let file = Self.file(in: run)
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
    } catch { throw FileError(file, "expected what validations chose among, got something else") }
    guard !trials.isEmpty else { throw FileError(file, "expected at least 1 trial, got none") }
  }

  init(path: String, key: String, rises: Bool, trials: [Entry]) {
    self.path = path
    self.key = key
    self.rises = rises
    self.trials = trials
  }

  func write(in run: RunDirectory) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(Array(encoder.encode(self)) + Array("\n".utf8), to: Self.file(in: run))
  }
}
