import Foundation

/// Files that appear whole or not at all.
enum AtomicFile {
  /// Writes the bytes beside the file, syncs them to the disk, and renames them into place.
  ///
  /// A reader, or a run killed at any instant, sees the old file or the new one.
  static func write(_ bytes: some Collection<UInt8>, to file: URL) throws(FigureFileError) {
    let path = file.path
    let temporary = "\(path).\(ProcessInfo.processInfo.processIdentifier).partial"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard descriptor >= 0 else { throw .failed("create", path: path) }
    do throws(FigureFileError) {
      try write(Array(bytes), to: descriptor, path: path)
      guard fsync(descriptor) == 0 else { throw .failed("sync", path: path) }
    } catch {
      close(descriptor)
      unlink(temporary)
      throw error
    }
    guard close(descriptor) == 0, rename(temporary, path) == 0 else {
      let error = FigureFileError.failed("rename", path: path)
      unlink(temporary)
      throw error
    }
  }

  /// Writes all the bytes to an open file, however many calls that takes.
  static func write(
    _ bytes: [UInt8], to descriptor: Int32, path: String
  ) throws(FigureFileError) {
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw .failed("write", path: path)
      }
      written += count
    }
  }
}

/// A file of a figure, a report or events that the system would not write.
public struct FigureFileError: Error, Equatable, CustomStringConvertible {
  /// What was tried: `create`, `write`, `sync` or `rename`.
  public let operation: String
  /// The file.
  public let path: String
  /// The system's reason.
  public let reason: String

  /// The error that the last system call has left behind.
  static func failed(_ operation: String, path: String) -> FigureFileError {
    FigureFileError(operation: operation, path: path, reason: String(cString: strerror(errno)))
  }

  /// What was expected, what came, and of which file.
  public var description: String {
    "file '\(path)': expected to \(operation) it, got '\(reason)'"
  }
}
