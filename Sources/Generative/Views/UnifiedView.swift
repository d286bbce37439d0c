/// A model as Hu et al. 2018 draw it: which of its distributions generate, which infer, which are implicit, and where y
/// says what is real; Figures 1(c), 3 and 6.
///
///     let view = UnifiedView(model.card)
///     view.row.px          // "[I] p_theta(x|y), implicit generator"
///     view.processes       // the arrows of its schematic graphical model
///
/// It follows from the card: what a fooled critic judges is inferred, as a latent variable whose distribution is implicit,
/// and what is recovered from it is generated (Figure 3(a)); where no critic is fooled, p generates and q infers
/// (Figure 3(b)). There y is degenerate: the perfect discriminator q_* is never in doubt. The paper's y is taken, so that a
/// class `y` of the card is t here.
public struct UnifiedView: Equatable, Sendable {
  /// A distribution with its place in the drawing: arrows from each variable of `from` to each of `to`.
  public struct Process: Equatable, Sendable {
    /// The distribution, such as `p_theta(x|z, y)`.
    public let label: String
    /// What it is given.
    public let from: [String]
    /// What it is over.
    public let to: [String]
    /// Whether it belongs to the inference process: a dashed arrow.
    public let isInference: Bool
    /// Whether it is known by its draws alone: a hollow arrow.
    public let isImplicit: Bool
    /// Whether it is a pair of q and its reverse q^r: a blue arrow.
    public let isAdversarial: Bool

    /// Its mark in Table 1: [I] or [G].
    public var mark: String { isInference ? "[I]" : "[G]" }
  }

  /// The variables: x and what else the model has, then those that say what is real.
  public let variables: [String]
  /// Those of them that say what is real.
  public let indicators: [String]
  /// The distributions that have arrows, and p(x) of a model without other variables.
  public let processes: [Process]
  /// Whether y is never in doubt, as no critic is there.
  public let isDegenerate: Bool
  let card: ModelCard

  /// The view of a card.
  public init(_ card: ModelCard) {
    self.card = card
    let entries = card.conditionals
    let judged = card.adversaries.filter { $0.use != .weighs }
    let fooled = card.adversaries.filter { $0.use == .isFooled }
    let hasInference = entries.contains { $0.role == .inference && !$0.given.isEmpty }
    let generatesX = entries.contains { $0.variables.contains("x") && !$0.given.isEmpty }
    isDegenerate = card.adversaries.isEmpty && hasInference && generatesX
    let names = card.adversaries.map { adversary in
      card.adversaries.count == 1 ? "y" : "y_\(adversary.variables.map(Self.renamed).joined())"
    }
    indicators = isDegenerate ? ["y"] : names
    var all = ["x"]
    for name in entries.flatMap({ $0.variables + $0.given }).map(Self.renamed) where !all.contains(name) {
      all.append(name)
    }
    variables = all + indicators

    /// The indicator of the critic that judges some variable of a conditional.
    func indicator(_ entry: ModelCard.Entry) -> String? {
      zip(card.adversaries, names).first { adversary, _ in
        adversary.use != .weighs && !Set(adversary.variables).isDisjoint(with: entry.variables)
      }?.1
    }
    /// Whether a conditional recovers something from what a fooled critic judges, which an implicit sampler made.
    func recovers(_ entry: ModelCard.Entry) -> Bool {
      fooled.contains { adversary in
        !Set(adversary.variables).isDisjoint(with: entry.given)
          && entries.contains { $0.isImplicit && !Set($0.variables).isDisjoint(with: adversary.variables) }
      }
    }
    let common = judged.isEmpty ? indicators.first : names.first
    var processes: [Process] = []
    for entry in entries where !entry.given.isEmpty || (entry.variables == ["x"] && !generatesX) {
      let (from, to) = (entry.given.map(Self.renamed), entry.variables.map(Self.renamed))
      let letter = Self.lettered(entry)
      func symbol(_ given: [String]) -> String { Self.symbol(letter, to, given) }
      let takesY = entry.variables == ["x"] || (entry.role == .inference && entry.given.contains("x"))
      if let own = indicator(entry) {
        // What makes the variable is encapsulated: p_theta(x|y) is the density of x = G(z).
        let kept = entry.given.filter { card.adversaries.first?.given.contains($0) ?? false }.map(Self.renamed)
        processes.append(
          Process(
            label: symbol(kept + [own]), from: from + [own], to: to, isInference: true, isImplicit: true,
            isAdversarial: false))
        guard (entry.role == .generative && !entry.isImplicit) || recovers(entry) else { continue }
        processes.append(
          Process(
            label: symbol(from + (entry.isImplicit ? [] : [own])), from: from, to: to, isInference: false,
            isImplicit: false, isAdversarial: false))
      } else {
        let given = from + (takesY ? [common].compactMap(\.self) : [])
        processes.append(
          Process(
            label: symbol(given), from: judged.isEmpty && entry.variables == ["x"] ? given : from, to: to,
            isInference: entry.role == .inference && !recovers(entry), isImplicit: entry.isImplicit && !recovers(entry),
            isAdversarial: false))
      }
    }
    for (adversary, name) in zip(card.adversaries, names) {
      let seen = (adversary.variables + adversary.given).map(Self.renamed)
      processes.append(
        Process(
          label: Self.symbol("q_phi^(r)", [name], seen), from: seen, to: [name],
          isInference: adversary.use == .weighs, isImplicit: false, isAdversarial: true))
    }
    if isDegenerate {
      processes.append(
        Process(
          label: "q_*^(r)(y|x)", from: ["x"], to: ["y"], isInference: true, isImplicit: false, isAdversarial: true))
    }
    self.processes = processes
  }

  /// A class is t: y says what is real.
  static func renamed(_ name: String) -> String { name == "y" ? "t" : name }

  private static func symbol(_ letter: String, _ variables: [String], _ given: [String]) -> String {
    let condition = given.isEmpty ? "" : "|" + given.joined(separator: ", ")
    return "\(letter)(\(variables.joined(separator: ", "))\(condition))"
  }

  /// p has the parameters theta, q of other variables than y has eta.
  private static func lettered(_ entry: ModelCard.Entry) -> String {
    switch entry.letter {
    case "p": "p_theta"
    case "q": "q_eta"
    default: entry.letter
    }
  }
}
