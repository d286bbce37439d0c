import Foundation
import Generative
import TestSupport
import Testing

@testable import Figures
@testable import Runs
@testable import Systems

@Suite("The catalogue of systems")
struct CatalogueTests {
  /// Systems of the catalog, and cards of others as their papers have them.
  private static func views() throws -> [(name: String, view: UnifiedView)] {
    try Catalog.systems.map { system in
      (system.name, UnifiedView(try system.defaults.model(Facts(shape: system.exampleShape, classes: 10)).card))
    } + others.map { ($0, UnifiedView($1)) }
  }

  @Test("nothing of a schematic graphical model covers anything else, for every system")
  func schematics() throws {
    for (name, view) in try Self.views() {
      let diagram = view.diagram(title: name)
      let layout = DiagramLayout(diagram)
      for (index, label) in layout.labels.enumerated() {
        #expect(!diagram.nodes.contains { DiagramLayout.box($0).meets(label.box) }, "\(name) \(label.text)")
        #expect(!layout.labels[..<index].contains { $0.box.meets(label.box) }, "\(name) \(label.text)")
      }
      for (curve, arrow) in zip(layout.curves, diagram.arrows) {
        for node in diagram.nodes where node.name != arrow.from && node.name != arrow.to {
          #expect(!(0...80).contains { DiagramLayout.covers(node, curve.at(Double($0) / 80), 2) }, "\(name) \(arrow)")
        }
      }
      let labels = Set(diagram.arrows.map(\.label))
      #expect(Set(layout.labels.map(\.text) + layout.listed.map(\.label)) == labels, "\(name)")
      #expect(layout.listed.count <= 3, "\(name)")
      #expect(Set(diagram.nodes.map(\.name)) == Set(view.variables), "\(name)")
    }
  }

  @Test("every system has a whole row of Table 1")
  func rows() throws {
    for (name, view) in try Self.views() {
      #expect(view.row.cells.allSatisfy { !$0.text.isEmpty }, "\(name)")
      #expect(view.row.cells.last?.text.contains("KL") == true, "\(name): \(view.row.minimized)")
    }
  }

  @Test("the graph of relations has every system, a label on every arrow, and nothing covers anything else")
  func relations() {
    let known = Set(Catalog.relations.flatMap { [$0.from, $0.to] })
    #expect(Set(Catalog.systems.map(\.name)) == known)
    for relations in [Catalog.relations, Catalog.everyRelation] {
      let diagram = RelationGraph.diagram(relations)
      let layout = DiagramLayout(diagram)
      #expect(layout.listed.isEmpty && layout.labels.count == relations.count, "\(layout.listed.map(\.label))")
      for (index, node) in diagram.nodes.enumerated() {
        let box = DiagramLayout.box(node)
        #expect(!diagram.nodes[..<index].contains { DiagramLayout.box($0).meets(box) }, "\(node.name)")
      }
      for (curve, arrow) in zip(layout.curves, diagram.arrows) {
        for node in diagram.nodes where node.name != arrow.from && node.name != arrow.to {
          let covers = (0...80).contains { DiagramLayout.covers(node, curve.at(Double($0) / 80), 2) }
          #expect(!covers, "\(arrow) \(node.name)")
        }
      }
    }
  }

  @Test("a relation to a system without a place is drawn under the others")
  func strangers() {
    let diagram = RelationGraph.diagram([
      Relation("gan", "vae", "a"), Relation("new", "vae", "b"), Relation("newer", "vae", "c"),
    ])
    let (new, newer) = (diagram.nodes.first { $0.name == "new" }!, diagram.nodes.first { $0.name == "newer" }!)
    #expect(diagram.nodes.filter { $0.name == "vae" || $0.name == "gan" }.allSatisfy { $0.place.y < new.place.y })
    #expect(!DiagramLayout.box(new).meets(DiagramLayout.box(newer)))
  }

  @Test("the catalogue has a drawing and a page of each system, an index and a page for browsers, and is reproducible")
  func files() throws {
    try withTemporaryDirectory { directory in
      let systems = ["vae", "aae", "gan"].map { name in Catalog.systems.first { $0.name == name }! }
      let names = Set(systems.map(\.name))
      let relations = Catalog.relations.filter { names.contains($0.from) && names.contains($0.to) }
      let url = URL(fileURLWithPath: directory + "/a/b")
      let written = try SystemCatalogue(systems, relations: relations).write(to: url)
      #expect(
        written == [
          "relations.svg", "vae.svg", "vae.md", "aae.svg", "aae.md", "gan.svg", "gan.md", "README.md", "index.html",
        ])
      let texts = try written.map { try String(contentsOf: url.appendingPathComponent($0), encoding: .utf8) }
      #expect(try SystemCatalogue(systems, relations: relations).write(to: url) == written)
      #expect(try written.map { try String(contentsOf: url.appendingPathComponent($0), encoding: .utf8) } == texts)
      let page = texts[written.firstIndex(of: "aae.md")!]
      for words in [
        "# aae\n", "![Schematic graphical model of aae](aae.svg)", "* [vae](vae.md): a critic for the KL",
        "| KL minimized | `KL(q_eta(z\\|y) \\|\\| q^r(z\\|x, y))` |", "| `p(z)` | N(0, I), 10 dimensions |",
      ] { #expect(page.contains(words), "\(page)") }
      let index = texts[written.firstIndex(of: "README.md")!]
      #expect(index.contains("![Relations between systems](relations.svg)") && index.contains("| [gan](gan.md) | "))
      let html = texts.last!
      #expect(html.components(separatedBy: "<svg ").count - 1 >= 4 && html.contains("real/generated indicator"))
    }
  }

  private static let others: [(String, ModelCard)] = [
    (
      "cgan",
      ModelCard(
        conditionals: [
          .init("p", ["z"], "N(0, I)"), .init("p", ["y"], "one of 10 classes"),
          .init("p", ["x"], given: ["z", "y"], "x = G(z, y)", isImplicit: true),
        ], players: [], parameterCount: 1,
        adversaries: [
          .init(of: ["x"], given: ["y"], real: "p_data(x|y)", generated: "p(x|y)", objective: .nonSaturating)
        ])
    ),
    (
      "infogan",
      ModelCard(
        conditionals: [
          .init("p", ["z"], "noise"), .init("p", ["c"], "codes"),
          .init("p", ["x"], given: ["z", "c"], "x = G(z, c)", isImplicit: true),
          .init("q", ["c"], given: ["x"], "on D's body"),
        ], players: [], parameterCount: 1,
        adversaries: [.init(of: ["x"], real: "p_data(x)", generated: "p(x)", objective: .nonSaturating)])
    ),
    (
      "pm",
      ModelCard(
        conditionals: [
          .init("p", ["x"], given: ["z"], "Bernoulli"),
          .init("q", ["z"], given: ["x"], "sigmoid units", isImplicit: true),
        ], players: [], parameterCount: 1,
        adversaries: [.init(of: ["z"], real: "the product of all q(z_i)", generated: "q(z)")],
        divergence: "no KL: the units' dependence")
    ),
    (
      "cyclegan",
      ModelCard(
        conditionals: [
          .init("p", ["x"], given: ["z"], "x = F(z)", isImplicit: true),
          .init("q", ["z"], given: ["x"], "z = G(x)", isImplicit: true),
        ], players: [], parameterCount: 1,
        adversaries: [
          .init(of: ["x"], real: "p_data(x)", generated: "p(x)"),
          .init(of: ["z"], real: "p_data(z)", generated: "q(z)"),
        ], meanings: ["x": "data of B", "z": "data of A"])
    ),
    (
      "ada",
      ModelCard(
        conditionals: [
          .init("p", ["x"], given: ["z"], "x = G(z)", isImplicit: true), .init("q", ["y"], given: ["x"], "classifier"),
        ], players: [], parameterCount: 1,
        adversaries: [.init(of: ["x"], real: "p(x|source)", generated: "p(x|target)", objective: .nonSaturating)],
        meanings: ["x": "features", "z": "data examples", "real or generated": "domain indicator"])
    ),
    (
      "vae-gan",
      ModelCard(
        conditionals: [
          .init("p", ["z"], "N(0, I)"), .init("p", ["x"], given: ["z"], "Gaussian in a layer of D"),
          .init("q", ["z"], given: ["x"], "Gaussian"),
        ], players: [], parameterCount: 1,
        adversaries: [.init(of: ["x"], real: "p_data(x)", generated: "p(x)", objective: .nonSaturating)])
    ),
    (
      "aavae",
      ModelCard(
        conditionals: [
          .init("p", ["z"], "N(0, I)"), .init("p", ["x"], given: ["z"], "Bernoulli"),
          .init("q", ["z"], given: ["x"], "Gaussian"),
        ], players: [], parameterCount: 1,
        adversaries: [.init(of: ["x"], real: "p_data(x)", generated: "p(x)", use: .weighs)])
    ),
    (
      "aasvae",
      ModelCard(
        conditionals: [
          .init("p", ["z"], "N(0, I)"), .init("p", ["y"], "one of 10"),
          .init("p", ["x"], given: ["z", "y"], "Bernoulli"),
          .init("q", ["z"], given: ["x", "y"], "Gaussian"), .init("q", ["y"], given: ["x"], "classes"),
        ], players: [], parameterCount: 1,
        adversaries: [.init(of: ["x"], real: "p_data(x)", generated: "p(x)", use: .weighs)])
    ),
    (
      "cvae",
      ModelCard(
        conditionals: [
          .init("p", ["z"], "N(0, I)"), .init("p", ["y"], "one of 10"),
          .init("p", ["x"], given: ["z", "y"], "Bernoulli"),
          .init("q", ["z"], given: ["x", "y"], "Gaussian"),
        ], players: [], parameterCount: 1)
    ),
    (
      "wake-sleep",
      ModelCard(
        conditionals: [
          .init("p", ["h3"], "bits"), .init("p", ["h2"], given: ["h3"], "bits"),
          .init("p", ["h1"], given: ["h2"], "bits"),
          .init("p", ["x"], given: ["h1"], "Bernoulli"), .init("q", ["h1"], given: ["x"], "bits"),
          .init("q", ["h2"], given: ["h1"], "bits"), .init("q", ["h3"], given: ["h2"], "bits"),
        ], players: [], parameterCount: 1, divergence: "KL(q(h|x) || p(h|x)) awake and KL(p(h|x) || q(h|x)) asleep")
    ),
  ]
}
