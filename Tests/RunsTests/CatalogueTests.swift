import Figures
import Foundation
import Generative
import TestSupport
import Testing

@testable import Runs
@testable import Systems

@Suite("The catalogue of systems")
struct CatalogueTests {
  @Test("preview")
  func preview() throws {
    guard let out = ProcessInfo.processInfo.environment["PREVIEW"] else { return }
    let directory = URL(fileURLWithPath: out)
    try RelationGraph.diagram(Catalog.everyRelation).write(to: directory.appendingPathComponent("future-relations.svg"))
    for (name, card) in Self.future {
      let view = UnifiedView(card)
      try view.diagram(title: name).write(to: directory.appendingPathComponent("future-\(name).svg"))
      print("ROW", name, view.row.cells.map(\.text).joined(separator: " ; "))
    }
  }

  static let future: [(String, ModelCard)] = [
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
          .init(of: ["x"], real: "p_data(x)", generated: "p(x)"), .init(of: ["z"], real: "p_data(z)", generated: "q(z)"),
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
          .init("p", ["z"], "N(0, I)"), .init("p", ["y"], "one of 10"), .init("p", ["x"], given: ["z", "y"], "Bernoulli"),
          .init("q", ["z"], given: ["x", "y"], "Gaussian"), .init("q", ["y"], given: ["x"], "classes"),
        ], players: [], parameterCount: 1,
        adversaries: [.init(of: ["x"], real: "p_data(x)", generated: "p(x)", use: .weighs)])
    ),
    (
      "cvae",
      ModelCard(
        conditionals: [
          .init("p", ["z"], "N(0, I)"), .init("p", ["y"], "one of 10"), .init("p", ["x"], given: ["z", "y"], "Bernoulli"),
          .init("q", ["z"], given: ["x", "y"], "Gaussian"),
        ], players: [], parameterCount: 1)
    ),
    (
      "wake-sleep",
      ModelCard(
        conditionals: [
          .init("p", ["h3"], "bits"), .init("p", ["h2"], given: ["h3"], "bits"), .init("p", ["h1"], given: ["h2"], "bits"),
          .init("p", ["x"], given: ["h1"], "Bernoulli"), .init("q", ["h1"], given: ["x"], "bits"),
          .init("q", ["h2"], given: ["h1"], "bits"), .init("q", ["h3"], given: ["h2"], "bits"),
        ], players: [], parameterCount: 1, divergence: "KL(q(h|x) || p(h|x)) awake and KL(p(h|x) || q(h|x)) asleep")
    ),
  ]
}
