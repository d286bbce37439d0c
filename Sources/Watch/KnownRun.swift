import Configuration
import Foundation
import Generative
import Runs
import Training

/// What is known of a run: files are read again only when they have changed.
struct KnownRun {
  private let name: String
  private let title: String
  private let run: RunDirectory
  private let root: RunRoot

  private var settings = Kept<[String: String]>()
  private var progress = Kept<TrainingProgress>()
  private var failure = Kept<String>()
  private var stages = Kept<[PipelineRecord.Entry]>()
  private var log = Kept<LogEnd>()

  init?(_ name: String, in root: RunRoot) {
    guard let run = root.run(name) else { return nil }
    (self.name, self.run, self.root) = (name, run, root)
    title = name.isEmpty ? root.title : name
  }

  /// A value of a file, as long as the file stays as it was.
  private struct Kept<Value> {
    private var stamp: FileStamp?
    private var value: Value?

    mutating func of(_ path: String, in root: RunRoot, read: (String) throws -> Value?) -> Value? {
      guard let file = root.file(path), let now = FileStamp(file) else {
        (stamp, value) = (nil, nil)
        return nil
      }
      if now != stamp {
        // A file that is written just now, or is damaged, tells nothing until it changes.
        do { value = try read(file) } catch { value = nil }
        stamp = now
      }
      return value
    }
  }

  /// The newest lines of a log.
  struct LogEnd {
    var train: MetricsLog.Entry?
    var validation: MetricsLog.Entry?
    /// Seconds between the last two lines about training.
    var pace: Double?

    /// Bytes in which they are looked for.
    private static let length: UInt64 = 1 << 14

    init(_ path: String) throws {
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { file.closeFile() }
      let size = try file.seekToEnd()
      let start = size > Self.length ? size - Self.length : 0
      try file.seek(toOffset: start)
      let text = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
      var lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      // The first of them may have lost its beginning.
      if start > 0 { lines = lines.dropFirst() }
      for line in lines {
        guard let entry = Self.entry(line, path) else { continue }
        switch entry.kind {
        case .train:
          if let before = train?.values["training_seconds"], let now = entry.values["training_seconds"] {
            pace = now - before
          }
          train = entry
        case .validation: validation = entry
        case .evaluation: break
        }
      }
    }

    private static func entry(_ line: Substring, _ path: String) -> MetricsLog.Entry? {
      do { return try MetricsLog.entry(String(line), number: 0, path) } catch { return nil }
    }
  }

  /// The settings by their paths; none of a configuration that cannot be read.
  mutating func values() -> [String: String] {
    settings.of(run.configuration, in: root) { try SettingsDocument(file: $0).values } ?? [:]
  }

  /// How the run stands now.
  mutating func row(at now: Date) -> RunRow {
    let values = values()
    let end = log.of(run.metrics, in: root) { try LogEnd($0) }
    let evidence = evidence(values, end, at: now)
    let (state, reason) = evidence.state
    let step = max(end?.train?.step ?? 0, evidence.progress?.step ?? 0)
    let epoch = end?.train?.epoch
    let share =
      evidence.totalSteps.map { Double(step) / Double(max(1, $0)) }
      ?? evidence.epochs.flatMap { epochs in epoch.map { $0 / Double(max(1, epochs)) } }
    return RunRow(
      run: name, name: title, model: values["model"] ?? values["target"] ?? "", data: values["data.name"] ?? "",
      state: state, reason: reason, step: end == nil && evidence.progress == nil ? nil : step,
      steps: evidence.totalSteps, epoch: epoch, epochs: evidence.epochs, done: share.map { min(1, max(0, $0)) },
      newest: Self.reading(end), warning: end?.train?.warning, changed: lastChange?.timeIntervalSince1970 ?? 0)
  }

  private mutating func evidence(_ values: [String: String], _ end: LogEnd?, at now: Date) -> RunEvidence {
    var evidence = RunEvidence()
    evidence.isHeld = run.isHeld
    evidence.failure = failure.of(run.failure, in: root) { path in
      try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").first.map(String.init)
    }
    evidence.progress = progress.of(run.checkpoint(.last), in: root) { try TrainingProgress(ofCheckpoint: $0) }
    evidence.steps = values["training.steps"].flatMap { Int($0) }
    evidence.epochs = values["training.epochs"].flatMap { Int($0) }
    evidence.patience = values["training.patience"].flatMap { Int($0) }
    evidence.loggedStep = end?.train?.step
    evidence.pace = end?.pace
    evidence.idle = lastChange.map { now.timeIntervalSince($0) }
    let run = run
    evidence.stages = stages.of(PipelineRecord.file(in: run), in: root) { _ in try PipelineRecord(in: run).stages }
    evidence.inference = (
      isIt: values["model"] == nil && values["target"] != nil, isDone: root.file(run.path + "/result.json") != nil
    )
    evidence.hasReport = root.file(run.report) != nil
    return evidence
  }

  /// When the run last wrote a file that it writes while it goes on.
  private var lastChange: Date? {
    [run.metrics, run.checkpoint(.last), run.configuration].compactMap { FileStamp($0)?.changed }.max()
  }

  private static func reading(_ end: LogEnd?) -> RunRow.Reading? {
    guard let end else { return nil }
    // A model's own loss says more of it than that of its critic.
    let losses = end.train?.values.filter { LogKey.isLoss($0.key) }.sorted { $0.key < $1.key } ?? []
    let train = losses.first { !$0.key.hasPrefix("critic") } ?? losses.first
    let score = end.validation.flatMap { entry in LogKey.score(entry.values).map { ($0, entry.values[$0] ?? .nan) } }
    guard let (key, value) = score.map({ (key: $0.0, value: $0.1) }) ?? train else { return nil }
    let (name, unit) = LossUnit.parts(of: key)
    return .init(
      name: (score == nil ? "" : "validation ") + name.replacing("_", with: " "), value: value,
      unit: unit == .none ? "" : unit.rawValue)
  }
}

/// What tells that a file has changed.
struct FileStamp: Equatable {
  private let file: UInt64
  private let size: Int64
  private let seconds: Int
  private let nanoseconds: Int

  /// The stamp of a file; nil if there is none.
  init?(_ path: String) {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    #if canImport(Darwin)
      let time = info.st_mtimespec
    #else
      let time = info.st_mtim
    #endif
    (file, size) = (UInt64(info.st_ino), Int64(info.st_size))
    (seconds, nanoseconds) = (Int(time.tv_sec), Int(time.tv_nsec))
  }

  /// When it was last written.
  var changed: Date { Date(timeIntervalSince1970: Double(seconds) + Double(nanoseconds) / 1e9) }
}
