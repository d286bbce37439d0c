import Testing

@testable import Datasets

@Suite("NORB")
struct NORBTests {
  /// A file whose header has the given type and sizes, at least three of them.
  static func file(_ type: Int, _ shape: [Int], _ values: [UInt8], big: Bool = false) -> [UInt8] {
    let sizes = shape + [Int](repeating: 1, count: max(0, 3 - shape.count))
    let words = ([0x1E3D_4C00 + type, shape.count] + sizes).map(bigEndian)
    return words.flatMap { big ? $0 : $0.reversed() } + values
  }

  @Test(
    "every element type is read, in either byte order",
    arguments: [
      (0x51, .float32, [0x3F, 0xC0, 0, 0], 1.5),
      (0x53, .float64, [0xBF, 0xE0, 0, 0, 0, 0, 0, 0], -0.5), (0x54, .int32, [0, 1, 0, 2], 65538),
      (0x55, .uint8, [200], 200), (0x56, .int16, [0xFF, 0xFE], -2),
    ] as [(Int, DataArray.Element, [UInt8], Double)])
  func types(type: Int, element: DataArray.Element, value: [UInt8], expected: Double) throws {
    let little = Array(value.reversed())
    for bytes in [
      Self.file(type, [2], little + little), Self.file(type, [2], value + value, big: true),
    ] {
      let array = try NORB.decode(bytes, file: "x")
      #expect(array.element == element)
      #expect(array.shape == [2])
      #expect(array.doubles() == [expected, expected])
    }
  }

  @Test("image pairs, classes and facts take their shapes")
  func shapes() throws {
    let pairs = try NORB.decode(Self.file(0x55, [3, 2, 2, 1], Array(0..<12)), file: "dat")
    #expect(pairs.shape == [3, 2, 2, 1])
    #expect(pairs.bytes == Array(0..<12))
    let facts = try NORB.decode(Self.file(0x54, [1, 2], littleEndian([5, -1] as [Int32])), file: "info")
    #expect(facts.shape == [1, 2])
    #expect(facts.doubles() == [5, -1])
    let file = gzip(Self.file(0x55, [1, 1, 1], [9]))
    #expect(try ArrayFormat.norb.decode(file, file: "x").shape == [1, 1, 1])
  }

  static let brokenFiles: [Broken] = [
    Broken([], "byte 0: expected a NORB header of 8 bytes, got 0 bytes in all"),
    Broken(
      Array("MATLAB 5.0 MAT".utf8), "byte 0: expected NORB magic 51...56 4c 3d 1e, got 4d 41 54 4c"),
    Broken(
      file(0x52, [1], [1]),
      "byte 0: expected a matrix type out of 51, 53, 54, 55, 56, got 52 (a packed matrix)"),
    Broken(
      file(0x57, [1], [1]), "byte 0: expected a matrix type out of 51, 53, 54, 55, 56, got 57"),
    Broken(
      Array(file(0x55, [1], []).dropLast(2)), "byte 8: expected 3 sizes of 4 bytes, got 10 bytes"),
    Broken(
      [0x55, 0x4C, 0x3D, 0x1E, 255, 255, 255, 255, 1, 0, 0, 0],
      "byte 8: expected 4294967295 sizes of 4 bytes, got 4 bytes"),
    Broken(
      file(0x54, [2], [1, 2, 3]), "byte 20: expected 8 bytes (sizes [2] of int32), got 3"),
    Broken(
      file(0x55, [2, 1, 1, 1], [1, 2, 3]),
      "byte 24: expected 2 bytes (sizes [2, 1, 1, 1] of uint8), got 3"),
    Broken(
      file(0x53, [0xFFFF_FFFF, 0xFFFF_FFFF, 1], []),
      "byte 8: expected sizes with a product below 2^63 bytes, got [4294967295, 4294967295, 1]"),
  ]

  @Test("a broken file says where and what", arguments: NORBTests.brokenFiles)
  func broken(file: Broken) {
    #expect(message { _ = try NORB.decode(file.bytes, file: "x") } == "'x', \(file.expected)")
  }

  @Test("no changed byte of a file traps")
  func fuzz() {
    let whole = Self.file(0x56, [2, 2, 1], [1, 2, 3, 4, 5, 6, 7, 8])
    var generator = SplitMix64(seed: 8)
    var refused = 0
    for _ in 0..<3000 {
      var bytes = whole
      bytes[generator.below(bytes.count)] = UInt8(generator.below(256))
      if generator.below(4) == 0 { bytes.removeLast(generator.below(bytes.count)) }
      do {
        #expect(try NORB.decode(bytes, file: "x").bytes.count <= 8)
      } catch {
        refused += 1
      }
    }
    #expect(0 < refused && refused < 3000)
  }
}
