/// NumPy's format of one array.
///
/// - Source: NumPy enhancement proposal 1 and `numpy.lib.format`, versions 1 to 3.
public enum NPY {
  /// NumPy's codes of the types; the byte order stands in front of them.
  private static let codes: [(code: String, element: DataArray.Element)] = [
    ("b1", .bool), ("u1", .uint8), ("u2", .uint16), ("u4", .uint32), ("u8", .uint64), ("i1", .int8),
    ("i2", .int16), ("i4", .int32), ("i8", .int64), ("f2", .float16), ("f4", .float32), ("f8", .float64),
  ]

  /// What a header says of the values behind it.
  struct Layout {
    let start: Int
    let element: DataArray.Element
    let shape: [Int]
    let isBigEndian: Bool
    let isFortranOrder: Bool
  }

  /// The layout of a file of `total` bytes, from its first ones.
  static func layout(_ head: [UInt8], total: Int, file: String) throws(DatasetError) -> Layout {
    let (start, text) = try headerText(head, file)
    let header = try NPYHeader(text, file: file)
    guard let element = codes.first(where: { $0.code == header.descr.dropFirst() })?.element,
      let order = header.descr.first, "<>|".contains(order), order != "|" || element.size == 1
    else {
      throw .malformed(
        file: file, place: "header, descr",
        expected: "<, > or | and one of \(codes.map(\.code).joined(separator: ", "))",
        got: "'\(header.descr)'")
    }
    guard let size = checkedProduct(header.shape + [element.size]) else {
      throw .malformed(
        file: file, place: "header, shape", expected: "sizes with a product below 2^63 bytes",
        got: "\(header.shape)")
    }
    guard size == total - start else {
      throw .malformed(
        file: file, place: "byte \(start)",
        expected: "\(size) bytes (shape \(header.shape) of \(element.rawValue))",
        got: "\(total - start)")
    }
    return Layout(
      start: start, element: element, shape: header.shape, isBigEndian: order == ">",
      isFortranOrder: header.isFortranOrder)
  }

  /// Decodes the content of a file.
  ///
  /// - Parameter file: the name used in messages.
  static func decode(_ content: consuming [UInt8], file: String) throws(DatasetError) -> DataArray {
    let layout = try layout(content, total: content.count, file: file)
    content.removeFirst(layout.start)
    if layout.isBigEndian { content = swapBytes(content, size: layout.element.size) }
    if layout.isFortranOrder {
      content = rowMajor(content, shape: layout.shape, size: layout.element.size)
    }
    return DataArray(source: file, element: layout.element, shape: layout.shape, bytes: content)
  }

  /// The content of a file as `numpy.save` writes it: version 1.0, row-major, little endian.
  ///
  /// NumPy has no bfloat16; such values become float32, which holds them exactly.
  public static func encode(_ array: DataArray) -> [UInt8] {
    if array.element == .bfloat16 {
      let widened = array.integers(UInt16.self).flatMap { [0, 0, UInt8($0 & 0xFF), UInt8($0 >> 8)] }
      return encode(
        DataArray(source: array.source, element: .float32, shape: array.shape, bytes: widened))
    }
    let code = codes.first { $0.element == array.element }!.code
    let sizes = array.shape.map(String.init).joined(separator: ", ")
    let shape = array.shape.count == 1 ? "(\(sizes),)" : "(\(sizes))"
    var header =
      "{'descr': '\(array.element.size == 1 ? "|" : "<")\(code)', 'fortran_order': False, 'shape': \(shape), }"
    let unpadded = magic.count + 4 + header.utf8.count + 1
    header += String(repeating: " ", count: (alignment - unpadded % alignment) % alignment) + "\n"
    let length = UInt16(header.utf8.count)
    return magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(header.utf8) + array.bytes
  }

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Headers are padded so that the values start at a multiple of this.
  private static let alignment = 64

  /// Where the values begin, and the header's text.
  private static func headerText(
    _ content: [UInt8], _ file: String
  ) throws(DatasetError) -> (start: Int, text: String) {
    guard content.count >= 10, content[0] == 0x93, content[1..<6].elementsEqual("NUMPY".utf8) else {
      throw .malformed(
        file: file, place: "byte 0", expected: "npy magic \\x93NUMPY, a version and a header",
        got: content.isEmpty ? "an empty file" : content.prefix(6).map(hex).joined(separator: " "))
    }
    let major = content[6]
    guard (1...3).contains(major) else {
      throw .malformed(file: file, place: "byte 6", expected: "version 1, 2 or 3", got: "\(major)")
    }
    let width = major == 1 ? 2 : 4
    guard content.count >= 8 + width else {
      throw .malformed(
        file: file, place: "byte 8", expected: "a header length of \(width) bytes",
        got: "\(content.count - 8)")
    }
    let length = (0..<width).reduce(0) { $0 | Int(content[8 + $1]) << (8 * $1) }
    let start = 8 + width
    guard length <= content.count - start else {
      throw .malformed(
        file: file, place: "byte 8",
        expected: "a header within the \(content.count - start) bytes left",
        got: "\(length) bytes")
    }
    // NumPy itself refuses longer headers, because parsing a literal of any size is an attack.
    guard length <= 10_000 else {
      throw .malformed(
        file: file, place: "byte 8", expected: "a header of at most 10000 bytes", got: "\(length)")
    }
    return (start + length, String(decoding: content[start..<start + length], as: UTF8.self))
  }
}
