import Configuration

/// A CSV file whose first line names its columns and whose other cells are finite numbers.
///
/// Unlike `ArrayFormat.csv` it keeps the names, and refuses NaN and infinities with the line and the column.
public struct NumberTable: Sendable {
  /// The file, for messages.
  public let file: String
  /// The names of the columns, all different.
  public let names: [String]
  /// The numbers, row after row.
  public let rows: [[Double]]
  /// The line that every row begins in, from 1.
  public let lines: [Int]

  /// Reads a file.
  public init(contentsOf path: String) throws(DatasetError) {
    try self.init(readFile(path), file: path)
  }

  /// Reads the content of a file.
  ///
  /// - Parameter file: the name used in messages.
  public init(_ text: consuming [UInt8], file: String) throws(DatasetError) {
    var reader = CSVReader(text, file: file)
    guard !reader.isAtEnd else {
      throw .malformed(file: file, place: "line 1", expected: "names of columns", got: "the end of the file")
    }
    let names = try reader.record()
    if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
      throw .malformed(
        file: file, place: "line 1, column \(twice + 1)", expected: "names that differ",
        got: quoted(names[twice].utf8) + " again")
    }
    var (rows, lines): ([[Double]], [Int]) = ([], [])
    while !reader.isAtEnd {
      let line = reader.line
      var row: [Double] = []
      repeat {
        let column = reader.column
        let cell = String(decoding: try reader.cell(), as: UTF8.self)
        // The standard library reads hexadecimal digits too.
        guard let number = Double(cell), number.isFinite, !cell.lowercased().contains("x") else {
          throw .malformed(
            file: file, place: "line \(line), column \(column)", expected: "a finite number",
            got: cell.isEmpty ? "an empty cell" : quoted(cell.utf8))
        }
        row.append(number)
      } while !reader.endsRecord
      guard row.count == names.count else {
        throw .malformed(
          file: file, place: "line \(line)", expected: "\(names.count) columns as in line 1", got: "\(row.count)")
      }
      rows.append(row)
      lines.append(line)
    }
    guard !rows.isEmpty else {
      throw .malformed(file: file, place: "line 2", expected: "a line of numbers", got: "the end of the file")
    }
    (self.file, self.names, self.rows, self.lines) = (file, names, rows, lines)
  }

  /// The place of the column of this name.
  public func column(_ name: String) throws(DatasetError) -> Int {
    if let found = names.firstIndex(of: name) { return found }
    let hint = nearest(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
    throw .invalid(
      subject: "'\(file)'", expected: "a column '\(name)'",
      got: names.map { quoted($0.utf8) }.joined(separator: ", ") + hint)
  }
}
