import CZlib

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
      var stream = z_stream()
      let windowAndGzip: Int32 = 15 + 16  // the largest window; +16 asks zlib for the gzip wrapper
      let opened = inflateInit2_(
        &stream, windowAndGzip, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
      guard opened == Z_OK else {
        throw .unreadable(file: file, reason: "zlib could not start (code \(opened))")
      }
      defer { inflateEnd(&stream) }
      return try inflateAll(&stream, source, file: file, limit: limit)
    }
  }

  private static func inflateAll(
    _ stream: inout z_stream, _ source: UnsafeBufferPointer<UInt8>, file: String, limit: Int
  ) throws(DatasetError) -> [UInt8] {
    var output: [UInt8] = []
    var consumed = 0
    // One byte more than is allowed tells a file of exactly `limit` bytes from a longer one.
    var room = min(expectedSize(source), limit) + 1
    while true {
      var status = Z_OK
      let chunk = [UInt8](unsafeUninitializedCapacity: room) { target, written in
        status = inflateChunk(&stream, source, &consumed, target, &written)
      }
      if output.isEmpty { output = chunk } else { output += chunk }
      guard output.count <= limit else {
        throw .malformed(
          file: file, place: "gzip", expected: "at most \(limit) bytes when decompressed",
          got: "more")
      }
      if status == Z_STREAM_END {
        if consumed == source.count { return output }
        guard source.count - consumed >= 2, source[consumed] == 0x1F, source[consumed + 1] == 0x8B
        else {
          throw .malformed(
            file: file, place: "byte \(consumed)", expected: "the end or another gzip member",
            got: "\(source.count - consumed) other bytes")
        }
        inflateReset(&stream)
      } else if status != Z_OK || (chunk.count < room && consumed == source.count) {
        try fail(stream, status, consumed, source.count, file)
      }
      room = min(max(output.count, 1 << 16), limit + 1 - output.count)
    }
  }

  /// Fills `target` as far as one member of the input goes.
  private static func inflateChunk(
    _ stream: inout z_stream, _ source: UnsafeBufferPointer<UInt8>, _ consumed: inout Int,
    _ target: UnsafeMutableBufferPointer<UInt8>, _ written: inout Int
  ) -> Int32 {
    var status = Z_OK
    while status == Z_OK, written < target.count {
      // zlib counts in 32 bits; a gigabyte at a time stays clear of the limit.
      let feed = min(source.count - consumed, 1 << 30)
      let space = min(target.count - written, 1 << 30)
      stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress! + consumed)
      stream.avail_in = UInt32(feed)
      stream.next_out = target.baseAddress! + written
      stream.avail_out = UInt32(space)
      status = inflate(&stream, Z_NO_FLUSH)
      consumed += feed - Int(stream.avail_in)
      written += space - Int(stream.avail_out)
    }
    return status
  }

  /// The size in the last four bytes, a hint only: it is not trusted beyond deflate's best ratio of 1032.
  private static func expectedSize(_ source: UnsafeBufferPointer<UInt8>) -> Int {
    guard source.count >= 18 else { return 1 << 12 }
    let declared = (0..<4).reduce(0) { $0 | Int(source[source.count - 4 + $1]) << (8 * $1) }
    return min(declared, source.count * 1032)
  }

  private static func fail(
    _ stream: z_stream, _ status: Int32, _ consumed: Int, _ total: Int, _ file: String
  ) throws(DatasetError) {
    if status == Z_OK || status == Z_BUF_ERROR {
      throw .malformed(
        file: file, place: "byte \(total)", expected: "more compressed bytes",
        got: "the end of the file")
    }
    let reason = stream.msg.map { String(cString: $0) } ?? "zlib code \(status)"
    throw .malformed(
      file: file, place: "byte \(consumed)", expected: "a sound gzip stream", got: reason)
  }
}

/// Two hexadecimal digits.
func hex(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return digits.count == 1 ? "0" + digits : digits
}
