import Testing

@testable import Datasets

@Suite("amat text")
struct AMATTests {
  /// Text of the published form.
  func text(_ rows: [[UInt8]]) -> [UInt8] {
    Array(rows.map { $0.map(String.init).joined(separator: " ") + "\n" }.joined().utf8)
  }

  @Test("any pattern of any width comes out as it went in", arguments: [1, 2, 4, 5, 8, 784, 787])
  func identity(columns: Int) throws {
    var generator = SplitMix64(seed: UInt64(columns))
    let rows = (0..<20).map { _ in (0..<columns).map { _ in UInt8(generator.below(2)) } }
    #expect(try AMAT.decode(text(rows), file: "x", columns: columns) == rows.flatMap(\.self))
  }

  @Test("other blanks, Windows line ends and a missing last line end are read too")
  func irregular() throws {
    let irregular = "0 1 1\n1  0\t1 \r\n0 0 1\n1 1 1"
    #expect(
      try AMAT.decode(Array(irregular.utf8), file: "x", columns: 3)
        == [0, 1, 1, 1, 0, 1, 0, 0, 1, 1, 1, 1])
    #expect(try AMAT.decode([], file: "x", columns: 3) == [])
  }

  @Test(
    "a broken line says where and what",
    arguments: [
      ("0 1 1\n0 2 1\n", "line 2, character 3: expected 0, 1 or a blank, got '2'"),
      ("0 1 1\n0 1\n", "line 2: expected 3 values, got 2"),
      ("0 1 1 0\n", "line 1: expected 3 values, got 4"),
      ("0 1 1\n\n0 1 1\n", "line 2: expected 3 values, got 0"),
      ("0 11 1\n", "line 1, character 3: expected a blank after the digit, got '1'"),
      ("0 1 1\n\u{1} 0 1\n", "line 2, character 1: expected 0, 1 or a blank, got byte 01"),
    ])
  func broken(text: String, expected: String) {
    #expect(
      message { _ = try AMAT.decode(Array(text.utf8), file: "x.amat", columns: 3) }
        == "'x.amat', \(expected)")
  }

  @Test("as a format, the first line says how many columns there are")
  func array() throws {
    let array = try ArrayFormat.amat.decode(gzip(text([[0, 1, 1], [1, 0, 0]])), file: "x")
    #expect(array.shape == [2, 3])
    #expect(array.element == .uint8)
    #expect(array.bytes == [0, 1, 1, 1, 0, 0])
    for text in ["", "\n0 1\n", "a b\n"] {
      #expect(
        message { _ = try ArrayFormat.amat.decode(Array(text.utf8), file: "x") }
          == "'x', line 1: expected 0 and 1 with blanks between, got neither")
    }
    #expect(
      message { _ = try ArrayFormat.amat.decode(Array("0 1\n0\n".utf8), file: "x") }
        == "'x', line 2: expected 2 values, got 1")
  }
}
