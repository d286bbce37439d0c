import CZlib

extension Deflate {
  /// The first bytes of a zlib stream's content, fewer where the stream is short or broken.
  ///
  /// Enough to see what a stream holds before all of it is decompressed, which then finds what is broken.
  static func prefix(_ source: UnsafeBufferPointer<UInt8>, count: Int) -> [UInt8] {
    var stream = z_stream()
    let opened = inflateInit_(&stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard opened == Z_OK else { return [] }
    defer { inflateEnd(&stream) }
    return [UInt8](unsafeUninitializedCapacity: count) { target, written in
      stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
      stream.avail_in = UInt32(min(source.count, 1 << 30))
      stream.next_out = target.baseAddress
      stream.avail_out = UInt32(count)
      inflate(&stream, Z_SYNC_FLUSH)
      written = count - Int(stream.avail_out)
    }
  }
}
