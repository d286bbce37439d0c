import CImage

/// PNG and JPEG pictures: the stored values, upright as EXIF has it, without gamma or colour profile applied.
///
/// | stored | array `[height, width, channels]` |
/// | --- | --- |
/// | PNG grey, 1, 2, 4 or 8 bits | 1 channel of uint8; small depths spread over 0...255 |
/// | PNG grey and alpha, RGB, RGBA | 2, 3, 4 channels |
/// | PNG with a palette | 3 channels, or 4 if the palette has transparent colours |
/// | PNG grey or RGB with a transparent colour (tRNS) | an alpha channel more: 0 at that colour |
/// | PNG of 16 bits | the same in uint16 |
/// | JPEG grey | 1 channel |
/// | JPEG YCbCr or RGB | 3 channels, by libjpeg's accurate transform |
/// | JPEG CMYK or YCCK | refused |
///
/// The first bytes of a file decide, not its name. ``Orientation`` says how a picture is turned upright.
///
/// - Source: PNG Specification, third edition, W3C 2025; ITU-T T.81.
enum ImageFile {
  /// The largest side of a picture, in pixels: JPEG's own limit.
  static let largestSide = 65535

  /// No deflated byte becomes more than this many: a match of 258 bytes takes two bits.
  static let largestExpansion = 1032

  /// Decodes the content of a file.
  ///
  /// - Parameter file: the name used in messages.
  static func decode(_ content: [UInt8], file: String) throws(DatasetError) -> DataArray {
    let format = try format(of: content, file)
    let orientation = Orientation(of: content)
    return try content.withUnsafeBufferPointer { (content) throws(DatasetError) in
      guard let reader = image_open(content.baseAddress, content.count, format) else {
        throw .unreadable(file: file, reason: "no memory to read an image")
      }
      defer { image_close(reader) }
      guard let header = image_header_of(reader)?.pointee else { throw damage(reader, format, file) }
      let size = try size(header, format, content.count, file)
      var isWhole = false
      let pixels = [UInt8](unsafeUninitializedCapacity: size) { target, written in
        isWhole = image_decode(reader, target.baseAddress, size) == 1
        written = isWhole ? size : 0
      }
      guard isWhole else { throw damage(reader, format, file) }
      let shape = [Int(header.height), Int(header.width), Int(header.channels)]
      let upright = orientation.applied(
        to: littleEndian(pixels, bits: header.bits), shape, size: shape[2] * Int(header.bits) / 8)
      return DataArray(
        source: file, element: header.bits == 16 ? .uint16 : .uint8, shape: upright.shape, bytes: upright.pixels)
    }
  }

  private static func format(
    of content: [UInt8], _ file: String
  ) throws(DatasetError) -> image_format {
    if content.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return image_png }
    if content.starts(with: [0xFF, 0xD8, 0xFF]) { return image_jpeg }
    throw .malformed(
      file: file, place: "byte 0", expected: "a PNG (89 50 4e 47 0d 0a 1a 0a) or a JPEG (ff d8 ff)",
      got: content.isEmpty ? "an empty file" : content.prefix(8).map(hex).joined(separator: " "))
  }

  /// The bytes of the decoded picture, or an error if it is too large to take memory for.
  private static func size(
    _ header: image_header, _ format: image_format, _ count: Int, _ file: String
  ) throws(DatasetError) -> Int {
    let (width, height) = (Int(header.width), Int(header.height))
    guard (1...largestSide).contains(width), (1...largestSide).contains(height) else {
      throw .malformed(
        file: file, place: "header, size", expected: "1...\(largestSide) pixels a side",
        got: "\(width) x \(height)")
    }
    guard header.channels > 0 else {
      throw .malformed(
        file: file, place: "header, colours", expected: "grey, YCbCr or RGB", got: "CMYK or YCCK")
    }
    // At most 65535 x 65535 x 4 x 2 bytes: no product here can overflow.
    let size = width * height * Int(header.channels) * Int(header.bits) / 8
    let limit = Gzip.limit(compressed: count)
    guard size <= limit else {
      throw .malformed(
        file: file, place: "header, size",
        expected: "a picture of at most \(limit) bytes in a file of \(count)",
        got: "\(width) x \(height) pixels, \(size) bytes")
    }
    let stored = width * height * Int(header.stored_bits) / 8
    guard stored <= count * largestExpansion else {
      throw .malformed(
        file: file, place: "header, size",
        expected: "at most \(count * largestExpansion) bytes, all that \(count) can deflate",
        got: "\(width) x \(height) pixels, \(stored) bytes")
    }
    return size
  }

  /// What the library said of a file it could not read to its end.
  private static func damage(
    _ reader: OpaquePointer, _ format: image_format, _ file: String
  ) -> DatasetError {
    let reason = String(cString: image_message(reader))
    return format == image_png
      ? .malformed(
        file: file, place: "byte \(image_offset(reader))", expected: "a whole PNG",
        got: "one libpng cannot read (\(reason))")
      : .malformed(
        file: file, place: "JPEG data", expected: "a whole JPEG",
        got: "one libjpeg cannot read (\(reason))")
  }

  private static func littleEndian(_ pixels: consuming [UInt8], bits: Int32) -> [UInt8] {
    bits == 16 && UInt16(1).littleEndian != 1 ? swapBytes(pixels, size: 2) : pixels
  }
}
