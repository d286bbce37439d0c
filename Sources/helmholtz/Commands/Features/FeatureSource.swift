import Datasets
import Evaluation
import Foundation
import Torch

/// A feature network and the images of the command line that go through it.
struct FeatureSource {
  let network: any FeatureNetwork
  private let limit: Int?
  private let options: DatasetOptions

  /// - Parameter reference: a file, or the name of a data set.
  init(_ reference: String, limit: Int?, _ options: DatasetOptions = DataPlace.fromEnvironment) throws {
    Runtime.tuneAllocator()
    network = try FeatureNetworks.load(reference, cache: options.cacheDirectory)
    self.limit = limit
    self.options = options
  }

  /// What the network makes of the images of a folder, of an array, or of `NAME:SPLIT`.
  func set(_ place: String, isCached: Bool) throws -> FeatureSet {
    let images = try ImageSet(Self.examples(place, limit: limit, options))
    let meter = Meter("'\(place)' through \(network.name)")
    defer { meter.finish() }
    guard isCached else { return try FeatureSet(of: images, by: network, progress: meter.show) }
    return try FeatureCache(cache: options.cacheDirectory) { note($0) }
      .features(of: images, by: network, progress: meter.show)
  }

  private static func examples(_ place: String, limit: Int?, _ options: DatasetOptions) throws -> Examples {
    let parts = place.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    var options = options
    options.labels = false
    let all: Examples
    if !Dataset.isFile(place), parts.count == 2, let split = Split(rawValue: parts[1]) {
      all = try Dataset.named(parts[0], options).examples(split)
    } else if Dataset.isFile(place) {
      let set = try Dataset.named(place, options)
      guard !set.has(.test), !set.has(.validation) else {
        throw MetricError("'\(place)': expected one set of images, got a folder of splits; name one of its sub-folders")
      }
      all = try set.train
    } else {
      throw MetricError(
        "'\(place)': expected a folder of images, an array [n, channels, height, width], or a data set and its split "
          + "such as 'mnist:test'")
    }
    return limit.map(all.prefix) ?? all
  }

  /// Refuses pictures where features are expected: pixels are not features.
  static func refuseFolder(_ path: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else { return }
    throw MetricError(
      "'\(path)': expected an array of features, got a folder; name the network that images go through with "
        + "--features, such as --features mnist or the file of an Inception network")
  }

  /// What a reader needs to get the same rows.
  func conventions(
    _ x: FeatureSet, _ y: FeatureSet? = nil, ofProbabilities: Bool
  ) -> MetricResult.Conventions {
    [
      ("network", .text(network.name)), ("network_hash", .text(network.shortHash)),
      ofProbabilities ? ("probabilities", .text(network.scores)) : ("layer", .text(network.layer)),
      ("resize", .text(network.resize)), ("x_channels", .text(x.conversion.rawValue)),
    ] + (y.map { [("y_channels", .text($0.conversion.rawValue))] } ?? [])
      + [("x_cached", .text(x.isCached ? "yes" : "no"))] + (limit.map { [("limit", .count($0))] } ?? [])
  }
}
