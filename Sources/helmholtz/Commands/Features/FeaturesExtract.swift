import ArgumentParser
import Evaluation
import Torch

/// `helmholtz features extract --features mnist --x generated --out f.npy`
struct FeaturesExtract: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "extract", abstract: "Write the features of images, and their class probabilities.",
    discussion: """
      Examples:

        helmholtz features extract --features mnist --x mnist:test --out f.npy --probabilities p.npy
        helmholtz features extract --features inception.safetensors --x photos --out f.npy
      """)

  @Option(help: "Feature network: a .safetensors file, or a data set whose network 'features train' has trained.")
  var features: String
  @Option(
    name: [.customLong("x"), .customLong("data")],
    help: "Images: a folder, an array [n, channels, height, width], or a data set and its split as NAME:SPLIT.")
  var x: String
  @Option(help: "Use only the first N images.") var limit: Int?
  @Option(help: "File for the features, [n, features] (.npy).") var out: String
  @Option(help: "File for the class probabilities, [n, classes] (.npy).") var probabilities: String?
  @Flag(help: "Print JSON.") var json = false

  private struct Summary: Encodable {
    let out, network, hash, layer, resize, channels: String
    let n, dimension: Int
    let probabilities: String?
  }

  func validate() throws {
    try check(limit, "--limit", in: 1...Int.max)
    for path in [out, probabilities].compactMap(\.self) { try checkOutput(path, ".npy") }
  }

  func run() throws {
    let source = try FeatureSource(features, limit: limit)
    let set = try source.set(x, isCached: true)
    try set.features.writeNPY(to: out)
    if let probabilities { try set.probabilities.writeNPY(to: probabilities) }
    let network = source.network
    let result = Summary(
      out: out, network: network.name, hash: network.shortHash, layer: network.layer, resize: network.resize,
      channels: set.conversion.rawValue, n: set.features.size(0), dimension: set.features.size(1),
      probabilities: probabilities)
    if json { return try printJSON(result) }
    print("\(out): \(result.dimension) features of \(result.n) images by \(result.network), hash \(result.hash)")
  }
}
