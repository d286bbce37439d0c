import Foundation
import Generative
import Training

/// Shows training on standard error: a bar with rate, terms and time left on a terminal, plain lines elsewhere.
final class ProgressBar: TrainingObserver {
  private let isTerminal: Bool
  private let isSilent: Bool
  private var started = Date()
  private var firstStep: Int?
  private var drawn = Date.distantPast
  private var terms = ""
  private var hasWarned = false
  private var step = 0
  private var total = 0

  /// Seconds between two drawings of the bar.
  private static let interval = 0.1
  /// Seconds between two lines where there is no terminal.
  private static let lineInterval = 5.0
  private static let barWidth = 20

  /// - Parameter isSilent: shows nothing at all.
  init(isSilent: Bool = false) {
    isTerminal = isatty(STDERR_FILENO) == 1
    self.isSilent = isSilent
  }

  func completed(step: Int, of total: Int) {
    // A run may try several values one after the other.
    if firstStep == nil || step < self.step {
      // From here on, as the first step also makes the memory and the threads.
      firstStep = step
      started = Date()
    }
    self.step = step
    self.total = total
    guard isTerminal, !isSilent else { return }
    let now = Date()
    guard now.timeIntervalSince(drawn) > Self.interval || step == total else { return }
    drawn = now
    write("\r\u{1B}[K" + line(at: now))
  }

  func logged(_ record: LogRecord) {
    switch record.kind {
    case .train:
      terms = record.values.prefix { !$0.key.hasSuffix("gradient_norm") && $0.key != "training_seconds" }
        .map { "\(Self.short($0.key)) \(String(format: "%.2f", $0.value))" }.joined(separator: "  ")
      warn(of: record)
      let now = Date()
      guard !isTerminal, !isSilent,
        now.timeIntervalSince(drawn) > Self.lineInterval || record.step == total
      else { return }
      drawn = now
      write(line(at: now) + "\n")
    case .validation, .evaluation:
      guard !isSilent, let (key, value) = record.values.first else { return }
      let (name, unit) = LossUnit.parts(of: key)
      let text =
        "epoch \(String(format: "%.4g", record.epoch ?? 0)), step \(record.step): "
        + "\(record.kind.rawValue) \(name.replacing("_", with: " ")) \(String(format: "%.2f", value))"
        + (unit == .none ? "" : " \(unit.rawValue)")
      write((isTerminal ? "\r\u{1B}[K" : "") + text + "\n")
    }
  }

  /// Says once that a critic is saturated; the log has it line by line.
  private func warn(of record: LogRecord) {
    guard !hasWarned, let warning = Alarms.warning(record.values, step: record.step) else { return }
    hasWarned = true
    write((isTerminal && !isSilent ? "\r\u{1B}[K" : "") + warning + "\n")
  }

  /// `████░░░░`, filled by a fraction of its width.
  static func bar(_ fraction: Double) -> String {
    let filled = Int(max(0, min(1, fraction)) * Double(barWidth))
    return String(repeating: "█", count: filled) + String(repeating: "░", count: barWidth - filled)
  }

  private static func short(_ key: String) -> String { LossUnit.parts(of: key).name }

  private func line(at now: Date) -> String {
    let done = Double(step - (firstStep ?? 0))
    let rate = done > 0 ? done / max(now.timeIntervalSince(started), 1e-9) : nil
    let fraction = Double(step) / Double(max(total, 1))
    let bar = isTerminal ? Self.bar(fraction) + " " : ""
    let head = "\(bar)\(Int(fraction * 100))% \(step)/\(total) " + pace(rate)
    let text = terms.isEmpty ? head : head + "  " + terms
    return isTerminal ? String(text.prefix(Self.columns - 1)) : text
  }

  /// Rounds a second and the time left, once there is something to tell by.
  private func pace(_ rate: Double?) -> String {
    rate.map { "\(Self.rate($0)) \(Self.time(Double(total - step) / $0)) left" } ?? "starting"
  }

  private static func rate(_ rate: Double) -> String { String(format: rate < 10 ? "%.1f/s" : "%.0f/s", rate) }

  private static func time(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 359_999).rounded())
    return whole >= 3600
      ? String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
      : String(format: "%d:%02d", whole / 60, whole % 60)
  }

  private static var columns: Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  /// Wipes the bar's line.
  func finish() {
    if isTerminal, !isSilent, total > 0 { write("\r\u{1B}[K") }
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

/// A message for people, on standard error, so that results on standard output stay clean.
func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
