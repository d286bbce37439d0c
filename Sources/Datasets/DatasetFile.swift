/// A published file: what its content must be, once decompressed.
public struct DatasetFile: Sendable, Equatable {
  /// The file's name without `.gz`.
  public let name: String
  /// The number of bytes of the decompressed file.
  public let byteCount: Int
  /// The SHA-256 of the decompressed file, in hexadecimal digits.
  public let sha256: String

  /// Describes a published file.
  public init(name: String, byteCount: Int, sha256: String) {
    self.name = name
    self.byteCount = byteCount
    self.sha256 = sha256
  }

  /// The file's content from `bytes`, which may be compressed; refused unless it is the published one.
  ///
  /// - Parameter place: where the bytes came from, for messages.
  func verified(_ bytes: consuming [UInt8], from place: String) throws(DatasetError) -> [UInt8] {
    let content =
      Gzip.isGzip(bytes)
      ? try Gzip.decompress(bytes, file: place, limit: byteCount) : consume bytes
    let found = Datasets.sha256(content)
    guard found == sha256 else {
      throw .checksum(file: place, expected: sha256, got: found)
    }
    return content
  }
}

/// Where the files of one data set may be found.
public struct FileGroup: Sendable, Equatable {
  /// A place away from this machine.
  public enum Remote: Sendable, Equatable {
    /// A directory of a web server; `suffix` is ".gz" where the files are compressed.
    case mirror(String, suffix: String)
    /// A package of Debian and its derivatives, downloaded and unpacked but not installed.
    case debian(String)
  }

  /// The set's name, which is its directory under the data root and in the cache.
  public let set: String
  /// Other directories of the data root to look in, such as those torchvision makes.
  public let directories: [String]
  /// The remote places in the order they are tried.
  public let remotes: [Remote]

  /// Describes where a set's files may be found.
  public init(set: String, directories: [String] = [], remotes: [Remote] = []) {
    self.set = set
    self.directories = directories
    self.remotes = remotes
  }
}
