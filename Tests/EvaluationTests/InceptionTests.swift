import Foundation
import TestSupport
import Testing
import Torch

@testable import Evaluation

/// Against torchvision's and pytorch-fid's networks with the same made-up weights; see `Tests/References/inception.py`.
@Suite("Inception") struct InceptionTests {
  /// The `k`-th tensor of quadratic residues in [-1/2, 1/2); exact in doubles.
  static func residues(_ shape: [Int], _ k: Int) -> Tensor {
    let i = Tensor.range(shape.reduce(1, *), dtype: .float64)
    let value = i * i * 7 + i * 13 + Double(101 * k)
    return ((value - (value / 65521).floor() * 65521) / 65521 - 0.5).reshaped(shape)
  }

  static func weights(classes: Int) -> [String: Tensor] {
    var shapes = ["fc.weight": [classes, 2048], "fc.bias": [classes]]
    for layer in InceptionLayers.all {
      shapes[layer.name + ".conv.weight"] = layer.shape
      for part in ["weight", "bias", "running_mean", "running_var"] {
        shapes[layer.name + ".bn." + part] = [layer.shape[0]]
      }
    }
    var tensors: [String: Tensor] = [:]
    for (k, (name, shape)) in shapes.sorted(by: { $0.key < $1.key }).enumerated() {
      let u = residues(shape, k)
      let fanIn = Double(shape.dropFirst().reduce(1, *))
      let isScale = name.hasSuffix("bn.weight") || name.hasSuffix("running_var")
      tensors[name] = (shape.count > 1 ? u * (24 / fanIn).squareRoot() : isScale ? 1 + u / 5 : u / 5).to(.float32)
    }
    return tensors
  }

  @Test("features and logits are those of the reference", arguments: [InceptionNetwork.Variant.fid, .torchvision])
  func reference(_ variant: InceptionNetwork.Variant) throws {
    let directory = try #require(Bundle.module.resourceURL)
    let fixture = try Safetensors(contentsOf: directory.path() + "/Fixtures/inception.safetensors").tensors
    let name = variant == .fid ? "fid" : "torchvision"
    let (features, logits) = (try #require(fixture[name + ".features"]), try #require(fixture[name + ".logits"]))
    let weights = Self.weights(classes: variant.rawValue)
    let network = try InceptionNetwork(weights, hash: "0", from: "made up")
    let images = (Self.residues([2, 3, 20, 17], 1000) + 0.5).to(.float32)
    let (own, probabilities) = network(images)
    // Features of size 0.1; 94 layers in single precision, with the norms folded into the weights.
    expectClose(own, features, absolute: 2e-5, relative: 1e-4)
    expectClose(network.logits(features: own), logits, absolute: 2e-5, relative: 1e-4)
    let bias = try #require(weights["fc.bias"])
    let scores = variant == .fid ? logits - bias : logits
    expectClose(probabilities, scores.softmax(1), absolute: 1e-6, relative: 1e-4)
    // The two images must differ, or the test would not tell.
    #expect((features.at(0) - features.at(1)).abs().max().item() > 0.01)
  }

  @Test("94 convolutions and their norms have the parameters that the paper's network has")
  func size() {
    #expect(InceptionLayers.all.count == 94)
    #expect(Set(InceptionLayers.all.map(\.name)).count == 94)
    let weights = InceptionLayers.all.reduce(0) { $0 + $1.shape.reduce(1, *) + 2 * $1.shape[0] }
    // torchvision counts 23834568 without the auxiliary classifier, with 1000 classes.
    #expect(weights + 2048 * 1000 + 1000 == 23_834_568)
  }

  @Test("files that are no Inception network are refused, and extra tensors of training are passed over")
  func refusals() throws {
    func message(_ tensors: [String: Tensor]) -> String {
      do {
        _ = try InceptionNetwork(tensors, hash: "0", from: "f.safetensors")
        return "no error"
      } catch { return "\(error)" }
    }
    let zeros = Tensor.zeros([1000, 2048])
    #expect(
      message([:])
        == "f.safetensors: 'fc.weight': expected logits of 1008 or 1000 classes, got no such tensor")
    #expect(
      message(["fc.weight": Tensor.zeros([10, 2048])])
        == "f.safetensors: 'fc.weight': expected logits of 1008 or 1000 classes, got shape [10, 2048]")
    #expect(message(["fc.weight": zeros]) == "f.safetensors: no tensor 'Conv2d_1a_3x3.conv.weight'")
    #expect(
      message(["fc.weight": zeros, "Conv2d_1a_3x3.conv.weight": Tensor.zeros([32, 3, 5, 5])])
        == "f.safetensors: tensor 'Conv2d_1a_3x3.conv.weight': expected shape [32, 3, 3, 3], found [32, 3, 5, 5]")
    var all = Self.weights(classes: 1000)
    all["AuxLogits.fc.weight"] = zeros
    all["Mixed_5b.branch1x1.bn.num_batches_tracked"] = Tensor(0)
    #expect(message(all) == "no error")
    all["extra"] = zeros
    #expect(message(all) == "f.safetensors: tensor 'extra' belongs to no part of this model")
  }
}
