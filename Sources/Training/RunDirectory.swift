import Foundation
import Torch

/// Where a run keeps everything it makes: one self-contained directory.
public struct RunDirectory: Sendable {
  /// The directory, as the user named it.
  public let path: String

  /// The run in a directory, which need not exist yet.
  public init(_ path: String) { self.path = path }

  /// The complete configuration.
  public var configuration: String { path + "/config.yaml" }
  /// What the run knows of its data.
  public var facts: String { path + "/facts.json" }
  /// Statistics of the training pixels, where the model sees them scaled by such.
  public var scaling: String { path + "/scaling.safetensors" }
  /// One JSON object a line.
  public var metrics: String { path + "/metrics.jsonl" }
  /// The report for people.
  public var report: String { path + "/report.html" }
  /// Pictures and curves.
  public var figures: String { path + "/figures" }
  /// TensorBoard's event files.
  public var events: String { path + "/events" }
  /// What the last training in it failed with; there is no such file otherwise.
  public var failure: String { path + "/failure.txt" }

  /// The file of a checkpoint: `last`, `best` or a step.
  public func checkpoint(_ name: CheckpointName) -> String {
    path + "/checkpoints/" + name.fileName
  }

  /// Whether a run has been started here.
  public var exists: Bool { FileManager.default.fileExists(atPath: configuration) }

  /// Whether the run has come to a checkpoint yet.
  public var hasCheckpoints: Bool {
    [.last, .best].map(checkpoint).contains(where: FileManager.default.fileExists)
  }

  /// Makes the directory, unless somebody else has: who gets true has it to himself.
  public func claim() throws -> Bool {
    let parent = parentDirectory(of: path)
    if !parent.isEmpty { try Self.make(parent) }
    if mkdir(path, 0o755) == 0 { return true }
    guard errno == EEXIST else {
      throw FileError(path, "cannot make the directory: \(String(cString: strerror(errno)))")
    }
    return false
  }

  /// Makes the directories of a new run, keeps other trainers out, and writes its configuration.
  ///
  /// - Returns: what keeps them out for as long as it is held.
  @discardableResult
  public func create(configuration text: String) throws -> RunLock {
    if exists { throw TrainingError.exists(path) }
    for directory in [path, path + "/checkpoints", figures, events] { try Self.make(directory) }
    let lock = try lock()
    // Once more: another trainer may have begun between the first look and the lock.
    if exists { throw TrainingError.exists(path) }
    try AtomicFile.write(Array(text.utf8), to: configuration)
    return lock
  }

  /// Makes a directory and those above it. Foundation's own does not tell the system's reason.
  private static func make(_ directory: String) throws(FileError) {
    let parent = parentDirectory(of: directory)
    if !parent.isEmpty, !FileManager.default.fileExists(atPath: parent) { try make(parent) }
    guard mkdir(directory, 0o755) == 0 || errno == EEXIST else {
      throw FileError(directory, "cannot make the directory: \(String(cString: strerror(errno)))")
    }
  }

  /// Deletes what writes left that a kill has cut off; for who holds the lock, as others' writes may be under way else.
  public func removeCutOffWrites() {
    guard let files = FileManager.default.enumerator(atPath: path) else { return }
    for case let name as String in files where name.hasSuffix(".partial") { unlink(path + "/" + name) }
  }

  /// Keeps other trainers out until the returned lock is released or the process ends, however it ends.
  public func lock() throws -> RunLock { try RunLock(path) }

  /// Whether a trainer has the run in its hands now.
  ///
  /// The look itself holds the lock, shared, for microseconds; a trainer that comes just then tries again.
  public var isHeld: Bool {
    let file = open(path + "/.lock", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    guard flock(file, LOCK_SH | LOCK_NB) == 0 else { return errno == EWOULDBLOCK }
    flock(file, LOCK_UN)
    return false
  }
}

/// An exclusive hold on a run directory, kept by the operating system.
public final class RunLock {
  private let file: Int32

  /// How often, and how many microseconds apart, the lock is asked for: a look whether it is held takes it for less.
  private static let (attempts, pause) = (5, UInt32(2000))

  fileprivate init(_ path: String) throws {
    file = open(path + "/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard file >= 0 else {
      throw FileError(path + "/.lock", "cannot open the file: \(String(cString: strerror(errno)))")
    }
    var attempt = 1
    while flock(file, LOCK_EX | LOCK_NB) != 0 {
      guard attempt < Self.attempts else {
        close(file)
        throw TrainingError.locked(path)
      }
      attempt += 1
      usleep(Self.pause)
    }
  }

  deinit {
    // A child process has the same open file until it runs another program; closing alone would leave it the lock.
    flock(file, LOCK_UN)
    close(file)
  }
}

/// Which of a run's checkpoints.
public enum CheckpointName: Equatable, Sendable {
  /// The newest one; a resumed run goes on from it.
  case last
  /// The one with the best validation bound.
  case best
  /// One that was kept at a step.
  case step(Int)

  var fileName: String {
    switch self {
    case .last: "last.safetensors"
    case .best: "best.safetensors"
    case .step(let step): "step-\(step).safetensors"
    }
  }
}

/// A run and one of its checkpoints, written `RUN`, `RUN@best`, `RUN@last` or `RUN@STEP`.
public struct RunReference: Equatable, Sendable {
  /// The directory.
  public let path: String
  /// The checkpoint; nil leaves the choice to the reader: the best one, else the last.
  public let checkpoint: CheckpointName?

  /// A checkpoint of the run in a directory, whatever its name.
  public init(_ run: RunDirectory, _ checkpoint: CheckpointName? = nil) {
    path = run.path
    self.checkpoint = checkpoint
  }

  /// Reads a reference; nothing after an `@` but `best`, `last` or a step is taken for a checkpoint, and an `@` in the
  /// name of a run that is there for nothing but a letter of it.
  public init(_ text: String) throws {
    guard let at = text.lastIndex(of: "@"), !text[at...].contains("/"), !RunDirectory(text).exists else {
      path = text
      checkpoint = nil
      return
    }
    path = String(text[..<at])
    switch text[text.index(after: at)...] {
    case "best": checkpoint = .best
    case "last": checkpoint = .last
    case let name:
      guard let step = Int(name), step >= 0 else {
        guard RunDirectory(path).exists else { throw TrainingError.missing(text, "no run here (no config.yaml)") }
        throw TrainingError.missing(
          path, "expected a checkpoint 'best', 'last' or a step after '@', got '\(name)'")
      }
      checkpoint = .step(step)
    }
  }

  /// The checkpoint's file, which must exist.
  public func file() throws -> String {
    let run = RunDirectory(path)
    guard run.exists else { throw TrainingError.missing(path, "no run here (no config.yaml)") }
    let wanted = checkpoint.map { [$0] } ?? [.best, .last]
    let files = wanted.map(run.checkpoint)
    guard let file = files.first(where: FileManager.default.fileExists) else {
      throw TrainingError.missing(path, "no checkpoint '\(wanted[0].fileName)'\(Self.others(path))")
    }
    return file
  }

  private static func others(_ path: String) -> String {
    let names =
      FileManager.default.enumerator(atPath: path + "/checkpoints")?
      .compactMap { $0 as? String }.filter { $0.hasSuffix(".safetensors") }.sorted() ?? []
    return names.isEmpty ? "; none has been written yet" : " (there are \(names.joined(separator: ", ")))"
  }
}

extension RunDirectory {
  /// Itself, if a run has been started here.
  public func existing() throws -> RunDirectory {
    guard exists else { throw TrainingError.missing(path, "no run here (no config.yaml)") }
    return self
  }
}
