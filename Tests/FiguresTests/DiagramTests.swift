import Foundation
import Testing

@testable import Figures

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("Diagrams")
struct DiagramTests {
  @Test("formulas have Greek letters, indices and exponents")
  func formulas() {
    func text(_ formula: String) -> [String] {
      Formula(formula).pieces.map { piece in
        switch piece.level {
        case .line: piece.text
        case .lowered: "_" + piece.text
        case .raised: "^" + piece.text
        }
      }
    }
    #expect(text("p_theta(x|z, y)") == ["p", "_θ", "(x|z, y)"])
    #expect(text("q_phi^(r)(y|x)") == ["q", "_φ", "^(r)", "(y|x)"])
    #expect(text("q_*^r(y_x|x)") == ["q", "_*", "^r", "(y", "_x", "|x)"])
    #expect(text("plain words") == ["plain words"] && text("a_") == ["a_"] && text("") == [])
  }

  /// Every pair of `count` nodes with an arrow each way, some of them labelled.
  private func crowded(_ count: Int) -> Diagram {
    let names = (0..<count).map { "n\($0)" }
    let arrows = names.indices.flatMap { i in
      names.indices.filter { $0 != i }.map { j in
        Diagram.Arrow(names[i], names[j], label: "q_\(i)(n\(j)|n\(i), more)", isDashed: j < i, isHollow: i == 0)
      }
    }
    return Diagram(title: "crowded", nodes: .circle(names), arrows: arrows, legend: [.init("", "", label: "an arrow")])
  }

  @Test("labels cover no node, label or arrow, and what has no room is listed", arguments: [2, 3, 4, 6, 8])
  func labels(count: Int) {
    let diagram = crowded(count)
    let layout = DiagramLayout(diagram)
    let boxes = layout.labels.map(\.box)
    for (index, box) in boxes.enumerated() {
      #expect(!diagram.nodes.contains { DiagramLayout.box($0).meets(box) })
      #expect(!boxes[..<index].contains { $0.meets(box) })
      #expect(!layout.curves.contains { curve in (0...80).contains { box.contains(curve.at(Double($0) / 80)) } })
    }
    #expect(layout.labels.count + layout.listed.count == diagram.arrows.count)
    #expect(layout.labels.count >= min(diagram.arrows.count, count))
    if count <= 2 { #expect(layout.listed.isEmpty) }
  }

  @Test("arrows end at the borders of their nodes, and meet no other node", arguments: [3, 5, 8])
  func arrows(count: Int) {
    let diagram = crowded(count)
    for (curve, arrow) in zip(DiagramLayout(diagram).curves, diagram.arrows) {
      for (node, end) in [(arrow.from, curve.start), (arrow.to, curve.end)] {
        let place = diagram.nodes.first { $0.name == node }!.place
        let distance = ((end.x - place.x) * (end.x - place.x) + (end.y - place.y) * (end.y - place.y)).squareRoot()
        #expect(distance >= DiagramLayout.radius && distance < DiagramLayout.radius + 6)
      }
      for node in diagram.nodes where node.name != arrow.from && node.name != arrow.to {
        #expect(!(0...80).contains { DiagramLayout.covers(node, curve.at(Double($0) / 80), 2) }, "\(arrow) \(node)")
      }
    }
  }

  @Test("a drawing is well-formed and inside its page, with names escaped")
  func page() throws {
    let diagram = Diagram(
      title: "a < b & c",
      nodes: [.init("vae", at: .init(-50, 10), isBox: true), .init("gan", at: .init(900, -300), isBox: true)],
      arrows: [.init("vae", "gan", label: "<KL>", isBlue: true, hasHead: false)])
    let svg = diagram.svg()
    let parser = XMLParser(data: Data(svg.utf8))
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(svg.contains("a &lt; b &amp; c") && svg.contains("&lt;KL&gt;"))
    let layout = DiagramLayout(diagram)
    let (size, shift) = layout.page
    for box in diagram.nodes.map(DiagramLayout.box) + layout.labels.map(\.box) {
      #expect(box.left + shift.x >= 0 && box.right + shift.x <= size.width)
      #expect(box.top + shift.y >= 0 && box.bottom + shift.y <= size.height)
    }
  }

  @Test("one label serves arrows of one distribution, but each relation has its own")
  func sharing() {
    let arrows = [Diagram.Arrow("a", "x", label: "p(x|a, b)"), Diagram.Arrow("b", "x", label: "p(x|a, b)")]
    for (shares, count) in [(true, 1), (false, 2)] {
      let diagram = Diagram(title: "", nodes: .circle(["x", "a", "b"]), arrows: arrows, sharesLabels: shares)
      #expect(DiagramLayout(diagram).labels.count == count)
    }
  }
}
