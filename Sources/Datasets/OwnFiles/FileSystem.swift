import Foundation
import Torch

#if canImport(CryptoKit)
  import CryptoKit
#else
  import COpenSSL
#endif

/// Reads a whole regular file.
///
/// - Parameters:
///   - place: what the operating system is asked for, where `path` only shows it.
///   - limit: the most bytes it may have; memory beyond it is never taken.
func readFile(_ path: String, at place: [CChar]? = nil, limit: Int = 1 << 36) throws(DatasetError) -> [UInt8] {
  // A named pipe must not make us wait.
  let flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC
  let descriptor = place.map { open($0, flags) } ?? open(path, flags)
  guard descriptor >= 0 else { throw .unreadable(file: path, reason: systemError()) }
  defer { close(descriptor) }
  let size = try regularSize(descriptor, path)
  guard size <= limit else {
    throw .malformed(
      file: path, place: "size", expected: "at most \(limit) bytes", got: "\(size)")
  }
  try checkMemory(size, for: "'\(path)'")
  return try readBytes(descriptor, size, path)
}

/// Refuses to take memory that there is not; an array would end the process.
func checkMemory(_ count: Int, for subject: String) throws(DatasetError) {
  guard let room = malloc(max(count, 1)) else {
    throw .invalid(subject: subject, expected: "memory for \(count) bytes", got: "less")
  }
  free(room)
}

private func regularSize(_ descriptor: Int32, _ path: String) throws(DatasetError) -> Int {
  var status = stat()
  guard fstat(descriptor, &status) == 0 else {
    throw .unreadable(file: path, reason: systemError())
  }
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw .unreadable(file: path, reason: "expected a regular file")
  }
  return Int(status.st_size)
}

private func readBytes(_ descriptor: Int32, _ size: Int, _ path: String) throws(DatasetError) -> [UInt8] {
  var failure: String?
  let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
    while count < size {
      let got = read(descriptor, buffer.baseAddress! + count, size - count)
      if got < 0 && errno == EINTR { continue }
      if got < 0 { failure = systemError() }
      if got <= 0 { break }
      count += got
    }
  }
  if let failure { throw .unreadable(file: path, reason: failure) }
  guard bytes.count == size else {
    throw .malformed(file: path, place: "size", expected: "\(size) bytes", got: "\(bytes.count)")
  }
  return bytes
}

/// The first bytes of a regular file, and how many it has in all.
func readHead(_ path: String, count: Int) throws(DatasetError) -> (head: [UInt8], total: Int) {
  let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
  guard descriptor >= 0 else { throw .unreadable(file: path, reason: systemError()) }
  defer { close(descriptor) }
  let total = try regularSize(descriptor, path)
  return (try readBytes(descriptor, min(count, total), path), total)
}

/// Whether a path leads to a folder.
func isFolder(_ path: String) -> Bool {
  var isDirectory: ObjCBool = false
  return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    && isDirectory.boolValue
}

/// Writes a file so that a reader sees the old one or the whole new one, and its directory with it.
func writeFileAtomically(_ bytes: [UInt8], to path: String) throws(DatasetError) {
  let directory = parentDirectory(of: path)
  if !directory.isEmpty { try makeDirectory(directory) }
  do throws(FileError) {
    try AtomicFile.write(bytes, to: path)
  } catch {
    throw .unreadable(file: path, reason: error.problem)
  }
}

/// Makes a directory and those above it.
func makeDirectory(_ path: String) throws(DatasetError) {
  do {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  } catch {
    throw .unreadable(
      file: path, reason: "cannot make the directory: \(error.localizedDescription)")
  }
}

/// The SHA-256 of a file's bytes in hexadecimal digits.
public func fileHash(_ path: String) throws(DatasetError) -> String { sha256(try readFile(path)) }

/// The SHA-256 of bytes in hexadecimal digits.
public func sha256(_ bytes: [UInt8]) -> String {
  #if canImport(CryptoKit)
    return SHA256.hash(data: bytes).map { hex($0) }.joined()
  #else
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    SHA256(bytes, bytes.count, &digest)
    return digest.map { hex($0) }.joined()
  #endif
}

/// What the last failed system call said.
func systemError() -> String { String(cString: strerror(errno)) }
