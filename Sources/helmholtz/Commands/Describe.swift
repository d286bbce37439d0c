import ArgumentParser
import Experiments
import Foundation
import Generative
import Torch

/// `helmholtz describe MODEL`
struct Describe: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a model's conditional distributions, its players and their losses.",
    discussion: "Example:  helmholtz describe iwae --set samples=50")

  @OptionGroup var choice: ModelChoice
  @Option(help: "The shape of one example, such as 1x28x28.") var shape = "1x28x28"
  @Flag(help: "Print JSON.") var json = false

  /// Numbers in the largest example that is described: more than any picture has.
  private static let largest = 1e7

  private struct Card: Encodable {
    let model: String
    let conditionals, players: [[String: String]]
    let parameters: Int
  }

  func run() throws {
    let lengths = shape.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard (1...4).contains(lengths.count), lengths.allSatisfy({ $0 > 0 }),
      lengths.reduce(1.0, { $0 * Double($1) }) <= Self.largest
    else {
      throw ValidationError("--shape: expected lengths such as 1x28x28, got '\(shape)'")
    }
    var settings = try choice.settings()
    // A model of classes is shown with ten where no data have said how many there are.
    settings.labels.classes = settings.labels.classes ?? 10
    settings.labels.alpha = settings.labels.alpha ?? 0
    let card = try Session(settings, shape: lengths).trained.card
    guard json else { return printCard(card) }
    let rows = { (entries: [ModelCard.Entry]) in entries.map { ["symbol": $0.symbol, "meaning": $0.meaning] } }
    try printJSON(
      Card(
        model: settings.model, conditionals: rows(card.conditionals), players: rows(card.players),
        parameters: card.parameterCount))
  }
}

/// Prints a model as a reader of the papers would write it down.
func printCard(_ card: ModelCard) {
  let width = 4 + ((card.conditionals + card.players).map(\.symbol.count).max() ?? 0)
  let show = { (entry: ModelCard.Entry) in
    printParagraph("  " + entry.symbol, width: width, entry.meaning)
  }
  print("conditional distributions")
  card.conditionals.forEach(show)
  print("\nplayers and what each descends")
  card.players.forEach(show)
  print("\n\(card.parameterCount) parameters")
}
