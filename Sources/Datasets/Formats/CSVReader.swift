/// The cells of text that is separated by commas or another character, one after the other.
///
/// Works on bytes: a plain number is read where it stands, without becoming a text first.
///
/// - Source: RFC 4180, with either line end, a byte order mark and blank lines at the end allowed.
struct CSVReader {
  private let text: [UInt8]
  private let file: String
  private let separator: UInt8
  private var position = 0
  /// The line of the next cell, from 1.
  private(set) var line = 1
  /// The column of the next cell, from 1.
  private(set) var column = 1
  /// Whether the cell just read was the last of its record.
  private(set) var endsRecord = false

  init(_ text: consuming [UInt8], file: String, separator: UInt8 = UInt8(ascii: ",")) {
    self.separator = separator
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    self.text = text
    self.file = file
  }

  /// Whether there is no further record: nothing is left but blank lines.
  var isAtEnd: Bool { text[position...].allSatisfy { isBlank($0) || $0 == 0x0D || $0 == 0x0A } }

  /// Whether the next line is empty, so that ``isAtEnd`` need not be asked before each one.
  var isAtBlankLine: Bool {
    guard let next = text[position...].first(where: { !isBlank($0) && $0 != 0x0D }) else { return true }
    return next == 0x0A
  }

  /// The place of the cell being read, for messages.
  private var place: String { "line \(line), column \(column)" }

  /// All cells of the next record as text.
  mutating func record() throws(DatasetError) -> [String] {
    var cells: [String] = []
    repeat { cells.append(String(decoding: try cell(), as: UTF8.self)) } while !endsRecord
    return cells
  }

  /// The next cell's content, without its quotes and the blanks around it.
  mutating func cell() throws(DatasetError) -> [UInt8] {
    while position < text.count, isBlank(text[position]) { position += 1 }
    let content = current == 0x22 ? try quotedCell() : plainCell()
    try endCell()
    return content
  }

  /// The next cell if it is a plain decimal number whose value is exact by one multiplication; else nil, and
  /// nothing is read.
  ///
  /// Up to 15 digits are a whole double, and so is a power of ten up to 22: their product or quotient is rounded
  /// once, as the number itself would be (Clinger 1990).
  mutating func shortNumber() -> Double? {
    var at = position
    let end = text.count
    let isNegative = at < end && text[at] == 0x2D
    if isNegative { at += 1 }
    var mantissa = 0
    var digits = 0
    var fraction = 0
    while at < end, text[at] &- 0x30 <= 9 {
      mantissa = mantissa &* 10 &+ Int(text[at] &- 0x30)
      digits += 1
      at += 1
    }
    if at < end, text[at] == 0x2E {
      at += 1
      while at < end, text[at] &- 0x30 <= 9 {
        mantissa = mantissa &* 10 &+ Int(text[at] &- 0x30)
        fraction += 1
        at += 1
      }
      digits += fraction
    }
    guard (1...15).contains(digits) else { return nil }
    if at < end, text[at] == separator {
      (position, column, endsRecord) = (at + 1, column + 1, false)
    } else if at >= end || text[at] == 0x0A {
      (position, line, column, endsRecord) = (min(at + 1, end), line + 1, 1, true)
    } else {
      return nil
    }
    let value = Double(mantissa) / Self.powersOfTen[fraction]
    return isNegative ? -value : value
  }

  private static let powersOfTen = (0...15).map { digits in
    Double((0..<digits).reduce(1) { power, _ in power * 10 })
  }

  private var current: UInt8? { position < text.count ? text[position] : nil }

  private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 && separator != 0x09 }

  private mutating func plainCell() -> [UInt8] {
    let start = position
    while let byte = current, byte != separator, byte != 0x0A { position += 1 }
    var end = position
    if end > start, current != separator, text[end - 1] == 0x0D { end -= 1 }
    while end > start, isBlank(text[end - 1]) { end -= 1 }
    return Array(text[start..<end])
  }

  private mutating func quotedCell() throws(DatasetError) -> [UInt8] {
    let (startLine, startColumn) = (line, column)
    var content: [UInt8] = []
    position += 1
    while let byte = current {
      position += 1
      if byte == 0x0A { line += 1 }
      if byte == 0x22 {
        if current != 0x22 { return content }
        position += 1  // a doubled quote stands for one
      }
      content.append(byte)
    }
    throw .malformed(
      file: file, place: "line \(startLine), column \(startColumn)", expected: "a closing quote",
      got: "the end of the file")
  }

  /// Steps over the separator or the line end after a cell.
  private mutating func endCell() throws(DatasetError) {
    while let byte = current, isBlank(byte) { position += 1 }
    if current == 0x0D, position + 1 >= text.count || text[position + 1] == 0x0A { position += 1 }
    guard let byte = current, byte != 0x0A else {
      (position, line, column, endsRecord) = (min(position + 1, text.count), line + 1, 1, true)
      return
    }
    guard byte == separator else {
      throw .malformed(
        file: file, place: place, expected: "a comma or the line's end after the quote",
        got: quoted([byte]))
    }
    (position, column, endsRecord) = (position + 1, column + 1, false)
  }
}

/// A cell's text for a message: shortened, and nothing in it can steer a terminal.
package func quoted(_ cell: some Sequence<UInt8>) -> String {
  let longest = 40
  let bytes = Array(cell)
  let shown = String(decoding: bytes.prefix(longest), as: UTF8.self).unicodeScalars.map { scalar in
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned:
      "\\u{\(String(scalar.value, radix: 16))}"
    default: String(scalar)
    }
  }
  return "'\(shown.joined())\(bytes.count > longest ? "..." : "")'"
}
