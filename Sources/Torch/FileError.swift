import Foundation

/// A file that could not be read or written, or is not what it should be.
public struct FileError: Error, Equatable, CustomStringConvertible, Sendable {
  /// The file's path as the user gave it.
  public let path: String
  /// What was expected and what came.
  public let problem: String

  /// - Parameter problem: what was expected and what came.
  public init(_ path: String, _ problem: String) {
    self.path = path
    self.problem = problem
  }

  public var description: String { "\(path): \(problem)" }
}

/// Writes that either happen whole or leave the old file as it was.
public enum AtomicFile {
  /// Writes `chunks` one after another to a temporary file beside `path`, syncs it and renames it over `path`.
  public static func write(_ chunks: [UnsafeRawBufferPointer], to path: String) throws(FileError) {
    let temporary = Self.temporary(of: path)
    let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw failure(path, "open") }
    do throws(FileError) {
      for chunk in chunks { try writeAll(chunk, to: file, path) }
      guard fsync(file) == 0 else { throw failure(path, "sync") }
    } catch {
      close(file)
      unlink(temporary)
      throw error
    }
    guard close(file) == 0 else {
      let error = failure(path, "close")
      unlink(temporary)
      throw error
    }
    guard rename(temporary, path) == 0 else {
      let error = failure(path, "rename")
      unlink(temporary)
      throw error
    }
    syncDirectory(of: path)
  }

  /// The file beside `path` that the calling thread writes first. Two processes, threads or machines may write the same
  /// file; where a thread is in memory is chance, so that even equal processes of two machines have files of their own.
  static func temporary(of path: String) -> String {
    #if os(Linux)
      let thread = UInt(pthread_self())
    #else
      let thread = UInt(bitPattern: pthread_self())
    #endif
    return "\(path).\(getpid())-\(String(thread, radix: 36)).partial"
  }

  /// Writes bytes the same way.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    let result = bytes.withUnsafeBytes { buffer -> Result<Void, FileError> in
      Result { () throws(FileError) in try write([buffer], to: path) }
    }
    try result.get()
  }

  /// Writes all bytes to an open file, however many calls that takes; `path` is for the message.
  public static func writeAll(
    _ bytes: UnsafeRawBufferPointer, to file: Int32, _ path: String
  ) throws(FileError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = Foundation.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw failure(path, "write") }
      rest = rest.dropFirst(written)
    }
  }

  /// Throws with the system's reason if `path` cannot be opened or is not a file of bytes.
  public static func checkReadable(_ path: String) throws(FileError) {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw failure(path, "open") }
    defer { close(file) }
    var byte: UInt8 = 0
    guard read(file, &byte, 1) >= 0 else { throw failure(path, "read") }
  }

  /// Makes the rename itself survive a power cut; a file system that cannot is left to its ways.
  private static func syncDirectory(of path: String) {
    let directory = parentDirectory(of: path)
    let handle = open(directory.isEmpty ? "." : directory, O_RDONLY | O_CLOEXEC)
    if handle >= 0 {
      fsync(handle)
      close(handle)
    }
  }

  private static func failure(_ path: String, _ action: String) -> FileError {
    FileError(path, "cannot \(action) the file: \(String(cString: strerror(errno)))")
  }
}

/// The directory part of a path: `runs` of `runs/vae` and of `runs/vae/`, empty of a bare name.
///
/// Foundation's own, `deletingLastPathComponent`, traps on names of one character.
public func parentDirectory(of path: String) -> String {
  let trimmed = path.count > 1 && path.hasSuffix("/") ? path.dropLast() : path[...]
  guard let slash = trimmed.lastIndex(of: "/") else { return "" }
  return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
}

/// A path that means the same in every working directory.
public func absolutePath(_ path: String) -> String {
  path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
}
