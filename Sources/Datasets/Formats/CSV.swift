/// Tables of numbers as comma-separated text.
enum CSV {
  /// All numbers of a table, `[rows, columns]`, or those of one named column, `[rows]`.
  ///
  /// A number is what C's `strtod` reads in decimal notation, to the last bit, with nan and inf among them.
  ///
  /// - Parameters:
  ///   - hasHeader: whether the first line names the columns.
  ///   - key: the name of the only column wanted; the others may then hold anything.
  ///   - file: the name used in messages.
  static func decode(
    _ text: consuming [UInt8], hasHeader: Bool = false, key: String? = nil, file: String
  ) throws(DatasetError) -> DataArray {
    var reader = CSVReader(text, file: file)
    let names = hasHeader && !reader.isAtEnd ? try reader.record() : nil
    let wanted = try key.map { (key) throws(DatasetError) in try index(of: key, in: names, file) }
    let first = reader.line
    var columns = names?.count
    var rows = 0
    var values: [Double] = []
    while !reader.isAtBlankLine || !reader.isAtEnd {
      let line = reader.line
      guard !reader.isAtBlankLine || columns == nil else {
        throw .malformed(
          file: file, place: "line \(line)", expected: "\(columns!) columns as in line 1",
          got: "a blank line")
      }
      var found = 0
      repeat {
        if wanted == nil || wanted == found {
          values.append(try number(&reader, isHeaderMissing: !hasHeader && line == 1, file))
        } else {
          _ = try reader.cell()
        }
        found += 1
      } while !reader.endsRecord
      guard found == columns ?? found else {
        throw .malformed(
          file: file, place: "line \(line)", expected: "\(columns!) columns as in line 1",
          got: "\(found)")
      }
      columns = found
      rows += 1
    }
    guard let columns, rows > 0 else {
      throw .malformed(
        file: file, place: "line \(first)", expected: "a line of numbers", got: "the end of the file")
    }
    let bits = values.map { $0.bitPattern.littleEndian }
    return DataArray(
      source: key.map { "\(file), column '\($0)'" } ?? file, element: .float64,
      shape: wanted == nil ? [rows, columns] : [rows], bytes: bits.withUnsafeBytes(Array.init))
  }

  private static func number(
    _ reader: inout CSVReader, isHeaderMissing: Bool, _ file: String
  ) throws(DatasetError) -> Double {
    if let value = reader.shortNumber() { return value }
    let (line, column) = (reader.line, reader.column)
    let cell = try reader.cell()
    if let value = number(cell) { return value }
    let hint = isHeaderMissing ? " (--header skips a first line of column names)" : ""
    throw .malformed(
      file: file, place: "line \(line), column \(column)", expected: "a number",
      got: cell.isEmpty ? "an empty cell" : quoted(cell) + hint)
  }

  /// The number a whole cell stands for; nil for other text.
  ///
  /// The standard library reads more than tables should hold, such as hexadecimal digits.
  private static func number(_ cell: [UInt8]) -> Double? {
    let text = String(decoding: cell, as: UTF8.self)
    let isDecimal = cell.allSatisfy {
      switch $0 {
      case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x45, 0x65: true
      default: false
      }
    }
    if isDecimal { return Double(text) }
    let word = text.lowercased().drop { $0 == "+" || $0 == "-" }
    return ["nan", "inf", "infinity"].contains(word) ? Double(text) : nil
  }

  private static func index(
    of key: String, in names: [String]?, _ file: String
  ) throws(DatasetError) -> Int {
    guard let names else {
      throw .invalid(
        subject: "'\(file)', column '\(key)'", expected: "a first line of column names (--header)",
        got: "none")
    }
    let found = names.indices.filter { names[$0] == key }
    guard found.count == 1 else {
      throw .invalid(
        subject: "'\(file)', column '\(key)'",
        expected: found.isEmpty
          ? "one of \(names.map { quoted($0.utf8) }.joined(separator: ", "))" : "a name that is given once",
        got: found.isEmpty ? "none of that name" : "columns \(found.map { "\($0 + 1)" }.joined(separator: " and "))")
    }
    return found[0]
  }
}
