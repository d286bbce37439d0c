import Datasets
import Foundation
import Generative
import Networks
import TestSupport
import Testing
import Torch

@testable import Evaluation

@Suite("Feature networks") struct FeatureNetworkTests {
  private static let card = ResidualFeatures.Card(
    data: "toys", imageShape: [1, 8, 8], channels: [2, 4], blocks: 1, classes: 3, accuracy: 0.75, split: "test",
    epochs: 2, seed: 1)

  private static func classifier(_ seed: UInt64) -> Classifier {
    let rng = RandomSource(seed: seed)
    let classifier = Classifier(
      ResidualNetwork(card.imageShape, channels: card.channels, blocks: card.blocks, using: rng), classes: 3,
      using: rng)
    // A step in training, so that running statistics are not those of a new network.
    _ = TrainingMode.run { classifier.features(rng.uniform([6, 1, 8, 8])) }
    return classifier
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch { return "\(error)" }
  }

  @Test("a classifier's features and probabilities are the same out of its file")
  func saving() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/toys.safetensors"
      let classifier = Self.classifier(1)
      let written = try ResidualFeatures.write(classifier, Self.card, to: path)
      let network = try #require(try FeatureNetworks.load(path, cache: "none") as? ResidualFeatures)
      #expect(network.card == Self.card)
      #expect(network.name == "residual-toys")
      #expect(network.hash == written.hash)
      #expect(try sha256([UInt8](Data(contentsOf: URL(fileURLWithPath: path)))) == network.hash)
      #expect(network.shortHash == String(network.hash.prefix(12)))
      let x = RandomSource(seed: 3).uniform([5, 1, 8, 8])
      #expect(network.features(x).isEqual(to: classifier.features(x).detached()))
      expectClose(network.classProbabilities(x).sum(1), [1, 1, 1, 1, 1])
      #expect(network.features(x).shape == [5, 4] && network.classProbabilities(x).shape == [5, 3])
      // Another classifier is another hash.
      #expect(try ResidualFeatures.write(Self.classifier(2), Self.card, to: path).hash != written.hash)
    }
  }

  @Test("a data set's name stands for its file in the cache")
  func names() throws {
    #expect(FeatureNetworks.name(of: "mnist") == "mnist")
    #expect(FeatureNetworks.name(of: "photos/birds.npy") == "birds")
    #expect(FeatureNetworks.defaultFile(for: "mnist", cache: "/c") == "/c/features/mnist.safetensors")
    try withTemporaryDirectory { directory in
      try FileManager.default.createDirectory(atPath: directory + "/features", withIntermediateDirectories: true)
      _ = try ResidualFeatures.write(Self.classifier(1), Self.card, to: directory + "/features/mnist.safetensors")
      #expect(try FeatureNetworks.load("mnist", cache: directory).name == "residual-toys")
    }
  }

  @Test("what is no network, and images of another size, are refused in one line")
  func refusals() throws {
    try withTemporaryDirectory { directory in
      #expect(
        message { _ = try FeatureNetworks.load("svhn", cache: directory) }
          == "features 'svhn': no network has been trained on this data set "
          + "(no '\(directory)/features/svhn.safetensors'); train one with 'helmholtz features train --data svhn', or name a .safetensors file"
      )
      let path = directory + "/f.safetensors"
      #expect(
        message { _ = try FeatureNetworks.load(path, cache: directory) }
          == "\(path): cannot open the file: No such file or directory")
      try Safetensors(tensors: ["weight": Tensor.zeros([1])]).write(to: path)
      #expect(
        message { _ = try FeatureNetworks.load(path, cache: directory) }
          == "\(path): expected a network of 'helmholtz features train' or an Inception-v3 with torchvision's names "
          + "('Conv2d_1a_3x3.conv.weight' to 'fc.bias'), got tensors such as 'weight'")
      let metadata = ["format": ResidualFeatures.format]
      try Safetensors(tensors: [:], metadata: metadata).write(to: path)
      #expect(
        message { _ = try FeatureNetworks.load(path, cache: directory) }
          == "\(path): expected a description of a residual network under 'network' in the metadata")
      let network = try ResidualFeatures.write(Self.classifier(1), Self.card, to: path)
      var file = try Safetensors(contentsOf: path)
      file.metadata["network"] = file.metadata["network"]?.replacingOccurrences(
        of: "\"blocks\":1", with: "\"blocks\":99999")
      try file.write(to: path)
      #expect(
        message { _ = try FeatureNetworks.load(path, cache: directory) }
          == "\(path): the metadata describe a residual network that cannot be built")
      #expect(
        message { try network.check([1, 9, 8]) }
          == "features 'residual-toys': expected images of 8 x 8 pixels, got examples of shape [1, 9, 8]")
    }
  }
}
