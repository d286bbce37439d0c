import Foundation
import Systems
import Torch
import Training

/// What a pipeline's directory holds: its stages, their order and how far they are, kept in `pipeline.json`.
public struct PipelineRecord: Codable, Equatable, Sendable {
  /// How far a stage is.
  public enum State: String, Codable, Sendable {
    /// It has not begun.
    case waiting
    /// It is at work, or was when the process was killed.
    case training
    /// All its rounds are done, and its report is written.
    case finished
    /// Its validation score has not improved for long enough, and its report is written.
    case stoppedEarly
    /// It was stopped, and can go on.
    case interrupted
    /// It ended with an error, and can go on once the cause is gone.
    case failed

    /// Whether stages that come after it may start.
    public var isOver: Bool { self == .finished || self == .stoppedEarly }
  }

  /// One stage.
  public struct Entry: Codable, Equatable, Sendable {
    /// The name, which is that of the run's directory below the pipeline's.
    public let name: String
    /// The stages that it starts after.
    public let after: [String]
    public internal(set) var state: State
    /// What it failed with.
    public internal(set) var error: String?
  }

  /// The layout of the file.
  public let format: String
  /// Threads that one operation of a stage may use.
  public internal(set) var threads: Int
  /// The stages, in the order they were given.
  public internal(set) var stages: [Entry]

  private static let format = "helmholtz-pipeline-1"

  init(_ stages: [Stage], threads: Int) {
    format = Self.format
    self.threads = threads
    self.stages = stages.map { Entry(name: $0.name, after: $0.after, state: .waiting) }
  }

  /// Whether all stages are over.
  public var isOver: Bool { stages.allSatisfy(\.state.isOver) }

  /// Where the record of a pipeline is kept.
  public static func file(in directory: RunDirectory) -> String { directory.path + "/pipeline.json" }

  /// The record of the pipeline in a directory.
  ///
  /// - Throws: `FileError` if there is none, or if it is none.
  public init(in directory: RunDirectory) throws(FileError) {
    let file = Self.file(in: directory)
    try AtomicFile.checkReadable(file)
    let record: PipelineRecord
    do {
      record = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
    } catch { throw FileError(file, "expected the stages of a pipeline, got something else") }
    guard record.format == Self.format, record.threads >= 1 else {
      throw FileError(
        file, "expected format '\(Self.format)' and at least 1 thread, got '\(record.format)' and \(record.threads)")
    }
    self = record
  }

  func write(in directory: RunDirectory) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(Array(encoder.encode(self)) + Array("\n".utf8), to: Self.file(in: directory))
  }
}
