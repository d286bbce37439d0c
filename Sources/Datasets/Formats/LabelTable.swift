/// Which example has which class, as a person writes it down.
///
/// A table has two columns, a file name or an index from 0 and a label, or one, a label per example in their order.
/// Cells stand between commas, semicolons or tabs. Labels are whole numbers from 0 or names.
///
/// The first line is a header only if it cannot be an example: in a table of two columns its first cell is no example,
/// in a table of one column there is a line more than there are examples. It must then look like a header as well: its
/// last cell is "label", "class", "target" or the like, or no number although all others in its column are, or its
/// first cell is "file", "index" or the like. All else is an error, so that no label is lost.
public struct LabelTable: Sendable, Equatable {
  /// A line of the table.
  struct Entry: Sendable, Equatable {
    let line: Int
    /// A file name or an index; nil in a table of one column.
    let example: String?
    let label: String
  }

  /// What a table says of some examples.
  public struct Classes: Sendable, Equatable {
    /// The class of each example, ``Examples/unlabelled`` for those the table does not speak of.
    public let labels: [Int32]
    /// The number of classes.
    public let count: Int
    /// The classes' names in natural order ("part 2" before "part 10"); nil where labels are numbers of classes.
    public let names: [String]?
  }

  private let file: String
  private let entries: [Entry]

  private static let labelWords = [
    "label", "labels", "class", "classes", "target", "targets", "category", "categories", "y",
  ]
  private static let exampleWords = [
    "file", "files", "filename", "file_name", "name", "path", "image", "img", "picture", "example", "index", "id",
  ]
  /// What separates cells; the first with which every line has two of them is taken.
  private static let separators = [UInt8(ascii: ","), UInt8(ascii: "\t"), UInt8(ascii: ";")]
  /// More classes than any table of classes should be built for.
  private static let mostClasses = 1_000_000

  /// Reads the text of a table.
  ///
  /// - Parameter file: the name used in messages.
  public static func decode(_ text: [UInt8], file: String) throws(DatasetError) -> LabelTable {
    if let place = firstInvalidUTF8(text) {
      let line = 1 + text[..<place].count { $0 == 0x0A }
      throw .malformed(
        file: file, place: "line \(line)", expected: "text in UTF-8", got: "byte \(hex(text[place]))")
    }
    var failure: DatasetError?
    for separator in separators {
      do throws(DatasetError) {
        let rows = try rows(text, separator, file)
        if !rows.isEmpty, rows.allSatisfy({ $0.cells.count == 2 }) { return try table(rows, file) }
      } catch {
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
    return try table(try rows(text, separators[0], file), file)
  }

  /// The lines that are not blank.
  private static func rows(
    _ text: [UInt8], _ separator: UInt8, _ file: String
  ) throws(DatasetError) -> [(line: Int, cells: [String])] {
    var reader = CSVReader(text, file: file, separator: separator)
    var rows: [(line: Int, cells: [String])] = []
    var blank: Int?
    while !reader.isAtBlankLine || !reader.isAtEnd {
      let line = reader.line
      let isBlank = reader.isAtBlankLine
      let cells = try reader.record()
      if isBlank { blank = blank ?? line } else { rows.append((line, cells)) }
    }
    // Where labels are counted, a blank line may be an example without one, and a slip as well.
    if let blank, rows.contains(where: { $0.cells.count == 1 }) {
      throw .malformed(file: file, place: "line \(blank), column 1", expected: "a label", got: "an empty cell")
    }
    return rows
  }

  private static func table(
    _ rows: [(line: Int, cells: [String])], _ file: String
  ) throws(DatasetError) -> LabelTable {
    let columns = rows.first?.cells.count ?? 1
    let entries = try rows.map { (row) throws(DatasetError) -> Entry in
      let (line, cells) = row
      guard (1...2).contains(columns), cells.count == columns else {
        throw .malformed(
          file: file, place: "line \(line)",
          expected: (1...2).contains(columns)
            ? "\(columns) columns as in line \(rows[0].line)"
            : "a file name or an index and a label, or a label alone", got: "\(cells.count) columns")
      }
      guard !cells[columns - 1].isEmpty else {
        throw .malformed(
          file: file, place: "line \(line), column \(columns)", expected: "a label", got: "an empty cell")
      }
      return Entry(line: line, example: columns == 2 ? cells[0] : nil, label: cells[columns - 1])
    }
    guard !entries.isEmpty else { throw noLines(file) }
    return LabelTable(file: file, entries: entries)
  }

  private static func noLines(_ file: String) -> DatasetError {
    .malformed(
      file: file, place: "line 1", expected: "a line for each labelled example", got: "the end of the file")
  }

  /// A class for each of `count` examples.
  ///
  /// - Parameter names: the examples' names; nil if the table has to give indices.
  public func classes(for names: [String]?, count: Int) throws(DatasetError) -> Classes {
    precondition((names?.count ?? count) == count, "LabelTable: expected \(count) names")
    let known = names.map(NameIndex.init)
    func index(_ entry: Entry) -> Int? {
      let example = entry.example ?? ""
      if let known { return known[example] }
      return Int(example).flatMap { (0..<count).contains($0) ? $0 : nil }
    }
    let lines = withoutHeader(count, isExample: { index($0) != nil })
    guard !lines.isEmpty else { throw Self.noLines(file) }
    let indices: [Int]
    if lines[0].example == nil {
      try checkColumn(lines, known, count)
      indices = Array(0..<count)
    } else {
      indices = try lines.map { (entry) throws(DatasetError) -> Int in
        if let index = index(entry) { return index }
        let hint = entry.line == entries[0].line ? Self.headerHint : ""
        throw .malformed(
          file: file, place: "line \(entry.line)",
          expected: known == nil ? "an index in 0..<\(count)" : "the name of an example",
          got: quoted((entry.example ?? "").utf8) + hint)
      }
    }
    let (classes, classCount, classNames) = try numbered(lines)
    var labels = [Int32](repeating: -1, count: count)
    var speakers = [Int](repeating: -1, count: count)  // which entry spoke of an example
    for (position, (index, label)) in zip(indices, classes).enumerated() {
      guard speakers[index] < 0 || labels[index] == label else {
        let (entry, earlier) = (lines[position], lines[speakers[index]])
        throw .malformed(
          file: file, place: "line \(entry.line)",
          expected:
            "label \(quoted(earlier.label.utf8)) for \(quoted((entry.example ?? "").utf8)) as in line \(earlier.line)",
          got: quoted(entry.label.utf8))
      }
      if speakers[index] < 0 { (labels[index], speakers[index]) = (label, position) }
    }
    return Classes(labels: labels, count: classCount, names: classNames)
  }

  /// The lines that speak of examples: all but a first one that speaks of none and looks like a header.
  private func withoutHeader(_ count: Int, isExample: (Entry) -> Bool) -> [Entry] {
    let (first, rest) = (entries[0], entries.dropFirst())
    let speaks = first.example == nil ? entries.count == count : isExample(first)
    let isAlone = !rest.isEmpty && !first.isNumber && rest.allSatisfy(\.isNumber)
    let looksLikeOne =
      Self.labelWords.contains(first.label.lowercased()) || isAlone
      || Self.exampleWords.contains(first.example?.lowercased() ?? "")
    return !speaks && looksLikeOne ? Array(rest) : entries
  }

  private static let headerHint =
    " (a header's last cell is 'label' or 'class', or its first 'file' or 'index')"

  /// Refuses a column of labels that are not one per example.
  private func checkColumn(_ lines: [Entry], _ known: NameIndex?, _ count: Int) throws(DatasetError) {
    guard lines.count == count else {
      let mayBeHeader = lines.count == count + 1 && lines.count == entries.count && !lines[0].isNumber
      let hint = mayBeHeader ? Self.headerHint : ""
      throw .malformed(
        file: file, place: "line \(lines[min(count, lines.count - 1)].line)",
        expected: "\(count) labels, one per example", got: "\(lines.count)\(hint)")
    }
    guard let known else { return }
    for entry in lines {
      let words = entry.label.split { $0 == " " || $0 == "\t" || $0 == ":" || $0 == "|" }
      guard words.count == 2, known[String(words[0])] != nil else { continue }
      throw .malformed(
        file: file, place: "line \(entry.line)",
        expected: "a comma, a semicolon or a tab between a name and its label", got: quoted(entry.label.utf8))
    }
  }

  /// The class of each entry, how many classes there are, and their names.
  private func numbered(_ lines: [Entry]) throws(DatasetError) -> ([Int32], count: Int, names: [String]?) {
    let first = lines[0]
    if let other = lines.first(where: { $0.isNumber != first.isNumber }) {
      throw .malformed(
        file: file, place: "line \(other.line)",
        expected: "a \(first.isNumber ? "whole number" : "class name") as in line \(first.line)",
        got: quoted(other.label.utf8))
    }
    if first.isNumber {
      let classes = try lines.map { (entry) throws(DatasetError) -> Int32 in
        guard let number = Int32(entry.label), (0..<Int32(Self.mostClasses)).contains(number) else {
          throw .malformed(
            file: file, place: "line \(entry.line)", expected: "a class in 0..<\(Self.mostClasses)",
            got: quoted(entry.label.utf8))
        }
        return number
      }
      return (classes, Int(classes.max() ?? 0) + 1, nil)
    }
    let names = Set(lines.map(\.label)).sorted(by: precedes)
    guard names.count <= Self.mostClasses else {
      throw .malformed(
        file: file, place: "labels", expected: "at most \(Self.mostClasses) classes",
        got: "\(names.count)")
    }
    var classes: [String: Int32] = [:]
    for (index, name) in names.enumerated() { classes[name] = Int32(index) }
    return (lines.compactMap { classes[$0.label] }, names.count, names)
  }
}

/// The place of the first byte that is no part of a character in UTF-8; nil if all are.
private func firstInvalidUTF8(_ text: [UInt8]) -> Int? {
  let repaired = Array(String(decoding: text, as: UTF8.self).utf8)
  return repaired == text ? nil : zip(repaired, text).enumerated().first { $1.0 != $1.1 }?.offset ?? text.count - 1
}

extension LabelTable.Entry {
  /// Whether the label is a whole number, of any size and sign.
  fileprivate var isNumber: Bool {
    let digits = label.utf8.first == 0x2D ? label.utf8.dropFirst() : label.utf8[...]
    return !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
  }
}

/// Natural order: runs of digits compare as numbers, all else byte by byte.
func precedes(_ a: String, _ b: String) -> Bool {
  var (left, right) = (a.utf8[...], b.utf8[...])
  while let x = left.first, let y = right.first {
    let (m, n) = (digits(left), digits(right))
    if let m, let n, !m.elementsEqual(n) {
      return m.count == n.count ? m.lexicographicallyPrecedes(n) : m.count < n.count
    }
    if m != nil, n != nil {
      left = left.drop(while: isDigit)
      right = right.drop(while: isDigit)
    } else {
      if x != y { return x < y }
      left = left.dropFirst()
      right = right.dropFirst()
    }
  }
  // "a01" and "a1" are the same number; their bytes decide.
  if left.isEmpty, right.isEmpty { return a.utf8.lexicographicallyPrecedes(b.utf8) }
  return left.isEmpty
}

/// The digits a text begins with, without leading zeros; nil if it begins with none.
private func digits(_ text: Substring.UTF8View) -> Substring.UTF8View? {
  text.first.map(isDigit) == true ? text.prefix(while: isDigit).drop { $0 == 0x30 } : nil
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
