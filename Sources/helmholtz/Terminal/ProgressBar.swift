import Foundation
import Generative
import Training

/// Shows training on standard error: a bar with rate, terms and time left on a terminal, plain lines elsewhere.
final class ProgressBar: TrainingObserver {
  private let lines: ProgressLines
  /// What it is the training of, where several are shown.
  private let name: String?
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

  /// - Parameters:
  ///   - isSilent: shows nothing at all.
  ///   - name: what it is the training of, where several are shown at once.
  ///   - lines: where they are shown together.
  init(isSilent: Bool = false, name: String? = nil, in lines: ProgressLines = ProgressLines()) {
    isTerminal = lines.isTerminal
    self.isSilent = isSilent
    self.name = name
    self.lines = lines
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
    lines.show(line(at: now), of: name ?? "")
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
      lines.say(line(at: now))
    case .validation, .evaluation:
      guard !isSilent, let (key, value) = record.values.first else { return }
      let (name, unit) = LossUnit.parts(of: key)
      let text =
        head + "epoch \(String(format: "%.4g", record.epoch ?? 0)), step \(record.step): "
        + "\(record.kind.rawValue) \(name.replacing("_", with: " ")) \(String(format: "%.2f", value))"
        + (unit == .none ? "" : " \(unit.rawValue)")
      lines.say(text)
    }
  }

  /// Says once that a critic is saturated; the log has it line by line.
  private func warn(of record: LogRecord) {
    guard !hasWarned, let warning = Alarms.warning(record.values, step: record.step) else { return }
    hasWarned = true
    lines.say(head + warning)
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
    let progress = "\(head)\(bar)\(Int(fraction * 100))% \(step)/\(total) " + pace(rate)
    let text = terms.isEmpty ? progress : progress + "  " + terms
    return isTerminal ? String(text.prefix(Self.columns - 1)) : text
  }

  /// The name in front of a line.
  private var head: String { name.map { $0 + ": " } ?? "" }

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
  func finish() { lines.finish() }
}

/// The lines at the bottom of a terminal that change, one for each training, on standard error.
final class ProgressLines: @unchecked Sendable {
  /// Whether standard error is a terminal; elsewhere nothing changes in place.
  let isTerminal = isatty(STDERR_FILENO) == 1
  // Every access to the two below holds the lock: trainings that run side by side share the terminal.
  private let lock = NSLock()
  private var shown: [(name: String, text: String)] = []
  private var rows = 0

  /// Changes the line of a training.
  func show(_ text: String, of name: String) {
    lock.withLock {
      if let index = shown.firstIndex(where: { $0.name == name }) {
        shown[index].text = text
      } else {
        shown.append((name, text))
      }
      draw()
    }
  }

  /// Writes a line that stays, above those that change.
  func say(_ text: String) {
    lock.withLock {
      wipe()
      Self.write(text + "\n")
      draw()
    }
  }

  /// Wipes all lines that change.
  func finish() {
    lock.withLock {
      wipe()
      shown = []
    }
  }

  /// Writes all lines anew, over those that are there.
  private func draw() {
    guard !shown.isEmpty else { return }
    wipe()
    Self.write(shown.map(\.text).joined(separator: "\n"))
    rows = shown.count
  }

  /// Wipes the lines, and stands where the first of them was.
  private func wipe() {
    guard rows > 0 else { return }
    Self.write("\r" + (rows > 1 ? "\u{1B}[\(rows - 1)A" : "") + "\u{1B}[J")
    rows = 0
  }

  private static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

/// A message for people, on standard error, so that results on standard output stay clean.
func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
