import Crypto
import Foundation

/// Reads a whole regular file.
///
/// - Parameter limit: the most bytes it may have; memory beyond it is never taken.
func readFile(_ path: String, limit: Int = 1 << 36) throws(DatasetError) -> [UInt8] {
  // A named pipe must not make us wait.
  let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
  guard descriptor >= 0 else { throw .unreadable(file: path, reason: systemError()) }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else {
    throw .unreadable(file: path, reason: systemError())
  }
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw .unreadable(file: path, reason: "expected a regular file")
  }
  let size = Int(status.st_size)
  guard size <= limit else {
    throw .malformed(
      file: path, place: "size", expected: "at most \(limit) bytes", got: "\(size)")
  }
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

/// Writes a file so that a reader sees the old one or the whole new one, even after a power cut.
func writeFileAtomically(_ bytes: [UInt8], to path: String) throws(DatasetError) {
  let directory = (path as NSString).deletingLastPathComponent
  try makeDirectory(directory)
  let temporary = path + ".\(getpid()).\(UInt32.random(in: 0 ... .max)).part"
  let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
  guard descriptor >= 0 else { throw .unreadable(file: temporary, reason: systemError()) }
  var failure = bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
  if failure == nil, fsync(descriptor) != 0 { failure = systemError() }
  if close(descriptor) != 0, failure == nil { failure = systemError() }
  if failure == nil, rename(temporary, path) != 0 { failure = systemError() }
  if let failure {
    unlink(temporary)
    throw .unreadable(file: path, reason: failure)
  }
  let parent = open(directory, O_RDONLY | O_CLOEXEC)
  guard parent >= 0 else { throw .unreadable(file: directory, reason: systemError()) }
  defer { close(parent) }
  guard fsync(parent) == 0 else { throw .unreadable(file: directory, reason: systemError()) }
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

/// The SHA-256 of bytes in hexadecimal digits.
func sha256(_ bytes: [UInt8]) -> String {
  SHA256.hash(data: bytes).map { hex($0) }.joined()
}

/// What the last failed system call said.
func systemError() -> String { String(cString: strerror(errno)) }

private func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> String? {
  var done = 0
  while done < bytes.count {
    let wrote = write(descriptor, bytes.baseAddress! + done, bytes.count - done)
    if wrote < 0 && errno == EINTR { continue }
    if wrote < 0 { return systemError() }
    done += wrote
  }
  return nil
}
