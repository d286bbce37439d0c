import Foundation
import Testing

@testable import Datasets

@Suite("CSV")
struct CSVTests {
  func decode(_ text: String, header: Bool = false, key: String? = nil) throws -> DataArray {
    try CSV.decode(Array(text.utf8), hasHeader: header, key: key, file: "x.csv")
  }

  @Test(
    "either line end, quotes, blanks, a byte order mark and blank lines at the end are read",
    arguments: [
      "1,2\n3,4\n", "1,2\n3,4", "1,2\r\n3,4\r\n", "1,2\r\n3,4\r\n\r\n \n", "\u{FEFF}1,2\n3,4\n",
      "\"1\",2\n3,\"4\"\n", " 1 ,\t2\n3, 4 \n", "\"1\" , 2\r\n3,\"4\"\r\n", "1,2\n3,4\r",
    ])
  func forms(text: String) throws {
    let array = try decode(text)
    #expect(array.shape == [2, 2])
    #expect(array.element == .float64)
    #expect(array.doubles() == [1, 2, 3, 4])
  }

  @Test("a number has the very bits that strtod gives it")
  func exact() throws {
    var texts = [
      "0", "-0", "-0.0", "1.", ".5", "+7", "-.25", "1e3", "1E-3", "1e400", "-1e400", "1e-400", "inf",
      "-inf", "Infinity", "-INF", "4.9e-324", "2.2250738585072011e-308", "1.7976931348623157e308",
      "9007199254740993", "123456789012345", "1234567890123456", "0.000000000000001",
      "0.0000000000000001", "999999999999999.9", "00000000000000000001.5", "0.1", "0.3",
      "1.00000000000000011102230246251565404236316680908203125",
      "179769313486231580793728971405301e276", "8.5e22", "1e23",
    ]
    var generator = SplitMix64(seed: 11)
    for _ in 0..<3000 {
      switch generator.below(4) {
      case 0: texts.append("\(Double(bitPattern: generator.next()))")
      case 1: texts.append("\(Double(generator.below(1 << 50)) / 1e6)")
      case 2: texts.append(String(format: "%.18e", generator.normal()))
      default: texts.append("-\(generator.below(1_000_000)).\(generator.below(1_000_000_000))")
      }
    }
    texts.removeAll { $0.contains("nan") }
    let values = try decode(texts.joined(separator: "\n")).doubles()
    for (text, value) in zip(texts, values) {
      #expect(value.bitPattern == strtod(text, nil).bitPattern, "\(text)")
    }
    #expect(values.count == texts.count)
    #expect(try decode("nan,NaN,-nan").doubles().map(\.isNaN) == [true, true, true])
  }

  @Test("a header is skipped, and gives single columns their names")
  func header() throws {
    let text = "\"a, \"\"b\"\"\nc\",kind,d\n1,cat,3\n4,dog,6\n"
    #expect(try decode(text, header: true, key: "d").doubles() == [3, 6])
    let first = try decode(text, header: true, key: "a, \"b\"\nc")
    #expect(first.shape == [2])
    #expect(first.doubles() == [1, 4])
    #expect(first.source == "x.csv, column 'a, \"b\"\nc'")
    #expect(try decode("a,b\n1,2\n", header: true).doubles() == [1, 2])
  }

  @Test("by way of the format, with a part and compressed")
  func format() throws {
    var part = ArrayFormat.Part()
    part.hasHeader = true
    part.key = "b"
    let file = gzip(Array("a,b\n1,2\n3,4\n".utf8))
    #expect(try ArrayFormat.csv.decode(file, part, file: "x").doubles() == [2, 4])
  }

  @Test(
    "a broken table says where and what",
    arguments: [
      ("", "line 1: expected a line of numbers, got the end of the file"),
      ("\n\n", "line 1: expected a line of numbers, got the end of the file"),
      ("1,2\n3,\n", "line 2, column 2: expected a number, got an empty cell"),
      ("1,2\n3,\"\"\n", "line 2, column 2: expected a number, got an empty cell"),
      ("1,2\n3,4\n5,six\n", "line 3, column 2: expected a number, got 'six'"),
      ("1,2\n3\n", "line 2: expected 2 columns as in line 1, got 1"),
      ("1,2\n3,4,5\n", "line 2: expected 2 columns as in line 1, got 3"),
      ("1,2\n\n3,4\n", "line 2: expected 2 columns as in line 1, got a blank line"),
      (
        "1,0x10\n2,3\n", "line 1, column 2: expected a number, got '0x10' (--header skips a first line of column names)"
      ),
      (
        "width,height\n1,2\n",
        "line 1, column 1: expected a number, got 'width' (--header skips a first line of column names)"
      ),
      ("1\n\"2\n", "line 2, column 1: expected a closing quote, got the end of the file"),
      ("1\n\"2\"3\n", "line 2, column 1: expected a comma or the line's end after the quote, got '3'"),
      ("1\n--2\n", "line 2, column 1: expected a number, got '--2'"),
      ("1\n1 2\n", "line 2, column 1: expected a number, got '1 2'"),
      ("1\n.\n", "line 2, column 1: expected a number, got '.'"),
      ("1\n\u{1B}[2J\n", "line 2, column 1: expected a number, got '\\u{1b}[2J'"),
      (
        "1\n" + String(repeating: "x", count: 50),
        "line 2, column 1: expected a number, got '" + String(repeating: "x", count: 40) + "...'"
      ),
    ])
  func broken(text: String, expected: String) {
    #expect(message { _ = try decode(text) } == "'x.csv', \(expected)")
  }

  @Test("a broken header or a column that is not there says so")
  func brokenHeader() {
    #expect(
      message { _ = try decode("a,b\n1\n", header: true) }
        == "'x.csv', line 2: expected 2 columns as in line 1, got 1")
    #expect(
      message { _ = try decode("a,b\n", header: true) }
        == "'x.csv', line 2: expected a line of numbers, got the end of the file")
    #expect(
      message { _ = try decode("a,b\nc,2\n", header: true) }
        == "'x.csv', line 2, column 1: expected a number, got 'c'")
    #expect(
      message { _ = try decode("a,b\n1,2\n", key: "a") }
        == "'x.csv', column 'a': expected a first line of column names (--header), got none")
    #expect(
      message { _ = try decode("a,b\n1,2\n", header: true, key: "c") }
        == "'x.csv', column 'c': expected one of 'a', 'b', got none of that name")
    #expect(
      message { _ = try decode("a,b,a\n1,2,3\n", header: true, key: "a") }
        == "'x.csv', column 'a': expected a name that is given once, got columns 1 and 3")
  }

  @Test("no changed byte of a file traps")
  func fuzz() {
    let whole = Array("a,\"b\"\r\n1.5,-2e3\r\n\"3\",nan\n123456789,0.125\n".utf8)
    let alphabet = Array("0123456789.,-+eE\"\n\r \u{0}xN".utf8) + [0xEF, 0xFF]
    var generator = SplitMix64(seed: 5)
    var refused = 0
    for _ in 0..<5000 {
      var bytes = whole
      for _ in 0...generator.below(4) {
        bytes[generator.below(bytes.count)] = alphabet[generator.below(alphabet.count)]
      }
      if generator.below(4) == 0 { bytes.removeLast(generator.below(bytes.count)) }
      do {
        #expect(try CSV.decode(bytes, hasHeader: true, file: "x").count <= whole.count)
      } catch {
        refused += 1
      }
    }
    #expect(0 < refused && refused < 5000)
  }
}
