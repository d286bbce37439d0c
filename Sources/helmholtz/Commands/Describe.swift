import ArgumentParser
import Foundation
import Generative
import Systems

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
    let settings = try choice.settings()
    // A model of classes is shown with ten, as no data say how many there are.
    let card = try settings.model(Facts(shape: lengths, classes: 10)).card
    guard json else { return printCard(card) }
    try printJSON(
      Card(
        model: settings.model, conditionals: card.conditionals.map { ["symbol": $0.symbol, "meaning": $0.family] },
        players: card.players.map { ["symbol": $0.player, "meaning": $0.loss] },
        parameters: card.parameterCount))
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
