import Datasets
import Testing

@Suite("Tables of numbers with names") struct NumberTableTests {
  private static func table(_ text: String) throws -> NumberTable { try NumberTable(Array(text.utf8), file: "f.csv") }

  @Test("names, rows and the lines they begin in")
  func reading() throws {
    let table = try Self.table("a,\"b, c\"\r\n1,2\n-3.5,1e2\n\n")
    #expect(table.names == ["a", "b, c"])
    #expect(table.rows == [[1, 2], [-3.5, 100]])
    #expect(table.lines == [2, 3])
    #expect(try table.column("b, c") == 1)
  }

  @Test(
    "what is no table of finite numbers is refused with the line and the column",
    arguments: [
      ("", "'f.csv', line 1: expected names of columns, got the end of the file"),
      ("a,b\n", "'f.csv', line 2: expected a line of numbers, got the end of the file"),
      ("a,b\n1,2\n3,x\n", "'f.csv', line 3, column 2: expected a finite number, got 'x'"),
      ("a,b\n1,nan\n", "'f.csv', line 2, column 2: expected a finite number, got 'nan'"),
      ("a,b\n1,0x1\n", "'f.csv', line 2, column 2: expected a finite number, got '0x1'"),
      ("a,b\n1,inf\n", "'f.csv', line 2, column 2: expected a finite number, got 'inf'"),
      ("a,b\n,2\n", "'f.csv', line 2, column 1: expected a finite number, got an empty cell"),
      ("a,b\n1\n", "'f.csv', line 2: expected 2 columns as in line 1, got 1"),
      ("a,a\n1,2\n", "'f.csv', line 1, column 2: expected names that differ, got 'a' again"),
    ])
  func refusals(_ text: String, _ expected: String) {
    #expect(message { _ = try Self.table(text) } == expected)
  }

  @Test("a column that is not there is refused with the nearest")
  func columns() throws {
    let table = try Self.table("age,label\n1,0\n")
    #expect(
      message { _ = try table.column("labl") }
        == "'f.csv': expected a column 'labl', got 'age', 'label'; did you mean 'label'?")
  }
}
