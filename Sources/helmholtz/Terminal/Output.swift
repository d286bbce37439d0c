import Foundation

/// Prints a value as JSON with sorted keys, for programs.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  print(String(decoding: try encoder.encode(value), as: UTF8.self))
}

/// Columns of text for people; what is longer goes on in the next line.
let textWidth = 80

/// Words in lines of at most 80 columns, all but the first indented to stand under it.
///
/// - Parameters:
///   - label: stands in front of the first line, in a column of its own.
///   - columns: of the longest line; help breaks lines of 80 once more.
func paragraph(_ label: String, width: Int, _ text: String, columns: Int = textWidth) -> [String] {
  let room = max(20, columns - width)
  var lines = [""]
  for word in text.split(separator: " ", omittingEmptySubsequences: false) {
    let longer = lines.last!.isEmpty ? String(word) : lines.last! + " " + word
    if longer.count <= room || lines.last!.isEmpty {
      lines[lines.count - 1] = longer
    } else {
      lines.append(String(word))
    }
  }
  let padding = String(repeating: " ", count: width)
  return lines.enumerated().map { index, line in
    (index == 0 ? label.padding(toLength: width, withPad: " ", startingAt: 0) : padding) + line
  }
}

/// Prints such lines.
func printParagraph(_ label: String, width: Int, _ text: String) {
  for line in paragraph(label, width: width, text) { print(line) }
}

/// Prints rows in aligned columns, for people; a long last column goes on below itself.
func printTable(_ header: [String], _ rows: [[String]]) {
  let all = header.allSatisfy(\.isEmpty) ? rows : [header] + rows
  let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
  for row in all {
    let cells = zip(row, widths).map { $0.padding(toLength: $1 + 2, withPad: " ", startingAt: 0) }
    let front = cells.dropLast().joined()
    printParagraph(front, width: front.count, row.last ?? "")
  }
}
