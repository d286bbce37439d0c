import Foundation
import Torch

/// The values of an evaluation's finished batches, on disk, so that one that was killed goes on where it was.
public final class PartialValues {
  private struct Content: Codable {
    /// All that the values depend on.
    let key: String
    var batches: [Int: [Double]] = [:]
  }

  private let path: String
  private var content: Content

  /// Opens what an evaluation with this key has left behind, or begins anew.
  ///
  /// - Parameter key: all that the values depend on. A file of another key is not touched but replaced at the next
  ///   `record`.
  public init(_ path: String, key: String) throws(FileError) {
    self.path = path
    content = Content(key: key)
    guard FileManager.default.fileExists(atPath: path) else { return }
    do {
      let found = try JSONDecoder().decode(Content.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
      if found.key == key { content = found }
    } catch {
      throw FileError(path, "expected the values of finished batches, got something else; remove the file")
    }
  }

  /// How many batches are finished.
  public var count: Int { content.batches.count }

  /// The values of a finished batch.
  public subscript(_ batch: Int) -> [Double]? { content.batches[batch] }

  /// Takes note of a finished batch; the file is written whole or not at all.
  public func record(_ values: [Double], of batch: Int) throws {
    content.batches[batch] = values
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    try AtomicFile.write(Array(encoder.encode(content)), to: path)
  }

  /// Removes the file of an evaluation that has come to its end.
  public func remove() throws {
    if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
  }
}
