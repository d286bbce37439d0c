import Datasets
import Foundation
import Torch

/// Keeps what networks made of sets of images, so that the real set goes through a network once.
///
/// A file is named by the hashes of network and images and holds them whole, with a hash of its own content: what does
/// not agree is made anew. Files are written whole or not at all.
public struct FeatureCache: Sendable {
  private let directory: String
  private let log: @Sendable (String) -> Void

  /// The layout of names and metadata.
  private static let format = "helmholtz-feature-cache-1"
  /// Digits of each hash in a file's name.
  private static let digits = 16

  /// - Parameters:
  ///   - cache: the user's cache folder; the files lie in `features` below it.
  ///   - log: receives a line about a file that could not be used or written.
  public init(cache: String, log: @escaping @Sendable (String) -> Void) {
    directory = cache + "/features"
    self.log = log
  }

  /// What `network` makes of `images`, out of the cache if it is there.
  public func features(
    of images: ImageSet, by network: any FeatureNetwork, progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> FeatureSet {
    try network.check(images.shape)
    let key = images.hash
    let path = "\(directory)/\(network.hash.prefix(Self.digits))-\(key.prefix(Self.digits)).safetensors"
    if FileManager.default.fileExists(atPath: path) {
      do {
        return try read(path, images, key, network)
      } catch {
        log("\(error); the features are computed anew")
      }
    }
    let made = try FeatureSet(of: images, by: network, progress: progress)
    // A full disk or a read-only home must not lose what has been computed.
    do { try write(made, to: path, key, network) } catch { log("\(error); the features are not cached") }
    return made
  }

  private func write(_ made: FeatureSet, to path: String, _ key: String, _ network: any FeatureNetwork) throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try Safetensors(
      tensors: ["features": made.features, "probabilities": made.probabilities],
      metadata: [
        "format": Self.format, "network": network.hash, "images": key,
        "content": Self.hash(made.features, made.probabilities),
      ]
    ).write(to: path)
  }

  private func read(
    _ path: String, _ images: ImageSet, _ key: String, _ network: any FeatureNetwork
  ) throws -> FeatureSet {
    let file = try Safetensors(contentsOf: path)
    guard file.metadata["format"] == Self.format, file.metadata["network"] == network.hash,
      file.metadata["images"] == key
    else { throw FileError(path, "expected the cached features of this network and these images, got others") }
    guard let features = file.tensors["features"], let probabilities = file.tensors["probabilities"],
      features.shape == [images.count, network.featureCount], features.dtype == .float32,
      probabilities.shape == [images.count, network.classCount], probabilities.dtype == .float32,
      file.metadata["content"] == Self.hash(features, probabilities)
    else { throw FileError(path, "the cached features are damaged") }
    return FeatureSet(
      features: features, probabilities: probabilities,
      conversion: ChannelConversion(from: images.shape[0], to: network.channels), isCached: true)
  }

  private static func hash(_ features: Tensor, _ probabilities: Tensor) -> String {
    sha256(Array((sha256(features.bytes()) + sha256(probabilities.bytes())).utf8))
  }
}
