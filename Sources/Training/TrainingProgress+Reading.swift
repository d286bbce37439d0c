import Foundation
import Torch

extension TrainingProgress {
  /// The longest header of a checkpoint that is read for its manifest alone.
  private static let longestHeader = 1 << 26

  /// Reads the manifest of a checkpoint, and none of its tensors.
  public init(ofCheckpoint path: String) throws(FileError) {
    try AtomicFile.checkReadable(path)
    self = try Self.manifest(Self.header(path), path)
  }

  /// The JSON in front of the tensors.
  private static func header(_ path: String) throws(FileError) -> Data {
    let prefixLength = 8
    do {
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { file.closeFile() }
      let prefix = try file.read(upToCount: prefixLength) ?? Data()
      let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      if prefix.count == prefixLength, length <= longestHeader,
        let header = try file.read(upToCount: Int(length)), header.count == Int(length)
      {
        return header
      }
    } catch {
      throw FileError(path, "cannot read the file: \((error as NSError).localizedDescription)")
    }
    throw FileError(path, "expected a checkpoint, got a file without a header")
  }

  private static func manifest(_ header: Data, _ path: String) throws(FileError) -> TrainingProgress {
    struct Header: Decodable {
      let metadata: [String: String]
      enum CodingKeys: String, CodingKey { case metadata = "__metadata__" }
    }
    do {
      let text = try JSONDecoder().decode(Header.self, from: header).metadata["progress"] ?? ""
      let progress = try JSONDecoder().decode(TrainingProgress.self, from: Data(text.utf8))
      if progress.isPossible { return progress }
    } catch {
      throw FileError(path, "expected a checkpoint with a progress manifest, got another header")
    }
    throw FileError(path, "expected progress with counts of at least 0 and finite numbers")
  }
}
