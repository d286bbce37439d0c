import Generative

extension SystemCatalogue {
  /// The first page: Table 1 and the graph of relations.
  var index: String {
    let cells = entries.first?.view.row.cells.map(\.name) ?? []
    let rows = entries.map { entry in
      Self.line(["[\(entry.system.name)](\(entry.system.name).md)"] + entry.view.row.cells.map { Self.code($0.text) })
    }
    return """
      # Systems

      Written by `helmholtz describe --all --out docs/systems`; `index.html` has the same for a browser.

      ![Relations between systems](relations.svg)

      Each system as Hu et al. 2018, *On Unifying Deep Generative Models*, write it (Table 1). [G] belongs to the generative process,
      [I] to the inference. y says what is real; a class is t.

      \(Self.line(["system"] + cells.map(Self.code)))
      \(Self.line([String](repeating: "---", count: cells.count + 1)))
      \(rows.joined(separator: "\n"))

      """
  }

  /// The page of a system.
  func page(_ entry: Entry) -> String {
    let name = entry.system.name
    let related = relations(of: name).map { "* [\($0.other)](\($0.other).md): \($0.change)" }
    let parts = [
      "# \(name)",
      "\(entry.system.summary.prefix(1).uppercased() + entry.system.summary.dropFirst()). "
        + "\(entry.system.paper.citation).",
      "![Schematic graphical model of \(name)](\(name).svg)",
      Self.table(["in the unified view", ""], entry.view.row.cells.map { ($0.name, $0.text) }),
      Self.table(["distribution", "is"], entry.card.conditionals.map { ("`\($0.symbol)`", $0.family) }),
      Self.table(["player", "descends"], entry.card.players.map { ($0.player, $0.loss) }),
      entry.card.notes.map { Self.code($0) }.joined(separator: "\n\n"),
      related.isEmpty ? "" : "Related systems:\n\n" + related.joined(separator: "\n"),
      "```\nhelmholtz config \(name)\nhelmholtz describe \(name)\n```", "[All systems](README.md)",
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  private static func table(_ header: [String], _ rows: [(String, String)]) -> String {
    ([line(header), line(["---", "---"])] + rows.map { line([code($0.0), code($0.1)]) }).joined(separator: "\n")
  }

  private static func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

  /// Text with signs that Markdown would read, in a cell: as code if it is a formula.
  private static func code(_ text: String) -> String {
    let safe = text.replacing("|", with: "\\|")
    return text.contains(where: { "_*^|<>~".contains($0) }) ? "`\(safe)`" : safe
  }
}
