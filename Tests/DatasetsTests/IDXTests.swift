import Testing

@testable import Datasets

@Suite("IDX")
struct IDXTests {
  @Test("images and labels come out as they went in")
  func identity() throws {
    let images = try IDX(idxFile([2, 2, 3], Array(0..<12)), file: "images", axes: 3)
    #expect(images.shape == [2, 2, 3])
    #expect(images.values == Array(0..<12))
    #expect(try IDX(idxFile([3], [7, 8, 9]), file: "labels", axes: 1).values == [7, 8, 9])
    #expect(try IDX(idxFile([0, 28, 28], []), file: "images", axes: 3).values == [])
  }

  static let brokenFiles: [Broken] = [
    Broken([], "byte 0: expected an IDX header of 16 bytes, got 0 bytes in all"),
    Broken([1, 2, 8, 3], "byte 0: expected IDX magic 00 00, got 01 02"),
    Broken(
      idxFile([1, 1, 1], [5], type: 0x0D),
      "byte 2: expected element type 08 (unsigned byte), got 0d"),
    Broken(idxFile([1], [5]), "byte 3: expected 3 axes, got 1"),
    Broken([0, 0, 8, 3, 0, 0], "byte 4: expected 3 sizes of 4 bytes, got 2 bytes"),
    Broken(
      idxFile([60000, 28, 28], [1, 2]),
      "byte 16: expected 47040000 bytes (sizes [60000, 28, 28]), got 2"
    ),
    Broken(idxFile([1, 1, 1], [1, 2]), "byte 16: expected 1 bytes (sizes [1, 1, 1]), got 2"),
    Broken(
      idxFile([0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF], [1]),
      "byte 4: expected sizes with a product below 2^63, got [4294967295, 4294967295, 4294967295]"
    ),
  ]

  @Test("a broken file says where and what", arguments: IDXTests.brokenFiles)
  func broken(file: Broken) {
    #expect(message { _ = try IDX(file.bytes, file: "x", axes: 3) } == "'x', \(file.expected)")
  }
}
