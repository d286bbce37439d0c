/// What a publisher says of a file's content besides its size.
public enum Checksum: Sendable, Equatable {
  /// Hexadecimal digits of the SHA-256.
  case sha256(String)
  /// Hexadecimal digits of the MD5.
  case md5(String)
  /// Nothing.
  case none

  /// Throws unless the content is the one described.
  ///
  /// - Parameters:
  ///   - place: where the bytes came from, for messages.
  ///   - note: what the checksum is of, in parentheses, for messages.
  func check(_ content: [UInt8], from place: String, note: String) throws(DatasetError) {
    let (name, expected, found): (String, String, String)
    switch self {
    case .sha256(let digits): (name, expected, found) = ("sha256", digits, Datasets.sha256(content))
    case .md5(let digits): (name, expected, found) = ("md5", digits, Datasets.md5(content))
    case .none: return
    }
    guard found == expected else {
      throw .checksum(file: place, expected: "\(name) \(expected)\(note)", got: found)
    }
  }
}
