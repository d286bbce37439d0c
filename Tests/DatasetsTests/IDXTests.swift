import Testing

@testable import Datasets

@Suite("IDX")
struct IDXTests {
  @Test("images and labels come out as they went in")
  func identity() throws {
    let images = try IDX.decode(idxFile([2, 2, 3], Array(0..<12)), file: "images")
    #expect(images.shape == [2, 2, 3])
    #expect(images.bytes == Array(0..<12))
    #expect(try IDX.decode(idxFile([3], [7, 8, 9]), file: "labels").bytes == [7, 8, 9])
    #expect(try IDX.decode(idxFile([0, 28, 28], []), file: "images").bytes == [])
    #expect(try IDX.decode([0, 0, 8, 0, 5], file: "number").shape == [])
  }

  @Test(
    "every element type is read, from big endian",
    arguments: [
      (0x08, .uint8, [200], 200), (0x09, .int8, [0xFE], -2), (0x0B, .int16, [0xFF, 0xFE], -2),
      (0x0C, .int32, [0, 1, 0, 2], 65538), (0x0D, .float32, [0x3F, 0xC0, 0, 0], 1.5),
      (0x0E, .float64, [0xBF, 0xE0, 0, 0, 0, 0, 0, 0], -0.5),
    ] as [(UInt8, DataArray.Element, [UInt8], Double)])
  func types(code: UInt8, element: DataArray.Element, value: [UInt8], expected: Double) throws {
    let array = try IDX.decode(idxFile([2, 1], value + value, type: code), file: "x")
    #expect(array.element == element)
    #expect(array.shape == [2, 1])
    #expect(array.doubles() == [expected, expected])
  }

  static let brokenFiles: [Broken] = [
    Broken([], "byte 0: expected an IDX header of 4 bytes, got 0 bytes in all"),
    Broken([1, 2, 8, 3], "byte 0: expected IDX magic 00 00, got 01 02"),
    Broken(
      idxFile([1, 1, 1], [5], type: 0x0A),
      "byte 2: expected an element type out of 08, 09, 0b, 0c, 0d, 0e, got 0a"),
    Broken([0, 0, 8, 3, 0, 0], "byte 4: expected 3 sizes of 4 bytes, got 2 bytes"),
    Broken(
      idxFile([60000, 28, 28], [1, 2]),
      "byte 16: expected 47040000 bytes (sizes [60000, 28, 28] of uint8), got 2"
    ),
    Broken(
      idxFile([1, 1, 1], [1, 2]), "byte 16: expected 1 bytes (sizes [1, 1, 1] of uint8), got 2"),
    Broken(
      idxFile([0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF], [1]),
      "byte 4: expected sizes with a product below 2^63 bytes, got [4294967295, 4294967295, 4294967295]"
    ),
  ]

  @Test("a broken file says where and what", arguments: IDXTests.brokenFiles)
  func broken(file: Broken) {
    #expect(message { _ = try IDX.decode(file.bytes, file: "x") } == "'x', \(file.expected)")
  }
}
