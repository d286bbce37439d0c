/// The format of the MNIST files: a type, up to 255 sizes, big-endian values.
///
/// - Source: LeCun, Cortes & Burges, "The MNIST database", section "File formats".
enum IDX {
  private static let elements: [UInt8: DataArray.Element] = [
    0x08: .uint8, 0x09: .int8, 0x0B: .int16, 0x0C: .int32, 0x0D: .float32, 0x0E: .float64,
  ]

  /// The type and sizes of a file of `total` bytes, from its first ones.
  static func layout(
    _ bytes: [UInt8], total: Int, file: String
  ) throws(DatasetError) -> (start: Int, element: DataArray.Element, shape: [Int]) {
    guard bytes.count >= 4 else {
      throw .malformed(
        file: file, place: "byte 0", expected: "an IDX header of 4 bytes",
        got: "\(bytes.count) bytes in all")
    }
    guard bytes[0] == 0, bytes[1] == 0 else {
      throw .malformed(
        file: file, place: "byte 0", expected: "IDX magic 00 00",
        got: "\(hex(bytes[0])) \(hex(bytes[1]))")
    }
    guard let element = elements[bytes[2]] else {
      let known = elements.keys.sorted().map(hex).joined(separator: ", ")
      throw .malformed(
        file: file, place: "byte 2", expected: "an element type out of \(known)", got: hex(bytes[2]))
    }
    let axes = Int(bytes[3])
    let header = 4 + 4 * axes
    guard bytes.count >= header else {
      throw .malformed(
        file: file, place: "byte 4", expected: "\(axes) sizes of 4 bytes",
        got: "\(bytes.count - 4) bytes")
    }
    let shape = (0..<axes).map { axis in
      (0..<4).reduce(0) { $0 << 8 | Int(bytes[4 + 4 * axis + $1]) }
    }
    let payload = total - header
    guard let size = checkedProduct(shape + [element.size]) else {
      throw .malformed(
        file: file, place: "byte 4", expected: "sizes with a product below 2^63 bytes",
        got: "\(shape)")
    }
    guard size == payload else {
      throw .malformed(
        file: file, place: "byte \(header)",
        expected: "\(size) bytes (sizes \(shape) of \(element.rawValue))", got: "\(payload)")
    }
    return (header, element, shape)
  }

  /// Decodes `bytes`, whose memory becomes the values.
  ///
  /// - Parameter file: the name used in messages.
  static func decode(_ bytes: consuming [UInt8], file: String) throws(DatasetError) -> DataArray {
    let layout = try layout(bytes, total: bytes.count, file: file)
    bytes.removeFirst(layout.start)
    return DataArray(
      source: file, element: layout.element, shape: layout.shape,
      bytes: swapBytes(bytes, size: layout.element.size))
  }
}
