/// Decompression of gzip files with a limit on what they may become.
enum Gzip {
  /// Whether the bytes begin like a gzip file.
  static func isGzip(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B
  }

  /// The content of a gzip file of one or more members.
  ///
  /// - Parameters:
  ///   - file: the name used in messages.
  ///   - limit: the most bytes the content may have; memory beyond it is never taken.
  static func decompress(
    _ input: [UInt8], file: String, limit: Int
  ) throws(DatasetError) -> [UInt8] {
    guard isGzip(input) else {
      let start = input.prefix(2).map { hex($0) }.joined(separator: " ")
      throw .malformed(
        file: file, place: "byte 0", expected: "gzip magic 1f 8b",
        got: start.isEmpty ? "an empty file" : start)
    }
    return try input.withUnsafeBufferPointer { (source) throws(DatasetError) -> [UInt8] in
      try Deflate.decompress(
        source, .gzip, file: file, limit: limit, expecting: expectedSize(source))
    }
  }

  /// The most that a file of unknown content may become: enough for any data set, too little for a bomb.
  static func limit(compressed count: Int) -> Int { max(1 << 28, 16 * count) }

  /// The size in the last four bytes, a hint only.
  private static func expectedSize(_ source: UnsafeBufferPointer<UInt8>) -> Int {
    guard source.count >= 18 else { return 0 }
    return (0..<4).reduce(0) { $0 | Int(source[source.count - 4 + $1]) << (8 * $1) }
  }
}

/// Two hexadecimal digits.
func hex(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return digits.count == 1 ? "0" + digits : digits
}
