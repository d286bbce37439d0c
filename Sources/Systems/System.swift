import Configuration
import Torch

/// Where a system was published.
public struct Paper: Sendable, Equatable {
  /// A short name, such as `kingma2014`.
  public let key: String
  /// Authors, year, title and where to find it.
  public let citation: String

  /// A paper by its short name and its citation.
  public init(_ key: String, _ citation: String) {
    self.key = key
    self.citation = citation
  }
}

/// A named system: its paper and its settings.
///
/// To add one, write a line in the catalog; a new family writes a `Design` first.
public struct System: Sendable {
  /// The name on the command line.
  public let name: String
  /// Where it was published.
  public let paper: Paper
  /// One line that says what it is.
  public let summary: String
  /// The settings of its paper.
  public let defaults: RunSettings
  /// The shape of the examples that those are for; it is described for them.
  public let exampleShape: [Int]

  /// - Parameters:
  ///   - design: the family's settings with the paper's values.
  ///   - exampleShape: that of the examples in the paper; MNIST's unless its networks need others.
  ///   - change: what the paper does otherwise than the common defaults of data and training.
  public init(
    _ name: String, _ summary: String, paper: Paper, design: any Design, exampleShape: [Int] = [1, 28, 28],
    _ change: (inout RunSettings) -> Void = { _ in }
  ) {
    self.name = name
    self.paper = paper
    self.summary = summary
    self.exampleShape = exampleShape
    var defaults = RunSettings(model: name, design: design)
    change(&defaults)
    self.defaults = defaults
  }

  /// The complete settings of the paper as commented YAML.
  public var yaml: String { defaults.yaml(heading: heading) }

  /// What stands above the settings in a file.
  public var heading: String { "\(name): \(summary)\n\(paper.citation)" }
}

extension RunSettings {
  /// Keeps initial weights apart from other streams derived of the same seed.
  private static let stream: UInt64 = 0x77_6569_6768_7473

  /// A model whose parameters are a function of the settings, the facts and the seed.
  public func model(_ facts: Facts) throws -> any SystemModel {
    try validate(facts)
    let device = training.device
    guard device.isAvailable else {
      let names = Device.allCases.filter(\.isAvailable).map(\.name).joined(separator: ", ")
      throw SettingsError(
        path: "training.device", "expected a device of this machine (\(names)), got \(device.name)")
    }
    let rng = RandomSource.derived(seed: training.seed, Self.stream, device: device)
    return try withTensorErrors { try design.make(facts, using: rng) }
  }
}
