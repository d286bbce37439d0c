import Testing

@testable import Datasets

@Suite("Street View House Numbers")
struct SVHNTests {
  @Test("pixels come out as channels, rows and columns, and label 10 is the digit 0")
  func images() throws {
    let examples = try SVHN.examples(
      try fixture("arrays/svhn.mat"), file: "svhn.mat", name: "svhn test", labels: true)
    #expect(examples.name == "svhn test")
    #expect(examples.shape == [3, 32, 32])
    #expect(examples.classCount == 10)
    #expect(examples.labels == [0, 3])
    // The fixture counts modulo 251 in the order row, column, channel, image.
    var expected: [UInt8] = []
    for image in 0..<2 {
      for channel in 0..<3 {
        for row in 0..<32 {
          for column in 0..<32 {
            expected.append(UInt8((((row * 32 + column) * 3 + channel) * 2 + image) % 251))
          }
        }
      }
    }
    #expect(examples.storage.bytes == expected)
  }

  static let pixels = MATWriter().variable(
    "X", 9, [32, 32, 3, 1], MATWriter().element(2, [UInt8](repeating: 5, count: 3072)))

  static func labels(_ values: [UInt8]) -> [UInt8] {
    MATWriter().variable("y", 6, [values.count, 1], MATWriter().small(2, values))
  }

  static let brokenFiles: [Broken] = [
    Broken(
      MATWriter().file([labels([1])]),
      "'x': expected the name of an array out of y, got 'X'"),
    Broken(
      MATWriter().file([MATWriter().variable("X", 9, [1, 1], MATWriter().small(2, [1]))]),
      "'x[X]', shape: expected uint8 [32, 32, 3, n], got uint8 [1, 1]"),
    Broken(
      MATWriter().file([pixels, labels([1, 2])]),
      "'x[y]', shape: expected [1, 1], one label per image, got [2, 1]"),
    Broken(
      MATWriter().file([pixels, labels([0])]), "'x[y]', label 0: expected a digit 1...10, got 0.0"),
    Broken(
      MATWriter().file([pixels, labels([11])]), "'x[y]', label 0: expected a digit 1...10, got 11.0"
    ),
  ]

  @Test("a broken file says where and what", arguments: SVHNTests.brokenFiles)
  func broken(file: Broken) {
    #expect(
      message { _ = try SVHN.examples(file.bytes, file: "x", name: "x", labels: true) }
        == file.expected)
  }

  @Test("labels that are not wanted are not read")
  func withoutLabels() throws {
    let bytes = MATWriter().file([Self.pixels, Self.labels([0])])
    let examples = try SVHN.examples(bytes, file: "x", name: "x", labels: false)
    #expect(examples.labels == nil)
    #expect(examples.storage.bytes == [UInt8](repeating: 5, count: 3072))
  }
}
