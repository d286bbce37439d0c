import Foundation
import Torch

/// A file that is being downloaded: bytes are appended, and stay for the next attempt if this one breaks off.
///
/// It is locked, so that two processes never write to the same one; the lock ends with its holder.
final class PartialFile {
  let path: String
  /// How many bytes there are.
  private(set) var count: Int
  private let descriptor: Int32
  private let isKept: Bool
  private var isFinished = false

  /// Opens what an earlier attempt has left, or a new file.
  ///
  /// - Parameter isKept: whether what is here at the end stays for a later attempt.
  init(path: String, isKept: Bool = true) throws(DatasetError) {
    try makeDirectory(parentDirectory(of: path))
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw .unreadable(file: path, reason: systemError()) }
    var (opened, named) = (stat(), stat())
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &opened) == 0,
      // Its last holder may have removed it between our opening and our locking.
      stat(path, &named) == 0, opened.st_ino == named.st_ino, opened.st_mode & S_IFMT == S_IFREG
    else {
      close(descriptor)
      throw .unreadable(file: path, reason: "in use by another process")
    }
    self.path = path
    self.isKept = isKept
    self.descriptor = descriptor
    count = Int(lseek(descriptor, 0, SEEK_END))
  }

  /// Gives the file free; a session that still knows it must not hold it.
  func finish() {
    guard !isFinished else { return }
    isFinished = true
    if count == 0 || !isKept { unlink(path) }
    close(descriptor)
  }

  deinit { finish() }

  func append(_ bytes: Data) throws(DatasetError) {
    var failure: String?
    bytes.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count, failure == nil {
        let wrote = write(descriptor, bytes.baseAddress! + done, bytes.count - done)
        if wrote > 0 { done += wrote } else if errno != EINTR { failure = systemError() }
      }
      count += done
    }
    if let failure { throw .unreadable(file: path, reason: failure) }
  }

  /// Takes everything out.
  func clear() throws(DatasetError) {
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw .unreadable(file: path, reason: systemError())
    }
    count = 0
  }
}
