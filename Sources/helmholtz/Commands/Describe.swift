import ArgumentParser
import Foundation
import Generative
import Systems
import Training

/// `helmholtz describe MODEL|recipe.yaml|RUN`
struct Describe: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a model's conditional distributions, its players and their losses.",
    discussion: """
      Example:  helmholtz describe iwae --set samples=50

      A run is described as it is, with the shape and the classes of its data:

        helmholtz describe runs/vae-mnist-1
      """)

  @OptionGroup var choice: ModelChoice
  @Option(help: "The shape of one example, such as 1x28x28 (default: 1x28x28; that of its data for a run).")
  var shape: String?
  @Flag(help: "Print JSON.") var json = false

  /// Numbers in the largest example that is described: more than any picture has.
  private static let largest = 1e7

  private struct Card: Encodable {
    let model: String
    let conditionals, players: [[String: String]]
    let parameters: Int
  }

  func run() throws {
    let settings =
      try described.map { try Catalog.settings($0.configuration, setting: choice.changes) } ?? choice.settings()
    let card = try settings.model(facts()).card
    guard json else { return printCard(card) }
    try printJSON(
      Card(
        model: settings.model, conditionals: card.conditionals.map { ["symbol": $0.symbol, "meaning": $0.family] },
        players: card.players.map { ["symbol": $0.player, "meaning": $0.loss] },
        parameters: card.parameterCount))
  }

  /// The run that is named by its directory, one of its checkpoints or its configuration; nil for a model or a recipe.
  private var described: RunDirectory? {
    get throws {
      guard !Catalog.systems.map(\.name).contains(choice.model) else { return nil }
      let file = URL(fileURLWithPath: choice.model)
      let path = file.lastPathComponent == "config.yaml" ? file.deletingLastPathComponent().path : choice.model
      return try [RunDirectory(path), RunDirectory(RunReference(path).path)]
        .first { $0.exists && FileManager.default.fileExists(atPath: $0.facts) }
    }
  }

  /// What is known of the data: all of a run's, the shape alone of a model's.
  private func facts() throws -> Facts {
    if let run = try described {
      guard shape == nil else { throw ValidationError("--shape: a run has the shape of its data; leave it out") }
      return try Facts(contentsOf: run.facts)
    }
    let shape = shape ?? "1x28x28"
    let lengths = shape.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard (1...4).contains(lengths.count), lengths.allSatisfy({ $0 > 0 }),
      lengths.reduce(1.0, { $0 * Double($1) }) <= Self.largest
    else {
      throw ValidationError("--shape: expected lengths such as 1x28x28, got '\(shape)'")
    }
    // A model of classes is shown with ten, as no data say how many there are.
    return Facts(shape: lengths, classes: 10)
  }
}

/// Prints a model as a reader of the papers would write it down.
func printCard(_ card: ModelCard) {
  let rows = card.conditionals.map { ($0.symbol, $0.family) }
  let players = card.players.map { ($0.player, $0.loss) }
  let width = 4 + ((rows + players).map(\.0.count).max() ?? 0)
  print("conditional distributions")
  for (symbol, family) in rows { printParagraph("  " + symbol, width: width, family) }
  for note in card.notes { printParagraph("", width: width, note) }
  print("\nplayers and what each descends")
  for (player, loss) in players { printParagraph("  " + player, width: width, loss) }
  print("\n\(card.parameterCount) parameters")
}
