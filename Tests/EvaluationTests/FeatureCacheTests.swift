import Datasets
import Foundation
import Generative
import Networks
import TestSupport
import Testing
import Torch

@testable import Evaluation

/// A network that counts its calls: features are the means of the channels, classes are two.
private final class Counter: FeatureNetwork {
  let name = "counter"
  let hash = String(repeating: "ab", count: 32)
  let layer = "means", resize = "none", scores = "made up"
  let featureCount = 3, classCount = 2, channels = 3, batchSize = 4
  private(set) var calls = 0

  func check(_ shape: [Int]) throws(MetricError) {}

  func callAsFunction(_ images: Tensor) -> (features: Tensor, probabilities: Tensor) {
    calls += 1
    return (images.mean(2, 3), Tensor.full([images.size(0), 2], 0.5))
  }
}

/// Lines of a log.
private final class Lines: @unchecked Sendable {
  private(set) var all: [String] = []
  func append(_ line: String) { all.append(line) }
}

@Suite("Feature sets and their cache") struct FeatureCacheTests {
  private static let x = RandomSource(seed: 7).uniform([10, 1, 4, 4])

  @Test("a network runs over a set batch by batch, grey repeated to RGB and RGB made grey")
  func running() throws {
    let network = Counter()
    let set = try FeatureSet(of: ImageSet(Self.x, name: "x"), by: network)
    #expect(network.calls == 3)
    expectClose(set.features, Self.x.mean(2, 3).expanded([10, 3]))
    #expect(set.conversion == .greyToRGB)
    #expect(!set.isCached)
    let rgb = Tensor([Float(0.2), 0.4, 0.8], shape: [1, 3, 1, 1])
    expectClose(ChannelConversion(from: 3, to: 1)(rgb), [0.299 * 0.2 + 0.587 * 0.4 + 0.114 * 0.8])
    #expect(ChannelConversion(from: 3, to: 3) == .none)
  }

  @Test("bytes are scaled to [0, 1] and have the hash of their content, shape and kind")
  func images() throws {
    let bytes = try Examples(name: "b", storage: .bytes([0, 51, 255, 102]), shape: [1, 2, 2])
    let set = try ImageSet(bytes)
    expectClose(try set.batch(0..<1), [0, 0.2, 1, 0.4])
    #expect(try ImageSet(bytes).hash == set.hash)
    let wide = try Examples(name: "b", storage: .bytes([0, 51, 255, 102]), shape: [1, 1, 4])
    let other = try Examples(name: "b", storage: .bytes([0, 51, 255, 103]), shape: [1, 2, 2])
    let hashes = [set.hash, try ImageSet(wide).hash, try ImageSet(other).hash]
    #expect(Set(hashes).count == 3)
  }

  @Test("what is no image in [0, 1] is refused")
  func refused() {
    func message(_ x: Tensor) -> String {
      do {
        _ = try ImageSet(x, name: "x")
        return "no error"
      } catch { return "\(error)" }
    }
    #expect(message(Tensor.zeros([2, 5])) == "'x': expected images [n, 1 or 3, height, width], got shape [2, 5]")
    #expect(
      message(Tensor.zeros([2, 2, 4, 4])) == "'x': expected images [n, 1 or 3, height, width], got shape [2, 2, 4, 4]")
    #expect(message(Tensor.full([2, 1, 4, 4], 1.5)) == "'x': expected pixels in [0, 1], or bytes, got 1.5")
  }

  @Test("a set goes through a network once; damaged files are made anew with a note")
  func cache() throws {
    try withTemporaryDirectory { directory in
      let (network, lines) = (Counter(), Lines())
      let cache = FeatureCache(cache: directory) { lines.append($0) }
      let images = try ImageSet(Self.x, name: "x")
      let first = try cache.features(of: images, by: network)
      #expect(!first.isCached && network.calls == 3)
      let again = try cache.features(of: images, by: network)
      #expect(again.isCached && network.calls == 3)
      #expect(again.features.isEqual(to: first.features) && again.probabilities.isEqual(to: first.probabilities))
      #expect(again.conversion == .greyToRGB)
      // Other images, such as fewer of them, are another file.
      let fewer = try ImageSet(Self.x.narrowed(0, 0..<9), name: "x")
      #expect(try cache.features(of: fewer, by: network).isCached == false)
      #expect(lines.all.isEmpty)

      let file = "\(directory)/features/abababababababab-\(images.hash.prefix(16)).safetensors"
      let whole = try Data(contentsOf: URL(fileURLWithPath: file))
      func spoil(_ change: (inout Data) -> Void, _ note: String) throws {
        var data = whole
        change(&data)
        try data.write(to: URL(fileURLWithPath: file))
        let calls = network.calls
        let made = try cache.features(of: images, by: network)
        #expect(!made.isCached && network.calls == calls + 3)
        #expect(made.features.isEqual(to: first.features))
        #expect(lines.all.last == "\(file): \(note); the features are computed anew")
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == whole)
      }
      try spoil({ $0[$0.count - 1] ^= 1 }, "the cached features are damaged")
      try spoil(
        { $0.removeLast(8) }, "tensor 'probabilities': data_offsets [120, 200] lie outside the 192 bytes of data")
      try spoil({ $0 = Data() }, "expected a safetensors file of at least 8 bytes, got 0")
      let key = Data("\"images\":\"\(images.hash.prefix(1))".utf8)
      let place = try #require(whole.range(of: key))
      try spoil(
        { $0[place.upperBound - 1] = UInt8(ascii: "x") },
        "expected the cached features of this network and these images, got others")
    }
  }

  @Test("a folder that cannot be written to costs a note and no features")
  func readOnly() throws {
    try withTemporaryDirectory { directory in
      try Data().write(to: URL(fileURLWithPath: directory + "/features"))
      let lines = Lines()
      let cache = FeatureCache(cache: directory) { lines.append($0) }
      let set = try cache.features(of: ImageSet(Self.x, name: "x"), by: Counter())
      #expect(set.features.shape == [10, 3])
      #expect(lines.all.count == 1 && lines.all[0].hasSuffix("; the features are not cached"))
    }
  }
}
