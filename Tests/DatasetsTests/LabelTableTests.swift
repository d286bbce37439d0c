import Testing

@testable import Datasets

@Suite("Label tables")
struct LabelTableTests {
  func classes(
    _ text: String, names: [String]? = nil, count: Int
  ) throws -> (labels: [Int32], classNames: [String]) {
    try LabelTable.decode(Array(text.utf8), file: "y.csv").classes(for: names, count: count)
  }

  @Test("one column is a label per example, with or without a header")
  func column() throws {
    for text in ["2\n0\n1\n", "label\n2\n0\n1", "kind\r\n2\r\n0\r\n1\r\n\r\n"] {
      let (labels, names) = try classes(text, count: 3)
      #expect(labels == [2, 0, 1])
      #expect(names == ["0", "1", "2"])
    }
    let (labels, names) = try classes("Class\ndog\ncat\ndog\n", count: 3)
    #expect(labels == [1, 0, 1])
    #expect(names == ["cat", "dog"])
  }

  @Test("two columns name examples or count them from 0; the others are -1")
  func columns() throws {
    let files = ["a.png", "b.png", "c, d.png"]
    let named = try classes("file,label\n\"c, d.png\",7\na.png,3\n", names: files, count: 3)
    #expect(named.labels == [3, -1, 7])
    #expect(named.classNames.count == 8)
    let words = try classes(
      "c, part 2\n".replacing("c,", with: "b.png,") + "a.png,part 10\nb.png,part 2\n", names: files, count: 3)
    #expect(words.labels == [1, 0, -1])
    #expect(words.classNames == ["part 2", "part 10"])
    #expect(try classes("index,y\n2,1\n0,0\n", count: 4).labels == [0, -1, 1, -1])
    #expect(try classes("2,1\n0,0\n", count: 3).labels == [0, -1, 1])
  }

  @Test("names sort by the numbers in them")
  func order() {
    let names = ["b", "a10", "a2", "a02", "a2b", "a", "10", "9", ""]
    #expect(names.sorted(by: precedes) == ["", "9", "10", "a", "a02", "a2", "a2b", "a10", "b"])
  }

  @Test(
    "what contradicts itself or the examples is refused with its line",
    arguments: [
      ("", "line 1: expected a line for each labelled example, got the end of the file"),
      ("label\n", "line 1: expected a line for each labelled example, got the end of the file"),
      ("a.png,1\nc.png,2\n", "line 2: expected the name of an example, got 'c.png'"),
      ("a.png,1\na.png,2\n", "line 2: expected label '1' for 'a.png' as in line 1, got '2'"),
      (
        "file,label\na.png,cat\n\"b.png\",dog\na.png,dog\n",
        "line 4: expected label 'cat' for 'a.png' as in line 2, got 'dog'"
      ),
      ("a.png,1\nb.png,cat\n", "line 2: expected a whole number as in line 1, got 'cat'"),
      ("a.png,cat\nb.png,dog\na.png,3\n", "line 3: expected a class name as in line 1, got '3'"),
      ("a.png,-1\n", "line 1: expected a class in 0..<1000000, got '-1'"),
      ("a.png,1000000\n", "line 1: expected a class in 0..<1000000, got '1000000'"),
      ("a.png,99999999999999999999\n", "line 1: expected a class in 0..<1000000, got '99999999999999999999'"),
      ("a.png,\n", "line 1, column 2: expected a label, got an empty cell"),
      ("a.png,1\nb.png\n", "line 2: expected 2 columns as in line 1, got 1 columns"),
      ("a,b,c\n", "line 1: expected a file name or an index and a label, or a label alone, got 3 columns"),
      ("1\n2\n3\n", "line 3: expected 2 labels, one per example, got 3"),
      ("1\n", "line 1: expected 2 labels, one per example, got 1"),
    ])
  func broken(text: String, expected: String) {
    #expect(
      message { _ = try classes(text, names: ["a.png", "b.png"], count: 2) }
        == "'y.csv', \(expected)")
  }

  @Test("an index beyond the examples is refused", arguments: ["2", "-1", "1.5", "a", ""])
  func index(text: String) {
    #expect(
      message { _ = try classes("0,1\n\(text),1\n", count: 2) }
        == "'y.csv', line 2: expected an index in 0..<2, got '\(text)'")
  }

  @Test("no changed byte of a table traps")
  func fuzz() {
    let whole = Array("file,label\na.png,cat 2\n\"b.png\",cat 10\r\na.png,cat 2\n".utf8)
    let alphabet = Array("019-abct., \"\n\r".utf8) + [0xFF]
    var generator = SplitMix64(seed: 6)
    var refused = 0
    for _ in 0..<3000 {
      var bytes = whole
      for _ in 0...generator.below(3) {
        bytes[generator.below(bytes.count)] = alphabet[generator.below(alphabet.count)]
      }
      do {
        let table = try LabelTable.decode(bytes, file: "x")
        #expect(try table.classes(for: ["a.png", "b.png", "c.png"], count: 3).labels.count == 3)
      } catch {
        refused += 1
      }
    }
    #expect(0 < refused && refused < 3000)
  }
}
