import Generative
import Torch

/// What every system of the catalog can do: be trained, and say what it is.
public typealias SystemModel = Game & Described

/// What all of them but the classifier can do besides: be sampled.
public typealias GenerativeModel = SystemModel & LatentVariableModel

/// Where a system was published.
public struct Paper: Sendable, Equatable {
  /// A short name, such as `kingma2014`.
  public let key: String
  /// Authors, year, title and where to find it.
  public let citation: String

  /// A paper by its short name and its citation.
  public init(key: String, citation: String) {
    self.key = key
    self.citation = citation
  }
}

/// A named system: its paper, its settings and how it is made.
///
/// To add one, write it in a file of its own, as `VAE.swift` does, and list it in `Catalog.systems`.
public struct System: Sendable {
  /// The name on the command line.
  public let name: String
  /// Where it was published.
  public let paper: Paper
  /// One line that says what it is.
  public let summary: String
  /// Whether it learns from labels.
  public let learnsClasses: Bool
  /// The settings of its paper.
  public let defaults: RunSettings
  /// The model with fresh parameters, on the stream's device.
  ///
  /// The settings must have passed `validate(exampleShape:)`; `model(for:exampleShape:)` sees to it.
  let make: @Sendable (RunSettings, [Int], RandomSource) throws -> any SystemModel

  /// - Parameters:
  ///   - learnsClasses: whether training gives it labelled examples.
  ///   - changes: what the paper does otherwise than the common defaults.
  ///   - make: a model from valid settings, the shape of an example, and a stream.
  public init(
    name: String, paper: Paper, summary: String, learnsClasses: Bool = false,
    changes: (inout RunSettings) -> Void = { _ in },
    make: @escaping @Sendable (RunSettings, [Int], RandomSource) throws -> any SystemModel
  ) {
    self.name = name
    self.paper = paper
    self.summary = summary
    self.learnsClasses = learnsClasses
    var defaults = RunSettings(model: name)
    changes(&defaults)
    self.defaults = defaults
    self.make = make
  }

  /// Keeps initial weights apart from other streams derived of the same seed.
  private static let stream: UInt64 = 0x77_6569_6768_7473

  /// A model whose parameters are a function of the settings and their seed.
  ///
  /// - Parameter exampleShape: `[channels, height, width]` of images, `[d]` of points.
  public func model(for settings: RunSettings, exampleShape: [Int]) throws -> any SystemModel {
    try settings.validate(exampleShape: exampleShape)
    let device = settings.training.device
    guard device.isAvailable else {
      let names = Device.allCases.filter(\.isAvailable).map(\.name).joined(separator: ", ")
      throw SettingsError(
        path: "training.device", "expected a device of this machine (\(names)), got \(device.name)")
    }
    let rng = RandomSource.derived(seed: settings.training.seed, Self.stream, device: device)
    return try withTensorErrors { try make(settings, exampleShape, rng) }
  }

  /// The complete settings of the paper as commented YAML.
  public var yaml: String { defaults.yaml(heading: "\(name): \(summary)\n\(paper.citation)") }
}
