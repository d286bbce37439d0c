import ArgumentParser
import Evaluation
import Foundation

/// `helmholtz features info FILE`
struct FeaturesInfo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Describe a feature network.",
    discussion: "Example:  helmholtz features info mnist --json")

  @Argument(help: "Feature network: a .safetensors file, or a data set whose network 'features train' has trained.")
  var file: String
  @Flag(help: "Print JSON.") var json = false

  private struct Info: Encodable {
    let name, hash, layer, resize, probabilities: String
    let features, classes, channels: Int
    /// What is known of a network of `features train`.
    let training: ResidualFeatures.Card?
  }

  func run() throws {
    let network = try FeatureNetworks.load(file, cache: DataPlace.fromEnvironment.cacheDirectory)
    let training = (network as? ResidualFeatures)?.card
    if json {
      return try printJSON(
        Info(
          name: network.name, hash: network.hash, layer: network.layer, resize: network.resize,
          probabilities: network.scores, features: network.featureCount, classes: network.classCount,
          channels: network.channels, training: training))
    }
    let size = training.map { $0.imageShape.map(String.init).joined(separator: "x") }
    var rows = [
      ["network", network.name], ["hash", network.shortHash], ["layer", network.layer],
      ["images", size ?? "RGB of any size"], ["resize", network.resize], ["classes", "\(network.classCount)"],
      ["probabilities", network.scores],
    ]
    if let training {
      let percent = String(format: "%.2f %%", 100 * training.accuracy)
      rows.append(["accuracy", "\(percent) on the \(training.split) split of \(training.data)"])
      rows.append(["training", "\(training.epochs) epochs, seed \(training.seed)"])
    }
    printTable(["", ""], rows)
  }
}
