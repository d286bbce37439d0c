import Figures
import Generative

extension UnifiedView {
  /// The schematic graphical model, in the notation of Figures 1(c), 3 and 6 of Hu et al. 2018.
  ///
  /// What a critic judges stands at the bottom, or x.
  public func diagram(title: String) -> Diagram {
    let judged = processes.first { $0.isAdversarial && $0.from.count == 1 }?.from[0] ?? "x"
    let nodes = [judged] + variables.filter { $0 != judged }
    let arrows = processes.flatMap { process in
      process.to.flatMap { to in process.from.map { from in Self.arrow(process, from, to, process.label) } }
    }
    return Diagram(title: title, nodes: .circle(nodes), arrows: arrows, legend: legend)
  }

  private static func arrow(_ process: Process, _ from: String, _ to: String, _ label: String) -> Diagram.Arrow {
    Diagram.Arrow(
      from, to, label: label, isDashed: process.isInference, isHollow: process.isImplicit, isBlue: process.isAdversarial
    )
  }

  /// The styles that are used, with their meaning.
  private var legend: [Diagram.Arrow] {
    let arrows = processes.filter { !$0.from.isEmpty }
    var entries: [Diagram.Arrow] = []
    if arrows.contains(where: { !$0.isInference }) { entries.append(.init("", "", label: "generative process")) }
    if arrows.contains(where: \.isInference) { entries.append(.init("", "", label: "inference", isDashed: true)) }
    if arrows.contains(where: \.isImplicit) {
      entries.append(.init("", "", label: "implicit distribution, by a transformation", isHollow: true))
    }
    if arrows.contains(where: \.isAdversarial) {
      let pair = isDegenerate ? "perfect discriminator: y is never in doubt" : "adversarial pair: q and its reverse q^r"
      entries.append(.init("", "", label: pair, isBlue: true))
    }
    return entries
  }
}
