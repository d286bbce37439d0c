import CZlib

/// Deflate streams by zlib, with a limit on what they may become.
enum Deflate {
  /// What stands around the compressed bytes.
  enum Wrapper {
    /// Members with checksums, one or more.
    case gzip
    /// The header and the checksum of zlib.
    case zlib
    /// Nothing, as in a zip file.
    case none

    /// zlib's code for the largest window with this wrapper.
    fileprivate var windowBits: Int32 {
      switch self {
      case .gzip: 15 + 16
      case .zlib: 15
      case .none: -15
      }
    }
  }

  /// The content of a compressed stream that ends where `source` ends.
  ///
  /// - Parameters:
  ///   - file: the name used in messages.
  ///   - limit: the most bytes the content may have; memory beyond it is never taken.
  ///   - expected: the likely size, a hint that is not trusted.
  static func decompress(
    _ source: UnsafeBufferPointer<UInt8>, _ wrapper: Wrapper, file: String, limit: Int,
    expecting expected: Int
  ) throws(DatasetError) -> [UInt8] {
    var stream = z_stream()
    let opened = inflateInit2_(
      &stream, wrapper.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard opened == Z_OK else {
      throw .unreadable(file: file, reason: "zlib could not start (code \(opened))")
    }
    defer { inflateEnd(&stream) }
    return try inflateAll(&stream, source, wrapper, file: file, limit: limit, expecting: expected)
  }

  private static func inflateAll(
    _ stream: inout z_stream, _ source: UnsafeBufferPointer<UInt8>, _ wrapper: Wrapper,
    file: String, limit: Int, expecting expected: Int
  ) throws(DatasetError) -> [UInt8] {
    var output: [UInt8] = []
    var consumed = 0
    // One byte more than is allowed tells a file of exactly `limit` bytes from a longer one.
    // Deflate makes at most 1032 bytes out of one, whatever a header says.
    var room = min(max(expected, 1 << 12), source.count * 1032, limit) + 1
    while true {
      var status = Z_OK
      let chunk = [UInt8](unsafeUninitializedCapacity: room) { target, written in
        status = inflateChunk(&stream, source, &consumed, target, &written)
      }
      if output.isEmpty { output = chunk } else { output += chunk }
      guard output.count <= limit else {
        throw .malformed(
          file: file, place: "compressed data", expected: "at most \(limit) bytes when decompressed",
          got: "more")
      }
      if status == Z_STREAM_END {
        if consumed == source.count { return output }
        guard wrapper == .gzip, source.count - consumed >= 2, source[consumed] == 0x1F,
          source[consumed + 1] == 0x8B
        else {
          throw .malformed(
            file: file, place: "byte \(consumed)",
            expected: wrapper == .gzip ? "the end or another gzip member" : "the end of the stream",
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
      file: file, place: "byte \(consumed)", expected: "a sound deflate stream", got: reason)
  }
}
