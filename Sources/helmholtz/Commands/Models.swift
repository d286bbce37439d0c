import ArgumentParser
import Foundation
import Systems

/// `helmholtz models`
struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List every system with its paper.",
    discussion: "Example:  helmholtz models --json")

  @Flag(help: "Print JSON.") var json = false

  private struct Row: Encodable {
    let name, paper, summary: String
  }

  func run() throws {
    let rows = Catalog.systems.map { Row(name: $0.name, paper: $0.paper.citation, summary: $0.summary) }
    if json { return try printJSON(rows) }
    let width = (rows.map(\.name.count).max() ?? 0) + 2
    for row in rows {
      printParagraph(row.name, width: width, row.summary)
      printParagraph("", width: width, row.paper)
    }
  }
}
