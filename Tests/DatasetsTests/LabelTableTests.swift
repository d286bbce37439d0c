import Testing

@testable import Datasets

@Suite("Label tables")
struct LabelTableTests {
  func classes(
    _ text: String, names: [String]? = nil, count: Int
  ) throws -> LabelTable.Classes {
    try LabelTable.decode(Array(text.utf8), file: "y.csv").classes(for: names, count: count)
  }

  @Test("one column is a label per example, with or without a header")
  func column() throws {
    for text in ["2\n0\n1\n", "label\n2\n0\n1", "kind\r\n2\r\n0\r\n1\r\n\r\n"] {
      #expect(try classes(text, count: 3) == LabelTable.Classes(labels: [2, 0, 1], count: 3, names: nil))
    }
    #expect(
      try classes("Class\ndog\ncat\ndog\n", count: 3)
        == LabelTable.Classes(labels: [1, 0, 1], count: 2, names: ["cat", "dog"]))
  }

  @Test("two columns name examples or count them from 0; the others are -1")
  func columns() throws {
    let files = ["a.png", "b.png", "c, d.png"]
    let named = try classes("file,label\n\"c, d.png\",7\na.png,3\n", names: files, count: 3)
    #expect(named.labels == [3, -1, 7])
    #expect(named.count == 8)
    let words = try classes(
      "c, part 2\n".replacing("c,", with: "b.png,") + "a.png,part 10\nb.png,part 2\n", names: files, count: 3)
    #expect(words.labels == [1, 0, -1])
    #expect(words.names == ["part 2", "part 10"])
    #expect(try classes("index,y\n2,1\n0,0\n", count: 4).labels == [0, -1, 1, -1])
    #expect(try classes("2,1\n0,0\n", count: 3).labels == [0, -1, 1])
  }

  @Test(
    "commas, semicolons and tabs separate, quotes hold, and line ends, a byte order mark and blank lines do not matter",
    arguments: [
      "file,label\na.png,cat\nb.png,dog\n", "a.png;cat\nb.png;dog\n", "a.png\tcat\r\nb.png\tdog\r\n",
      "\"a.png\";\"cat\"\n\"b.png\" ; dog", "\u{FEFF}file\tclass\na.png\tcat\n\nb.png\tdog\n\n",
      "\n\na.png,cat\n \nb.png,dog", "image,kind\nb.png,dog\na.png,cat\n",
    ])
  func separators(text: String) throws {
    let classes = try classes(text, names: ["a.png", "b.png"], count: 2)
    #expect(classes == LabelTable.Classes(labels: [0, 1], count: 2, names: ["cat", "dog"]))
  }

  @Test("a separator inside of a name or a label is no separator")
  func innerSeparators() throws {
    let names = ["a;b.png", "c;d.png"]
    #expect(try classes("a;b.png,cat\nc;d.png,dog\n", names: names, count: 2).labels == [0, 1])
    #expect(try classes("\"a;b.png\";cat\n\"c;d.png\";dog\n", names: names, count: 2).labels == [0, 1])
    #expect(try classes("\"a,b\"\tcat\n\"c,d\"\tdog\n", names: ["a,b", "c,d"], count: 2).labels == [0, 1])
  }

  @Test("a first line that speaks of an example is no header, whatever its label", arguments: ["y", "class", "Target"])
  func firstLabel(word: String) throws {
    let names = ["0.png", "1.png"]
    let both = try classes("0.png,\(word)\n1.png,other\n", names: names, count: 2)
    #expect(both.count == 2)
    #expect(!both.labels.contains(-1))
    #expect(try classes("0,\(word)\n1,other\n", count: 2).count == 2)
    #expect(try classes("\(word)\nother\n", count: 2).count == 2)
    #expect(try classes("\(word)\nother\n", count: 1).names == ["other"])
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
      (
        "part,breed\na.png,pug\n",
        "line 1: expected the name of an example, got 'part' (a header's last cell is 'label' or 'class', or its first 'file' or 'index')"
      ),
      (
        "breed\npug\ncollie\n",
        "line 3: expected 2 labels, one per example, got 3 (a header's last cell is 'label' or 'class', or its first 'file' or 'index')"
      ),
      ("1\n\n2\n", "line 2, column 1: expected a label, got an empty cell"),
      (
        "a.png cat\nb.png dog\n",
        "line 1: expected a comma, a semicolon or a tab between a name and its label, got 'a.png cat'"
      ),
    ])
  func broken(text: String, expected: String) {
    #expect(
      message { _ = try classes(text, names: ["a.png", "b.png"], count: 2) }
        == "'y.csv', \(expected)")
  }

  @Test("text in another encoding than UTF-8 is refused with its line")
  func encoding() {
    let latin = Array("a.png,cat\nb.png,caf".utf8) + [0xE9, 0x0A]
    #expect(
      message { _ = try LabelTable.decode(latin, file: "x") } == "'x', line 2: expected text in UTF-8, got byte e9")
    #expect(
      message { _ = try LabelTable.decode([0xFF, 0xFE, 0x30, 0], file: "x") }
        == "'x', line 1: expected text in UTF-8, got byte ff")
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
