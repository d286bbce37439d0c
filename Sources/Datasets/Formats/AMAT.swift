/// Larochelle's text format for binary images: a line per image, "0" or "1" with blanks between.
///
/// The published file has 78 million characters, so lines of the regular form "0 1 ... 0\n" are
/// read eight characters at a time; any other line is read by character, and says where it errs.
enum AMAT {
  /// The rows of a file as an array `[rows, columns]`; the first line says how many columns there are.
  static func decode(_ text: [UInt8], file: String) throws(DatasetError) -> DataArray {
    let columns = text.prefix { $0 != 0x0A }.count { $0 == 0x30 || $0 == 0x31 }
    guard columns > 0 else {
      throw .malformed(
        file: file, place: "line 1", expected: "0 and 1 with blanks between", got: "neither")
    }
    let values = try decode(text, file: file, columns: columns)
    return DataArray(
      source: file, element: .uint8, shape: [values.count / columns, columns], bytes: values)
  }

  /// The rows of a file as bytes 0 and 1, `[rows, columns]`.
  static func decode(
    _ text: [UInt8], file: String, columns: Int
  ) throws(DatasetError) -> [UInt8] {
    precondition(columns > 0, "AMAT: expected a positive number of columns, got \(columns)")
    // Each value takes a character and a separator, so this many rows is the most there can be.
    var values: [UInt8] = []
    values.reserveCapacity((text.count / (2 * columns) + 1) * columns)
    var position = 0
    var line = 1
    while position < text.count {
      let fast = decodeRegular(text, at: position, columns: columns, into: &values)
      position += fast * 2 * columns
      line += fast
      if position < text.count {
        try decodeLine(text, &position, line, file, columns, into: &values)
        line += 1
      }
    }
    return values
  }

  /// Reads lines for as long as they are regular; returns how many.
  private static func decodeRegular(
    _ text: [UInt8], at start: Int, columns: Int, into values: inout [UInt8]
  ) -> Int {
    let width = 2 * columns
    let most = (text.count - start) / width
    var rows = 0
    let decoded = text.withUnsafeBytes { source in
      [UInt8](unsafeUninitializedCapacity: most * columns) { target, written in
        while rows < most,
          row(source.baseAddress! + start + rows * width, columns, target.baseAddress! + written)
        {
          rows += 1
          written += columns
        }
      }
    }
    if values.isEmpty { values = decoded } else { values += decoded }
    return rows
  }

  private static func row(
    _ source: UnsafeRawPointer, _ columns: Int, _ target: UnsafeMutablePointer<UInt8>
  ) -> Bool {
    let zeros: UInt64 = 0x2030_2030_2030_2030  // "0 0 0 0 " as a little-endian word
    let ones: UInt64 = 0x0001_0001_0001_0001  // the bits in which "1 " differs from "0 "
    let words = (columns - 1) / 4
    var strange: UInt64 = 0
    for word in 0..<words {
      let text = UInt64(
        littleEndian: source.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self))
      let bits = text ^ zeros
      strange |= bits & ~ones
      let pairs = bits | bits >> 8
      let packed = UInt32(truncatingIfNeeded: (pairs & 0xFFFF) | (pairs >> 16 & 0xFFFF_0000))
      UnsafeMutableRawPointer(target).storeBytes(
        of: packed.littleEndian, toByteOffset: 4 * word, as: UInt32.self)
    }
    for column in 4 * words..<columns {
      let digit = source.load(fromByteOffset: 2 * column, as: UInt8.self) ^ 0x30
      let separator = source.load(fromByteOffset: 2 * column + 1, as: UInt8.self)
      let wanted: UInt8 = column == columns - 1 ? 0x0A : 0x20
      strange |= UInt64(digit & 0xFE) | UInt64(separator ^ wanted)
      target[column] = digit
    }
    return strange == 0
  }

  private static func decodeLine(
    _ text: [UInt8], _ position: inout Int, _ line: Int, _ file: String, _ columns: Int,
    into values: inout [UInt8]
  ) throws(DatasetError) {
    let start = position
    var found = 0
    while position < text.count, text[position] != 0x0A {
      let character = text[position]
      let place = "line \(line), character \(position - start + 1)"
      switch character {
      case 0x20, 0x09, 0x0D: break
      case 0x30, 0x31:
        let next = position + 1 < text.count ? text[position + 1] : 0x0A
        guard [0x20, 0x09, 0x0D, 0x0A].contains(next) else {
          throw .malformed(
            file: file, place: place, expected: "a blank after the digit",
            got: describe(next))
        }
        values.append(character - 0x30)
        found += 1
      default:
        throw .malformed(
          file: file, place: place, expected: "0, 1 or a blank", got: describe(character))
      }
      position += 1
    }
    position += 1
    guard found == columns || found == 0 && position >= text.count else {
      throw .malformed(
        file: file, place: "line \(line)", expected: "\(columns) values", got: "\(found)")
    }
  }

  private static func describe(_ byte: UInt8) -> String {
    (0x21...0x7E).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(hex(byte))"
  }
}
