import Testing

@testable import Datasets

@Suite("CIFAR-10 records")
struct CIFAR10Tests {
  /// Records whose pixels are a function of image, channel, row and column.
  static func file(_ labels: [UInt8]) -> [UInt8] {
    labels.indices.flatMap { image -> [UInt8] in
      let pixels = (0..<3).flatMap { channel in
        (0..<1024).map { UInt8(truncatingIfNeeded: 101 * image + 83 * channel + 7 * ($0 / 32) + $0 % 32) }
      }
      return [labels[image]] + pixels
    }
  }

  @Test("images come out with channels last, labels beside them")
  func identity() throws {
    let file = Self.file([9, 0])
    let images = try ArrayFormat.cifar10.decode(file, file: "x")
    #expect(images.shape == [2, 32, 32, 3])
    #expect(images.element == .uint8)
    for (image, row, column, channel) in [(0, 0, 0, 0), (0, 0, 1, 2), (1, 31, 30, 1), (1, 2, 3, 0)] {
      let expected = UInt8(truncatingIfNeeded: 101 * image + 83 * channel + 7 * row + column)
      #expect(images.bytes[((image * 32 + row) * 32 + column) * 3 + channel] == expected)
    }
    var part = ArrayFormat.Part()
    part.field = .labels
    let labels = try ArrayFormat.cifar10.decode(gzip(file), part, file: "x")
    #expect(labels.shape == [2])
    #expect(labels.bytes == [9, 0])
    let planes = try CIFAR10.records(file, file: "x").planes
    #expect(planes == Array(file[1..<3073] + file[3074...]))
  }

  @Test("a file of another size or with a wrong label is refused")
  func broken() {
    func decode(_ bytes: [UInt8]) -> String {
      message { _ = try CIFAR10.decode(bytes, field: .data, file: "x") }
    }
    #expect(decode([]) == "'x', size: expected records of 3073 bytes, one or more, got 0 bytes")
    #expect(
      decode(Self.file([1]) + [2])
        == "'x', size: expected records of 3073 bytes, one or more, got 3074 bytes")
    #expect(
      decode(Self.file([1, 2, 10])) == "'x', record 2, byte 6146: expected a label in 0...9, got 10")
  }
}
