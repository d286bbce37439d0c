/// A model as a row of Table 1 of Hu et al. 2018; [G] marks what belongs to the generative process, [I] the inference.
public struct UnifiedRow: Equatable, Sendable {
  /// What x, y and z are; the last has all variables but x and what says what is real.
  public let x, y, z: String
  /// The distribution of x, the discriminator, and the distributions of other variables given x; a hyphen for none.
  public let px, qy, qz: String
  /// The KL that is minimized, or what is minimized instead.
  public let minimized: String

  /// The columns by their names in the paper, in order.
  public var cells: [(name: String, text: String)] {
    [
      ("x", x), ("y", y), ("z", z), ("p_theta(x|y)", px), ("q_phi(y|x)", qy), ("q_eta(z|x, y)", qz),
      ("KL minimized", minimized),
    ]
  }
}

extension UnifiedView {
  /// The row of Table 1.
  public var row: UnifiedRow {
    let others = variables.filter { $0 != "x" && !indicators.contains($0) }
    return UnifiedRow(
      x: meaning("x"), y: indicatorCell, z: codesCell(others),
      px: cell(processes.filter { $0.to.contains("x") }, "generator"),
      qy: isDegenerate
        ? "[I] q_*(y|x), discriminator (degenerate)"
        : cell(processes.filter(\.isAdversarial), "discriminator").replacing("^(r)", with: ""),
      qz: cell(
        processes.filter { process in
          process.label.hasPrefix("q_eta") || process.to.contains { others.contains($0) && process.from.contains("x") }
        }, "infer net"),
      minimized: card.divergence ?? divergences.joined(separator: " and "))
  }

  private var indicatorCell: String {
    guard !indicators.isEmpty else { return "-" }
    let kind = card.meanings["real or generated"] ?? "real/generated indicator"
    return (indicators.count == 1 ? kind : indicators.joined(separator: ", ") + ": \(kind)s")
      + (isDegenerate ? " (degenerate)" : "")
  }

  private func codesCell(_ names: [String]) -> String {
    guard names.count != 1 || names == ["t"] else { return meaning(names[0]) }
    return names.isEmpty ? "-" : names.map { "\($0) \(meaning($0))" }.joined(separator: ", ")
  }

  /// What a variable is, by the card or by its letter.
  private func meaning(_ name: String) -> String {
    if let told = card.meanings[name == "t" ? "y" : name] ?? card.meanings[name] { return told }
    switch name.first {
    case "x": return processes.contains { $0.to.contains("x") } ? "data/generations" : "data"
    case "t": return "class"
    case "a": return "auxiliary variable"
    case "h": return "hidden layer"
    case "c": return "code to recover"
    default: return "code vector"
    }
  }

  private func cell(_ processes: [Process], _ noun: String) -> String {
    guard !processes.isEmpty else { return "-" }
    return processes.map { "\($0.mark) \($0.label)" }.joined(separator: ", ")
      + ", \(processes.contains(where: \.isImplicit) ? "implicit " : "")\(noun)"
  }

  /// The divergences that follow from critics and conditionals.
  private var divergences: [String] {
    let fooled = zip(card.adversaries, indicators).filter { $0.0.use == .isFooled }
    let games = fooled.map { game($0, $1) }
    let hasLikelihood = processes.contains { $0.to == ["x"] && !$0.isInference && !isGivenJudged($0) }
    let infers = processes.contains { $0.isInference && !$0.isAdversarial && !$0.to.contains("x") }
    let isBound = hasLikelihood && infers && !fooled.contains { $0.0.variables != ["x"] }
    if games.isEmpty && !isBound {
      let made = processes.first { !$0.isAdversarial }
      let variables = made.map { $0.to.joined(separator: ", ") } ?? "x"
      let given = made.flatMap { $0.from.isEmpty ? nil : "|" + $0.from.joined(separator: ", ") } ?? ""
      return ["KL(p_data(\(variables)\(given)) || p_theta(\(variables)\(given)))"]
    }
    return games + (isBound ? [bound] : [])
  }

  /// Whether a process recovers x from what a fooled critic judges, as an adversarial autoencoder's does.
  private func isGivenJudged(_ process: Process) -> Bool {
    card.adversaries.contains { $0.use == .isFooled && !Set($0.variables).isDisjoint(with: process.from) }
  }

  /// What descends against a fooled critic minimizes: Lemma 1, Eq. 16 with what is recovered, and its mirror image.
  private func game(_ adversary: ModelCard.Adversary, _ indicator: String) -> String {
    let judged = Set(adversary.variables.map(Self.renamed))
    guard let made = processes.first(where: { $0.isInference && !judged.isDisjoint(with: $0.to) }) else {
      return "D(\(adversary.generated), \(adversary.real))"
    }
    guard adversary.objective.map({ [.jensenShannon, .nonSaturating].contains($0) }) ?? true else {
      return adversary.objective!.measure(adversary.generated, adversary.real)
    }
    let recovered = processes.filter { !$0.isInference && !$0.isAdversarial && !judged.isDisjoint(with: $0.from) }
      .flatMap(\.to).filter { !judged.contains($0) }
    let given = recovered + adversary.given.map(Self.renamed).filter { !recovered.contains($0) } + [indicator]
    return "KL(\(made.label) || q^r(\(made.to.joined(separator: ", "))|\(given.joined(separator: ", "))))"
  }

  /// Lemma 2: inference of everything but x against the posterior.
  private var bound: String {
    var latents: [String] = []
    for process in processes where process.isInference && !process.isAdversarial {
      for name in process.to where name != "x" && !latents.contains(name) { latents.append(name) }
    }
    let codes = latents.joined(separator: ", ")
    if card.adversaries.contains(where: { $0.use == .tellsRatio }) {
      return "KL(q_eta(\(codes)|x) || p_theta(\(codes)|x)), with log q/p by the critic"
    }
    let given = card.conditionals.contains { $0.variables == ["y"] } && !latents.contains("t") ? "t, " : ""
    let critic = card.adversaries.first?.use == .weighs ? "q_phi^r" : "q_*^r"
    return "KL(q_eta(\(codes)|x, \(given)y) \(critic)(y|x) || p_theta(\(codes), y|x\(given.isEmpty ? "" : ", t")))"
  }
}

extension AdversarialObjective {
  /// The divergence between two distributions in the notation of the papers.
  public func measure(_ q: String, _ p: String) -> String {
    switch self {
    case .jensenShannon, .nonSaturating, .minimax: "JSD(\(q) || \(p))"
    case .kl: "KL(\(q) || \(p))"
    case .reverseKL: "KL(\(p) || \(q))"
    case .pearson: "chi^2(\(q) || \(p))"
    case .hellinger: "H^2(\(q), \(p))"
    case .wasserstein: "W1(\(q), \(p))"
    case .leastSquares: "chi^2(\(q) || (\(q) + \(p))/2)"
    case .hinge: "TV(\(q), \(p))"
    }
  }
}
