import Foundation
import Torch

/// One line of a run's log.
public struct LogRecord: Sendable, Equatable {
  /// What was measured.
  public enum Kind: String, Sendable {
    /// Averages over the rounds since the last line.
    case train
    /// The bound on the validation set.
    case validation
    /// A measurement on the test set after training.
    case test
  }

  public let kind: Kind
  /// Complete rounds.
  public let step: Int
  /// Complete passes over the training set, with fractions.
  public let epoch: Double
  /// Numbers by key; the key ends in the unit.
  public let values: [(key: String, value: Double)]

  public init(kind: Kind, step: Int, epoch: Double, values: [(key: String, value: Double)]) {
    self.kind = kind
    self.step = step
    self.epoch = epoch
    self.values = values
  }

  public static func == (a: LogRecord, b: LogRecord) -> Bool { a.json == b.json }

  /// The record as one JSON object on one line.
  public var json: String {
    let fields =
      [("\"kind\"", "\"\(kind.rawValue)\""), ("\"step\"", "\(step)"), ("\"epoch\"", Self.number(epoch))]
      + values.map { ("\"\($0.key)\"", Self.number($0.value)) }
    return "{" + fields.map { "\($0): \($1)" }.joined(separator: ", ") + "}"
  }

  /// JSON has no infinities and no NaN.
  private static func number(_ value: Double) -> String { value.isFinite ? "\(value)" : "null" }
}

/// The run log, `metrics.jsonl`: lines of JSON in the order of their steps.
public final class MetricsLog {
  private let path: String
  private let file: Int32

  /// Opens the log; lines after `step` and a line cut short by a kill are dropped.
  public init(_ path: String, keepingThrough step: Int) throws {
    self.path = path
    if FileManager.default.fileExists(atPath: path) {
      let kept = try Self.records(path).filter { $0.step <= step }
      let text = kept.map { $0.line + "\n" }.joined()
      try AtomicFile.write(Array(text.utf8), to: path)
    }
    file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard file >= 0 else {
      throw FileError(path, "cannot open the file: \(String(cString: strerror(errno)))")
    }
  }

  deinit { close(file) }

  /// Appends one line.
  public func append(_ record: LogRecord) throws {
    let line = Array((record.json + "\n").utf8)
    guard write(file, line, line.count) == line.count else {
      throw FileError(path, "cannot write the file: \(String(cString: strerror(errno)))")
    }
  }

  /// The complete lines of a log with their steps and numbers, in order.
  public static func records(
    _ path: String
  ) throws -> [(line: String, kind: String, step: Int, values: [String: Double])] {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw FileError(path, "cannot read the file: \((error as NSError).localizedDescription)")
    }
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: true)
    let endsClean = data.last == UInt8(ascii: "\n")
    return (endsClean ? lines[...] : lines.dropLast()).compactMap { line in
      guard
        let object = (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any],
        let kind = object["kind"] as? String, let step = object["step"] as? Int
      else { return nil }
      return (String(line), kind, step, object.compactMapValues { $0 as? Double })
    }
  }
}
