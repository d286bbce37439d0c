import ArgumentParser
import Evaluation
import Foundation
import Torch

/// `helmholtz verify NAME`
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Work out both sides of an identity behind GANs and VAEs.",
    discussion: """
      Examples:

        helmholtz verify lemma-1 --generator 1:1 --data 1:0:1 --logit 0.5,-1
        helmholtz verify conjugate --objective pearson --at 0.3 --json

      One side is worked out by the losses that models train on.

      \(IdentityForm.all.map(Self.help).joined(separator: "\n"))
      """)

  @Argument(help: "The identity.") var name: String
  @Option(help: ArgumentHelp("The generator's Gaussian.", valueName: "mean:sd")) var generator: String?
  @Option(help: ArgumentHelp("Gaussians of the data, with weights.", valueName: "w:mean:sd,...")) var data: String?
  @Option(help: ArgumentHelp("D(x) = sigmoid(A + B x), that x is real.", valueName: "a,b")) var logit: String?
  @Option(help: ArgumentHelp("Points, or the argument of a conjugate.", valueName: "x,...")) var at: String?
  @Option(help: "Game of the critic, such as minimax.") var objective: String?
  @Option(help: "The generator's parameter.") var theta: String?
  @Option(help: "The critic's parameter.") var psi: String?
  @Option(help: ArgumentHelp("Logits of D at generated examples.", valueName: "l,...")) var logits: String?
  @Option(help: ArgumentHelp("Probabilities of generated states.", valueName: "p,...")) var p: String?
  @Option(help: ArgumentHelp("Probabilities of the data's states.", valueName: "p,...")) var q: String?
  @Option(help: ArgumentHelp("D of each state (default: the best).", valueName: "d,...")) var d: String?
  @Option(help: "States of random distributions.") var size: String?
  @Option(help: "Seed of what is drawn.") var seed: String?
  @Flag(help: "Print JSON.") var json = false

  private static func help(_ form: IdentityForm) -> String {
    let options = form.parameters.map { "--\($0.name) \($0.form)" }.joined(separator: " ")
    let text = [paragraph("", width: 4, form.meaning, columns: 78), paragraph("", width: 4, options, columns: 78)]
    return "  \(form.name)\n" + text.joined().joined(separator: "\n") + "\n"
  }

  /// The options that were given, by name.
  private var given: [(name: String, text: String)] {
    [
      ("generator", generator), ("data", data), ("logit", logit), ("at", at), ("objective", objective),
      ("theta", theta), ("psi", psi), ("logits", logits), ("p", p), ("q", q), ("d", d), ("size", size), ("seed", seed),
    ].compactMap { name, text in text.map { (name, $0) } }
  }

  func run() throws {
    let form = try IdentityForm.named(name)
    let given = given
    if let extra = given.first(where: { option in !form.parameters.contains { $0.name == option.name } }) {
      let options = form.parameters.map { "--\($0.name)" }.joined(separator: ", ")
      throw ValidationError("--\(extra.name) has no effect: \(form.name) has \(options)")
    }
    let identity = try form.identity(Dictionary(uniqueKeysWithValues: given.map { ($0.name, $0.text) }))
    if json { return try printJSON(Answer(identity)) }
    show(identity, of: form, Dictionary(uniqueKeysWithValues: given.map { ($0.name, $0.text) }))
  }

  private func show(_ identity: Identity, of form: IdentityForm, _ given: [String: String]) {
    for line in paragraph("", width: 0, form.meaning) { print(line) }
    var rows = form.parameters.compactMap { parameter in
      (given[parameter.name] ?? parameter.standard).map { ("--" + parameter.name, $0) }
    }
    if given["p"] != nil { rows.removeAll { ["--size", "--seed"].contains($0.0) } }
    let number = Self.number
    if let left = identity.left, let right = identity.right, let holds = identity.holds {
      rows += [("left", number(left)), ("right", number(right)), ("holds", holds ? "yes" : "no")]
    }
    rows += identity.terms.map { ($0.name, number($0.value)) }
    rows += (identity.logits ?? []).map { ("logit at \($0.name)", number($0.value)) }
    if let weights = identity.weights { rows.append(("weights", weights.map(number).joined(separator: " "))) }
    let width = 2 + (rows.map(\.0.count).max() ?? 0)
    print()
    for (name, text) in rows { printParagraph(name, width: width, text) }
  }

  /// Six decimals without those that say nothing; six digits of what is large.
  private static func number(_ value: Double) -> String {
    guard abs(value) < 1e9 else { return String(format: "%g", value) }
    // Adding 0 takes the sign off a zero.
    return ((value * 1e6).rounded() / 1e6 + 0).plain
  }

  /// What programs read: sides are null where there are none.
  private struct Answer: Encodable {
    let identity: Identity

    init(_ identity: Identity) { self.identity = identity }

    private enum Key: String, CodingKey {
      case identity, left, right, holds, terms, weights
      case logits = "logit_at"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(identity.name, forKey: .identity)
      try container.encode(identity.left, forKey: .left)
      try container.encode(identity.right, forKey: .right)
      try container.encode(identity.holds, forKey: .holds)
      try container.encode(table(identity.terms), forKey: .terms)
      try container.encodeIfPresent(identity.weights, forKey: .weights)
      try container.encodeIfPresent(identity.logits.map(table), forKey: .logits)
    }

    /// A point that was written twice is one.
    private func table(_ terms: [Identity.Term]) -> [String: Double] {
      Dictionary(terms.map { ($0.name, $0.value) }) { first, _ in first }
    }
  }
}
