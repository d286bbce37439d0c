/// A published file: what its content must be, once decompressed.
public struct DatasetFile: Sendable, Equatable {
  /// The file's name without `.gz`, or an archive's whole name.
  public let name: String
  /// The number of bytes of the decompressed file, or of an archive as it is.
  public let byteCount: Int
  /// What its publisher says of those bytes.
  public let checksum: Checksum

  /// Describes a published file.
  public init(name: String, byteCount: Int, checksum: Checksum) {
    self.name = name
    self.byteCount = byteCount
    self.checksum = checksum
  }

  /// The most bytes a copy of the file may have: compression may add a little to what does not shrink.
  var limit: Int { byteCount + byteCount / 1000 + 1024 }

  /// The file's content from `bytes`, which may be compressed; refused unless it is the published one.
  ///
  /// - Parameter place: where the bytes came from, for messages.
  func verified(_ bytes: consuming [UInt8], from place: String) throws(DatasetError) -> [UInt8] {
    let content =
      Gzip.isGzip(bytes)
      ? try Gzip.decompress(bytes, file: place, limit: byteCount) : consume bytes
    try check(content, from: place, note: " (of the decompressed file)")
    return content
  }

  /// Throws unless `bytes` are the published ones as they are, with their compression.
  func check(_ bytes: [UInt8], from place: String, note: String = "") throws(DatasetError) {
    guard bytes.count == byteCount else {
      throw .malformed(
        file: place, place: "size", expected: "\(byteCount) bytes\(note)", got: "\(bytes.count)")
    }
    try checksum.check(bytes, from: place, note: note)
  }
}

/// Where the files of one data set may be found.
public struct FileGroup: Sendable, Equatable {
  /// A place away from this machine.
  public enum Remote: Sendable, Equatable {
    /// A directory of a web server; `suffix` is ".gz" where the files are compressed.
    case mirror(String, suffix: String)
    /// A compressed tar file in a directory of a web server, with all files of the set in it.
    case archive(String, DatasetFile)
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
