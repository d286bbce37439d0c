import Foundation
import Torch
import Training

/// The end of a run's log, read again and again while the run writes it: each call tells only what is new.
///
/// A line that is cut short is left for the next time; one that says nothing is named and passed over. A run that goes
/// on from a checkpoint writes its log anew, and so it is read anew.
public struct LogTail: Sendable {
  /// How far a log has been read: the file, and the byte in it.
  public struct Place: Equatable, Sendable, CustomStringConvertible {
    let file: UInt64
    let offset: UInt64

    /// The same as `file.offset`.
    public var description: String { "\(file).\(offset)" }

    init(file: UInt64, offset: UInt64) { (self.file, self.offset) = (file, offset) }

    /// Reads `file.offset`; nil for anything else.
    public init?(_ text: some StringProtocol) {
      let parts = text.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 2, let file = UInt64(parts[0]), let offset = UInt64(parts[1]) else { return nil }
      (self.file, self.offset) = (file, offset)
    }
  }

  /// What a call has found.
  public struct News: Sendable {
    /// Whether the log is another one than before: what was told earlier no longer holds.
    public let isNew: Bool
    /// Lines, each with the place behind it.
    public let entries: [(entry: MetricsLog.Entry, end: UInt64)]
  }

  /// How far the log has been read; nil as long as there is none.
  public private(set) var place: Place?
  /// The first line that said nothing, in a sentence.
  public private(set) var problem: String?
  private let path: String
  private let root: RunRoot

  /// Bytes that are read in one call, and the longest line that is waited for.
  private static let (mostBytes, longestLine) = (1 << 24, 1 << 20)

  /// The log at a path in a directory of runs, which need not be there yet.
  public init(_ path: String, in root: RunRoot) { (self.path, self.root) = (path, root) }

  /// Reads what has been written since the last call.
  public mutating func read() -> News {
    let nothing = News(isNew: false, entries: [])
    guard root.file(path) != nil, let handle = FileHandle(forReadingAtPath: path) else { return nothing }
    defer { handle.closeFile() }
    var info = stat()
    guard fstat(handle.fileDescriptor, &info) == 0 else { return nothing }
    let (file, size) = (UInt64(info.st_ino), UInt64(max(0, info.st_size)))
    let isNew = place.map { $0.file != file || $0.offset > size } ?? true
    if isNew { problem = nil }
    let start = isNew ? 0 : place?.offset ?? 0
    place = Place(file: file, offset: start)
    guard size > start, let data = Self.bytes(handle, from: start) else { return News(isNew: isNew, entries: []) }
    let (entries, end) = lines(data, from: start)
    place = Place(file: file, offset: end)
    return News(isNew: isNew, entries: entries)
  }

  private static func bytes(_ handle: FileHandle, from start: UInt64) -> Data? {
    do {
      try handle.seek(toOffset: start)
      return try handle.read(upToCount: mostBytes)
    } catch { return nil }
  }

  /// The whole lines of some bytes, and the place behind them.
  private mutating func lines(
    _ data: Data, from start: UInt64
  ) -> (entries: [(entry: MetricsLog.Entry, end: UInt64)], end: UInt64) {
    let newline = UInt8(ascii: "\n")
    guard let last = data.lastIndex(of: newline) else {
      guard data.count > Self.longestLine else { return ([], start) }
      note(start, "a line of more than \(Self.longestLine) bytes")
      return ([], start + UInt64(data.count))
    }
    var place = start
    let entries = data[...last].split(separator: newline, omittingEmptySubsequences: false).dropLast().compactMap {
      bytes -> (entry: MetricsLog.Entry, end: UInt64)? in
      let begin = place
      place += UInt64(bytes.count) + 1
      guard !bytes.isEmpty else { return nil }
      do throws(FileError) {
        return (try MetricsLog.entry(String(decoding: bytes, as: UTF8.self), number: 0, path), place)
      } catch {
        note(begin, "'\(String(decoding: bytes.prefix(40), as: UTF8.self))'")
        return nil
      }
    }
    return (entries, place)
  }

  private mutating func note(_ byte: UInt64, _ found: String) {
    problem = problem ?? "metrics.jsonl: expected a line of the log at byte \(byte), got \(found)"
  }
}
