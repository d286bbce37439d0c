import Foundation

extension Finding {
  private static let nameWidth = 44
  private static let columnWidth = 10
  private static let lineWidth = 96

  /// The finding for people, at most 96 columns wide.
  var table: String {
    var lines = [name]
    if !rows.isEmpty, header != [""] { lines.append(line("", header)) }
    for row in rows { lines.append(line("  " + row.name, cells(row))) }
    lines += notes.flatMap { Self.wrapped($0) }
    return lines.joined(separator: "\n")
  }

  private var hasRange: Bool { rows.contains { $0.values.count > 1 } }
  private var hasRates: Bool { rows.contains { $0.flops != nil } }
  private var hasPeers: Bool { ours != nil && rows.contains { $0.kind == .peer } }

  private var header: [String] {
    [unit] + (hasRange ? ["least", "most"] : []) + (hasRates ? ["GFLOP/s"] : [])
      + (hasPeers ? ["peer/ours"] : [])
  }

  private func cells(_ row: Row) -> [String] {
    let range = [row.values.min(), row.values.max()].compactMap(\.self)
    var cells = ([row.median] + (hasRange ? range : [])).map(Self.number)
    if hasRates { cells.append(row.gigaflops.map { String(format: "%.0f", $0) } ?? "") }
    if hasPeers, let ours {
      cells.append(row.kind == .peer ? String(format: "%.2f", row.median / ours.median) : "")
    }
    return cells
  }

  private func line(_ name: String, _ cells: [String]) -> String {
    let left = name.padding(toLength: max(Self.nameWidth, name.count), withPad: " ", startingAt: 0)
    let text =
      left
      + cells.map { String(repeating: " ", count: max(1, Self.columnWidth - $0.count)) + $0 }
      .joined()
    return text.replacing(#/\s+$/#, with: "")
  }

  /// Three or four digits.
  private static func number(_ value: Double) -> String {
    String(
      format: value < 10 ? "%.3f" : value < 100 ? "%.2f" : value < 1000 ? "%.1f" : "%.0f", value)
  }

  private static func wrapped(_ note: String) -> [String] {
    var lines: [String] = []
    var line = "  "
    for word in note.split(separator: " ") {
      if line.count + word.count + 1 > lineWidth {
        lines.append(line)
        line = "    "
      }
      line += (line.allSatisfy { $0 == " " } ? "" : " ") + word
    }
    return lines + [line]
  }
}
