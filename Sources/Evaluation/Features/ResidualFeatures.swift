import Datasets
import Foundation
import Generative
import Networks
import Torch

/// A residual classifier that `helmholtz features train` has trained, as a feature network.
public struct ResidualFeatures: FeatureNetwork {
  /// What the file says of itself.
  public let card: Card
  public let hash: String
  private let classifier: Classifier

  /// What a network is and what it can do; the metadata of its file.
  public struct Card: Codable, Equatable, Sendable {
    /// The data set it has learned.
    public let data: String
    /// `[channels, height, width]`.
    public let imageShape: [Int]
    /// Maps of every stage.
    public let channels: [Int]
    /// Residual blocks in a stage, and the number of classes.
    public let blocks, classes: Int
    /// The fraction of a split that is classified rightly.
    public let accuracy: Double
    /// The split that the accuracy is of.
    public let split: String
    /// Epochs of training.
    public let epochs: Int
    /// The seed of weights, data order and noise.
    public let seed: UInt64

    public init(
      data: String, imageShape: [Int], channels: [Int], blocks: Int, classes: Int, accuracy: Double, split: String,
      epochs: Int, seed: UInt64
    ) {
      self.data = data
      self.imageShape = imageShape
      self.channels = channels
      self.blocks = blocks
      self.classes = classes
      self.accuracy = accuracy
      self.split = split
      self.epochs = epochs
      self.seed = seed
    }

    /// Whether a network of this kind can be built; a file may claim anything.
    fileprivate var isPossible: Bool {
      imageShape.count == 3 && (imageShape + channels + [blocks]).allSatisfy { (1...4096).contains($0) }
        && (1...8).contains(channels.count) && blocks <= 64 && (2...1_000_000).contains(classes)
    }
  }

  /// The layout of names and metadata.
  static let format = "helmholtz-residual-features-1"

  /// Writes a trained classifier and reads it back, so that what is used is what the file holds.
  public static func write(_ classifier: Classifier, _ card: Card, to path: String) throws -> ResidualFeatures {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try Safetensors(
      tensors: Dictionary(uniqueKeysWithValues: classifier.namedTensors.map { ($0.name, $0.tensor) }),
      metadata: ["format": format, "network": String(decoding: try encoder.encode(card), as: UTF8.self)]
    ).write(to: path)
    return try ResidualFeatures(Safetensors(contentsOf: path), hash: fileHash(path), path)
  }

  /// The network in a file that has been read.
  init(_ file: Safetensors, hash: String, _ path: String) throws {
    do {
      card = try JSONDecoder().decode(Card.self, from: Data((file.metadata["network"] ?? "").utf8))
    } catch {
      throw FileError(path, "expected a description of a residual network under 'network' in the metadata")
    }
    guard card.isPossible else {
      throw FileError(path, "the metadata describe a residual network that cannot be built")
    }
    self.hash = hash
    let rng = RandomSource(seed: 0)
    classifier = Classifier(
      ResidualNetwork(card.imageShape, channels: card.channels, blocks: card.blocks, using: rng),
      classes: card.classes, using: rng)
    try classifier.load(file.tensors, from: path)
  }

  public var name: String { "residual-\(card.data)" }
  public var layer: String { "mean over places of the last block, \(featureCount) features" }
  public var resize: String { "none" }
  public var scores: String { "softmax of the logits" }
  public var featureCount: Int { card.channels.last! }
  public var classCount: Int { card.classes }
  public var channels: Int { card.imageShape[0] }
  public var batchSize: Int { 250 }

  public func check(_ shape: [Int]) throws(MetricError) {
    guard shape.count == 3, Array(shape.dropFirst()) == Array(card.imageShape.dropFirst()) else {
      throw MetricError(
        "features '\(name)': expected images of \(card.imageShape[1]) x \(card.imageShape[2]) pixels, "
          + "got examples of shape \(shape)")
    }
  }

  public func callAsFunction(_ images: Tensor) -> (features: Tensor, probabilities: Tensor) {
    withoutGradients {
      let features = classifier.features(images)
      return (features, classifier.logits(features: features).softmax(1))
    }
  }
}
