import ArgumentParser
import Datasets
import Evaluation
import Runs
import Torch

/// The network in whose features images are compared, if any.
struct FeatureOptions: ParsableArguments {
  @Option(
    help: """
      Compare images in the features of this network: a .safetensors file, or a data set whose network \
      'features train' has trained. --x and --y are then folders, arrays of images, or NAME:SPLIT.
      """)
  var features: String?
  @Option(help: "With --features, use only the first N images of each set.") var limit: Int?
  @OptionGroup var arrays: ArrayOptions

  func validate() throws {
    try check(limit, "--limit", in: 1...Int.max)
    if limit != nil, features == nil { throw ValidationError("--limit needs --features.") }
  }

  /// Rows of two sets, and what a reader needs to get them again.
  typealias Pair = (x: Tensor, y: Tensor, conventions: MetricResult.Conventions)

  /// The features of `x`, out of the cache if they are there, and of `y`; at least two rows each.
  func pair(_ x: String, _ y: String) throws -> Pair {
    guard let source = try source(x, y) else {
      let input = try arrays.input([x, y])
      return (try input.matrix(x, atLeast: 2), try input.matrix(y, atLeast: 2), [])
    }
    let (real, other) = (try source.set(x, isCached: true), try source.set(y, isCached: false))
    return (
      real.features.to(.float64), other.features.to(.float64), source.conventions(real, other, ofProbabilities: false)
    )
  }

  /// The class probabilities of `x`.
  func probabilities(
    _ x: String
  ) throws -> (rows: Tensor, conventions: MetricResult.Conventions) {
    guard let source = try source(x) else { return (try arrays.input([x]).matrix(x), []) }
    let set = try source.set(x, isCached: false)
    return (set.probabilities.to(.float64), source.conventions(set, ofProbabilities: true))
  }

  /// The network and its images, or nil where the paths are arrays of rows already.
  private func source(_ paths: String...) throws -> FeatureSource? {
    if let features {
      if let option = arrays.header ? "--header" : arrays.key == nil ? nil : "--key" {
        throw MetricError("\(option): expected files of features, got --features, which is for images")
      }
      return try FeatureSource(features, limit: limit)
    }
    for path in paths { try FeatureSource.refuseFolder(path) }
    return nil
  }
}
