/// The binary matrices of the NORB sets, little endian or big.
///
/// - Source: LeCun, Huang & Bottou 2004, the small NORB set's description, "File format".
enum NORB {
  /// The upper three bytes of the number a file begins with.
  private static let magic = 0x1E3D4C
  /// The lowest byte says what the values are; 52 is a packed matrix, which nobody publishes.
  private static let elements: [Int: DataArray.Element] = [
    0x51: .float32, 0x53: .float64, 0x54: .int32, 0x55: .uint8, 0x56: .int16,
  ]
  /// The least number of sizes in a file, even where the matrix has fewer axes.
  private static let leastSizes = 3

  /// Whether a file that begins like this is one, rather than a MAT-file.
  static func isNORB(_ head: [UInt8]) -> Bool {
    head.count >= 4
      && (head[1..<4].elementsEqual([0x4C, 0x3D, 0x1E]) || head[..<3].elementsEqual([0x1E, 0x3D, 0x4C]))
  }

  /// Decodes `bytes`, whose memory becomes the values.
  ///
  /// - Parameter file: the name used in messages.
  static func decode(_ bytes: consuming [UInt8], file: String) throws(DatasetError) -> DataArray {
    guard bytes.count >= 8 else {
      throw .malformed(
        file: file, place: "byte 0", expected: "a NORB header of 8 bytes",
        got: "\(bytes.count) bytes in all")
    }
    let isBigEndian = bytes[0] == magic >> 16
    let code = integer(bytes, at: 0, isBigEndian)
    guard code >> 8 == magic else {
      throw .malformed(
        file: file, place: "byte 0", expected: "NORB magic 51...56 4c 3d 1e",
        got: bytes.prefix(4).map(hex).joined(separator: " "))
    }
    guard let element = elements[code & 0xFF] else {
      let known = elements.keys.sorted().map { hex(UInt8($0)) }.joined(separator: ", ")
      throw .malformed(
        file: file, place: "byte 0", expected: "a matrix type out of \(known)",
        got: hex(UInt8(code & 0xFF)) + (code & 0xFF == 0x52 ? " (a packed matrix)" : ""))
    }
    let axes = integer(bytes, at: 4, isBigEndian)
    let sizes = max(axes, leastSizes)
    guard sizes <= (bytes.count - 8) / 4 else {
      throw .malformed(
        file: file, place: "byte 8", expected: "\(sizes) sizes of 4 bytes",
        got: "\(bytes.count - 8) bytes")
    }
    var shape: [Int] = []
    for axis in 0..<axes { shape.append(integer(bytes, at: 8 + 4 * axis, isBigEndian)) }
    let header = 8 + 4 * sizes
    guard let size = checkedProduct(shape + [element.size]) else {
      throw .malformed(
        file: file, place: "byte 8", expected: "sizes with a product below 2^63 bytes",
        got: "\(shape)")
    }
    let payload = bytes.count - header
    guard size == payload else {
      throw .malformed(
        file: file, place: "byte \(header)",
        expected: "\(size) bytes (sizes \(shape) of \(element.rawValue))", got: "\(payload)")
    }
    bytes.removeFirst(header)
    return DataArray(
      source: file, element: element, shape: shape,
      bytes: isBigEndian ? swapBytes(bytes, size: element.size) : bytes)
  }

  private static func integer(_ bytes: borrowing [UInt8], at byte: Int, _ isBigEndian: Bool) -> Int {
    var number = 0
    for place in 0..<4 { number = number << 8 | Int(bytes[byte + (isBigEndian ? place : 3 - place)]) }
    return number
  }
}
