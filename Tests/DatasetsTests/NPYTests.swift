import Testing

@testable import Datasets

@Suite("npy")
struct NPYTests {
  @Test("all versions and element types are read")
  func types() throws {
    for version in [1, 2, 3] as [UInt8] {
      let array = try NPY.decode(
        npyFile(npyHeader("|u1", "(2, 3)"), [1, 2, 3, 4, 5, 6], version: version), file: "x")
      #expect(array.shape == [2, 3])
      #expect(array.bytes == [1, 2, 3, 4, 5, 6])
    }
    for (code, element) in [
      ("|b1", DataArray.Element.bool), ("|u1", .uint8), ("|i1", .int8), ("<u2", .uint16),
      ("<i2", .int16), ("<u4", .uint32), ("<i4", .int32), ("<u8", .uint64), ("<i8", .int64),
      ("<f2", .float16), ("<f4", .float32), ("<f8", .float64),
    ] {
      let values = [UInt8](repeating: 1, count: 2 * element.size)
      let array = try NPY.decode(npyFile(npyHeader(code, "(2,)"), values), file: "x")
      #expect(array.element == element)
      #expect(array.shape == [2])
      #expect(array.bytes == values)
      #expect(try NPY.decode(NPY.encode(array), file: "x") == array)
    }
    #expect(try NPY.decode(npyFile(npyHeader("|u1", "()"), [9]), file: "x").shape == [])
  }

  @Test("an array in column-major order comes out in row-major order")
  func fortran() throws {
    // Element (i, j, k) of shape [2, 3, 2] is 100 i + 10 j + k; in column-major order i runs fastest.
    let columnMajor: [Int32] = [0, 100, 10, 110, 20, 120, 1, 101, 11, 111, 21, 121]
    let rowMajor: [Int32] = [0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121]
    let file = npyFile(npyHeader("<i4", "(2, 3, 2)", fortran: true), littleEndian(columnMajor))
    #expect(try NPY.decode(file, file: "x").bytes == littleEndian(rowMajor))
  }

  @Test("a last axis longer than a block keeps its order", arguments: [1, 63, 64, 65, 150])
  func longAxis(length: Int) {
    let (first, second) = (3, 2)
    var columnMajor: [UInt16] = []
    for k in 0..<length {
      for j in 0..<second {
        for i in 0..<first { columnMajor.append(UInt16((i * second + j) * length + k)) }
      }
    }
    #expect(
      rowMajor(littleEndian(columnMajor), shape: [first, second, length], size: 2)
        == littleEndian((0..<columnMajor.count).map(UInt16.init)))
  }

  @Test("big-endian values are turned around")
  func bigEndianValues() throws {
    let array = try NPY.decode(npyFile(npyHeader(">i2", "(2,)"), [1, 2, 0xFF, 0xFE]), file: "x")
    #expect(array.bytes == [2, 1, 0xFE, 0xFF])
    #expect(array.doubles() == [258, -2])
  }

  @Test(
    "half-precision numbers are exact",
    arguments: [
      (0x0000, 0), (0x0001, 0x1p-24), (0x03FF, 0x3FFp-24), (0x0400, 0x1p-14), (0x3C00, 1),
      (0xC000, -2), (0x7BFF, 65504), (0x7C00, Double.infinity), (0x3555, 0.333251953125),
    ] as [(UInt16, Double)])
  func half(bits: UInt16, value: Double) throws {
    let file = npyFile(npyHeader("<f2", "(1,)"), littleEndian([bits]))
    #expect(try NPY.decode(file, file: "x").doubles() == [value])
  }

  static let brokenFiles: [Broken] = [
    Broken([], "byte 0: expected npy magic \\x93NUMPY, a version and a header, got an empty file"),
    Broken(
      Array("PK\u{3}\u{4}345678".utf8),
      "byte 0: expected npy magic \\x93NUMPY, a version and a header, got 50 4b 03 04 33 34"),
    Broken(npyFile("{}", [], version: 9), "byte 6: expected version 1, 2 or 3, got 9"),
    Broken(
      [0x93, 78, 85, 77, 80, 89, 1, 0, 255, 255, 32],
      "byte 8: expected a header within the 1 bytes left, got 65535 bytes"),
    Broken(
      npyFile(npyHeader("<c8", "(1,)"), [0, 0, 0, 0, 0, 0, 0, 0]),
      "header, descr: expected <, > or | and one of b1, u1, u2, u4, u8, i1, i2, i4, i8, f2, f4, f8, got '<c8'"),
    Broken(
      npyFile(npyHeader("|O", "(1,)"), [0x80, 4, 0x2E]),
      "header, descr: expected <, > or | and one of b1, u1, u2, u4, u8, i1, i2, i4, i8, f2, f4, f8, got '|O'"),
    Broken(
      npyFile(npyHeader("<f4", "(2, 2)"), [0, 0]),
      "byte 70: expected 16 bytes (shape [2, 2] of float32), got 2"),
    Broken(
      npyFile(npyHeader("<f8", "(4294967296, 4294967296)"), []),
      "header, shape: expected sizes with a product below 2^63 bytes, got [4294967296, 4294967296]"
    ),
    Broken(
      npyFile(npyHeader("<f8", "(4611686018427387904, 0)"), []),
      "header, shape: expected sizes with a product below 2^63 bytes, got [4611686018427387904, 0]"),
    Broken(
      npyFile(npyHeader("<f8", "(-1,)"), []),
      "header, character 51: expected a size of 0...9223372036854775807, got '-'"),
    Broken(
      npyFile(npyHeader("<f8", "(99999999999999999999,)"), []),
      "header, character 51: expected a size of 0...9223372036854775807, got 99999999999999999999"
    ),
    Broken(
      npyFile("{'descr': '<f4'}", []),
      "header, character 16: expected the keys descr, fortran_order and shape, got none named 'fortran_order'"
    ),
    Broken(
      npyFile("{'descr': [('a', '<f4')]}", []),
      "header, character 10: expected a quoted string, got '['"),
    Broken(
      npyFile("{'fortran_order': 1}", []), "header, character 18: expected True or False, got '1'"),
    Broken(
      npyFile("{'size': 1}", []),
      "header, character 7: expected a new key out of [\"descr\", \"fortran_order\", \"shape\"], got 'size'"
    ),
    Broken(npyFile("", []), "header, character 1: expected '{', got the header's end"),
  ]

  @Test("a broken file says where and what", arguments: NPYTests.brokenFiles)
  func broken(file: Broken) {
    #expect(message { _ = try NPY.decode(file.bytes, file: "x.npy") } == "'x.npy', \(file.expected)")
  }

  @Test("no changed byte of a file traps")
  func fuzz() {
    let whole = npyFile(npyHeader("<f4", "(2, 2)"), [UInt8](repeating: 1, count: 16))
    var generator = SplitMix64(seed: 5)
    var refused = 0
    for _ in 0..<3000 {
      var bytes = whole
      for _ in 0...generator.below(3) {
        bytes[generator.below(bytes.count)] = UInt8(generator.below(256))
      }
      if generator.below(4) == 0 { bytes.removeLast(generator.below(bytes.count)) }
      do {
        #expect(try NPY.decode(bytes, file: "x").bytes.count <= 16)
      } catch {
        refused += 1
      }
    }
    #expect(0 < refused && refused < 3000)
  }
}
