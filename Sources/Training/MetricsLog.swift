import Foundation
import Generative
import Torch

/// One line of a run's log.
public struct LogRecord: Sendable, Equatable {
  /// What was measured.
  public enum Kind: String, Sendable {
    /// Averages over the rounds since the last line.
    case train
    /// The bound on the validation set.
    case validation
    /// Metrics of a finished model on one split.
    case evaluation
  }

  /// What the line is about.
  public let kind: Kind
  /// The split that an evaluation is on.
  public let split: String?
  /// Complete rounds.
  public let step: Int
  /// Complete passes over the training set, with fractions; nil of an evaluation.
  public let epoch: Double?
  /// Numbers by key; the key ends in the unit.
  public let values: [(key: String, value: Double)]
  /// What a reader of the numbers must know; nil leaves it to the numbers themselves.
  public let warning: String?

  public init(
    kind: Kind, split: String? = nil, step: Int, epoch: Double? = nil, values: [(key: String, value: Double)],
    warning: String? = nil
  ) {
    self.warning = warning
    self.kind = kind
    self.split = split
    self.step = step
    self.epoch = epoch
    self.values = values
  }

  public static func == (a: LogRecord, b: LogRecord) -> Bool { a.json == b.json }

  /// The record as one JSON object on one line; what numbers say of a critic that is saturated is a `warning` too.
  public var json: String {
    let fields =
      [("\"kind\"", "\"\(kind.rawValue)\"")] + (split.map { [("\"split\"", "\"\($0)\"")] } ?? [])
      + [("\"step\"", "\(step)")] + (epoch.map { [("\"epoch\"", Self.number($0))] } ?? [])
      + values.map { ("\"\($0.key)\"", Self.number($0.value)) }
      + ((warning ?? Alarms.warning(values, step: step)).map { [("\"warning\"", Self.quoted($0))] } ?? [])
    return "{" + fields.map { "\($0): \($1)" }.joined(separator: ", ") + "}"
  }

  /// A warning names classes as the user does.
  private static func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"": "\\\""
      case "\\": "\\\\"
      case _ where scalar.value < 0x20: String(format: "\\u%04x", scalar.value)
      default: String(scalar)
      }
    }
    return "\"\(escaped.joined())\""
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
    var rest = Array((record.json + "\n").utf8)[...]
    while !rest.isEmpty {
      // A disk that fills up takes a part of the line first and gives its reason at the next call.
      let written = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else {
        throw FileError(path, "cannot write the file: \(String(cString: strerror(errno)))")
      }
      rest = rest.dropFirst(written)
    }
  }

  /// A line of a log that was read back.
  public struct Entry: Sendable {
    /// The line itself, without its end.
    public let line: String
    public let kind: LogRecord.Kind
    public let split: String?
    public let step: Int
    /// Complete passes over the training set, with fractions; nil of an evaluation.
    public let epoch: Double?
    /// Every number of the line by its key.
    public let values: [String: Double]
    /// Keys of numbers that were not finite, in alphabetical order.
    public let notFinite: [String]
    /// What a reader of the numbers must know.
    public let warning: String?
  }

  /// The complete lines of a log, in order; one cut short at the end is left out.
  public static func records(_ path: String) throws(FileError) -> [Entry] {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw FileError(path, "cannot read the file: \((error as NSError).localizedDescription)")
    }
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: true)
    let endsClean = data.last == UInt8(ascii: "\n")
    var entries: [Entry] = []
    for (index, line) in (endsClean ? lines[...] : lines.dropLast()).enumerated() {
      entries.append(try entry(String(line), number: index + 1, path))
    }
    return entries
  }

  /// What a line of a log says.
  ///
  /// - Parameters:
  ///   - number: of the line in its file, from 1, for the message of an error.
  ///   - path: of that file.
  public static func entry(_ line: String, number: Int, _ path: String) throws(FileError) -> Entry {
    let object: [String: Any]?
    do {
      object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    } catch {
      throw FileError(path, "line \(number): expected a JSON object, got '\(line.prefix(40))'")
    }
    guard let object, let step = object["step"] as? Int,
      let kind = (object["kind"] as? String).flatMap(LogRecord.Kind.init)
    else {
      throw FileError(path, "line \(number): expected an object with 'kind' and 'step', got '\(line.prefix(40))'")
    }
    return Entry(
      line: line, kind: kind, split: object["split"] as? String, step: step, epoch: object["epoch"] as? Double,
      values: object.compactMapValues { $0 as? Double }, notFinite: object.filter { $0.value is NSNull }.keys.sorted(),
      warning: object["warning"] as? String)
  }
}
