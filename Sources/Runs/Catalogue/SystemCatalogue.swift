import Figures
import Foundation
import Generative
import Systems
import Torch

/// A page for every system with its schematic graphical model, Table 1 of Hu et al. 2018 over all of them, and the graph of
/// their relations.
///
///     try SystemCatalogue().write(to: URL(fileURLWithPath: "docs/systems"))
///
/// `README.md` and a Markdown page for each system are for forges, `index.html` is for browsers; both show the same SVGs.
/// What is written is a function of the systems: written again, the files are the same.
public struct SystemCatalogue {
  /// A system and what it says of itself.
  struct Entry {
    let system: System
    let card: ModelCard
    let view: UnifiedView

    var drawing: Diagram { view.diagram(title: system.name) }
  }

  let entries: [Entry]
  let relations: [Relation]

  /// - Parameters:
  ///   - systems: those that are described, with the settings of their papers.
  ///   - relations: between them.
  public init(_ systems: [System] = Catalog.systems, relations: [Relation] = Catalog.relations) throws {
    entries = try systems.map { system in
      let card = try system.defaults.model(Facts(shape: system.exampleShape, classes: 10)).card
      return Entry(system: system, card: card, view: UnifiedView(card))
    }
    self.relations = relations
  }

  /// Writes all files into a directory, which is made if it is not there, and returns their names.
  @discardableResult
  public func write(to directory: URL) throws -> [String] {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    var names: [String] = []
    func write(_ name: String, _ text: String) throws {
      try AtomicFile.write(Array(text.utf8), to: directory.appendingPathComponent(name).path)
      names.append(name)
    }
    let graph = RelationGraph.diagram(relations)
    try graph.write(to: directory.appendingPathComponent("relations.svg"))
    names.append("relations.svg")
    for entry in entries {
      try entry.drawing.write(to: directory.appendingPathComponent(entry.system.name + ".svg"))
      names.append(entry.system.name + ".svg")
      try write(entry.system.name + ".md", page(entry))
    }
    try write("README.md", index)
    try report(graph).write(to: directory.appendingPathComponent("index.html"))
    return names + ["index.html"]
  }

  /// What each system is related to, in words.
  func relations(of name: String) -> [(other: String, change: String)] {
    relations.compactMap { relation in
      relation.from == name
        ? (relation.to, relation.change) : relation.to == name ? (relation.from, relation.change) : nil
    }
  }

  /// The page of a browser.
  private func report(_ graph: Diagram) -> Report {
    let header = ["system"] + (entries.first?.view.row.cells.map(\.name) ?? [])
    let table = DataTable(
      header: header, rows: entries.map { [$0.system.name] + $0.view.row.cells.map(\.text) },
      caption: "[G] belongs to the generative process, [I] to the inference (Hu et al. 2018, Table 1).")
    return Report(
      title: "Systems", subtitle: ["\(entries.count) systems of Helmholtz, as Hu et al. 2018 write them"],
      sections: [
        .init("Relations", [.figures([Figure(graph, caption: "What makes one system of another.")])]),
        .init("Correspondence", [.table(table)]),
      ]
        + entries.map { entry in
          .init(
            entry.system.name,
            [
              .paragraph("\(entry.system.summary). \(entry.system.paper.citation)"),
              .figures([Figure(entry.drawing, caption: entry.view.row.minimized)]),
              .facts(entry.card.conditionals.map { .init($0.symbol, $0.family) }),
              .facts(entry.card.players.map { .init($0.player, $0.loss) }),
            ])
        })
  }
}
