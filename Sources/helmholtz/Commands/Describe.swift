import ArgumentParser
import Foundation
import Generative
import Runs
import Systems
import Training

/// `helmholtz describe MODEL|recipe.yaml|RUN`
struct Describe: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a model's conditional distributions, its players and their losses.",
    discussion: """
      Examples:

        helmholtz describe iwae --set samples=50
        helmholtz describe gan --svg gan.svg
        helmholtz describe --all --out docs/systems

      A run is described as it is, with the shape and the classes of its data:

        helmholtz describe runs/vae-mnist-1

      --svg draws the schematic graphical model of Hu et al. 2018; --all writes a page and a drawing of every system.
      """)

  @Argument(help: "A model's name (see 'helmholtz models'), a YAML recipe, or a run.")
  var model: String?
  @OptionGroup var settingChanges: SettingChanges
  @Option(
    help: "The shape of one example (default: 1x28x28, for vae-gan 3x64x64; that of its data for a run).")
  var shape: String?
  @Option(help: "File for the schematic graphical model (.svg).") var svg: String?
  @Flag(help: "Describe every system; belongs to --out.") var all = false
  @Option(help: "Directory for the pages of --all.") var out: String?
  @Flag(help: "Print JSON.") var json = false

  /// Numbers in the largest example that is described: more than any picture has.
  private static let largest = 1e7

  func validate() throws {
    guard all == (out != nil) else { throw ValidationError("--all and --out are given together") }
    if let svg { try checkOutput(svg, ".svg", option: "--svg") }
    guard all else {
      if model == nil { throw ValidationError("expected a model, a recipe or a run, or --all") }
      return
    }
    let others = [
      model.map { "'\($0)'" }, shape.map { _ in "--shape" }, svg.map { _ in "--svg" }, json ? "--json" : nil,
      settingChanges.changes.isEmpty ? nil : "--set",
    ]
    if let other = others.compactMap(\.self).first {
      throw ValidationError("--all describes every system with the settings of its paper; leave out \(other)")
    }
  }

  func run() throws {
    if let out {
      let names = try SystemCatalogue().write(to: URL(fileURLWithPath: out))
      return print("\(out): \(names.count) files, \(Catalog.systems.count) systems; index.html is for a browser")
    }
    let name = model ?? ""
    let run = try described(name)
    let settings = try Catalog.settings(run?.configuration ?? name, setting: settingChanges.changes)
      .knowing(below: run, place: DataPlace.fromEnvironment)
    let card = try settings.model(facts(name, of: Catalog.system(named: settings.model))).card
    let view = UnifiedView(card)
    if let svg { try view.diagram(title: settings.model).write(to: URL(fileURLWithPath: svg)) }
    guard json else {
      printCard(card)
      return printRow(view.row)
    }
    try printJSON(Card(settings.model, card, view))
  }

  /// The run that is named by its directory, one of its checkpoints or its configuration; nil for a model or a recipe.
  private func described(_ name: String) throws -> RunDirectory? {
    guard !Catalog.systems.map(\.name).contains(name) else { return nil }
    let file = URL(fileURLWithPath: name)
    let path = file.lastPathComponent == "config.yaml" ? file.deletingLastPathComponent().path : name
    return try [RunDirectory(path), RunDirectory(RunReference(path).path)]
      .first { $0.exists && FileManager.default.fileExists(atPath: $0.facts) }
  }

  /// What is known of the data: all of a run's, the shape alone of a model's.
  private func facts(_ name: String, of system: System) throws -> Facts {
    if let run = try described(name) {
      guard shape == nil else { throw ValidationError("--shape: a run has the shape of its data; leave it out") }
      return try Facts(contentsOf: run.facts)
    }
    guard let shape else { return Facts(shape: system.exampleShape, classes: 10) }
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

extension Describe {
  /// What programs read.
  private struct Card: Encodable {
    let model: String
    let conditionals, players, adversaries: [[String: String]]
    let parameters: Int
    let table1: [String: String]
    let arrows: [Arrow]

    private enum CodingKeys: String, CodingKey {
      case model, conditionals, players, adversaries, parameters, arrows
      case table1 = "table_1"
    }

    /// A distribution of the schematic graphical model.
    struct Arrow: Encodable {
      let label: String
      let from, to: [String]
      let inference, implicit, adversarial: Bool
    }

    init(_ model: String, _ card: ModelCard, _ view: UnifiedView) {
      self.model = model
      conditionals = card.conditionals.map { ["symbol": $0.symbol, "meaning": $0.family] }
      players = card.players.map { ["symbol": $0.player, "meaning": $0.loss] }
      adversaries = card.adversaries.map {
        ["judges": ($0.variables + $0.given).joined(separator: ", "), "real": $0.real, "generated": $0.generated]
      }
      parameters = card.parameterCount
      let row = view.row
      table1 = [
        "x": row.x, "y": row.y, "z": row.z, "p_theta(x|y)": row.px, "q_phi(y|x)": row.qy, "q_eta(z|x,y)": row.qz,
        "kl": row.minimized,
      ]
      arrows = view.processes.map {
        Arrow(
          label: $0.label, from: $0.from, to: $0.to, inference: $0.isInference, implicit: $0.isImplicit,
          adversarial: $0.isAdversarial)
      }
    }
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

/// Prints the row of Table 1 of Hu et al. 2018.
private func printRow(_ row: UnifiedRow) {
  print("\nin the unified view")
  let width = 4 + (row.cells.map(\.name.count).max() ?? 0)
  for (name, text) in row.cells { printParagraph("  " + name, width: width, text) }
}
