import ArgumentParser
import Datasets
import Evaluation
import Foundation
import Torch

/// `helmholtz metric NAME`
struct MetricCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metric", abstract: "Measure arrays, tables or folders of images.",
    discussion: """
      Example:  helmholtz metric logdet-cov --x codes.npy --json

      Arrays are .npy, .npz, CSV or any other file that 'helmholtz data convert' reads; a folder of images is read as \
      values in [0, 1]. Arithmetic is in double precision. --key and --header hold for each file that names its arrays \
      or is a table.
      """,
    subcommands: [
      Wasserstein1.self, MMD2.self, KSD.self, SVGD.self, NeighbourKL.self, CriticKL.self, CriticDivergence.self,
      FrechetDistance.self,
      KernelDistance.self, Neighbourhoods.self, InceptionScore.self, LogDetCovariance.self,
      MutualInformation.self, BoundOfInformation.self, ClassCrossEntropy.self, KNNProbe.self, LinearProbe.self,
      SVMProbe.self, PCA.self, TSNE.self, Trustworthiness.self, DisentanglementCommand.self,
      GaussianKL.self, GaussianLogProb.self, BernoulliLogProb.self, CategoricalLogProb.self,
      DMOLLogProb.self,
    ])
}

/// What is taken out of the files that hold more than one array.
struct ArrayOptions: ParsableArguments {
  @Option(help: "Take this array of each file of several, or this column of each table.") var key: String?
  @Flag(help: "Take the first line of each CSV file as names of its columns.") var header = false

  /// What reads these files, of which at least one must have a use for the options.
  func input(_ paths: [String]) throws -> MetricInput {
    let formats = try paths.filter { !MetricInput.isFolder($0) }.map(ArrayFormat.init(path:))
    if let key, !formats.contains(where: \.namesArrays) {
      throw MetricError("--key: expected a .npz, .mat, .safetensors or .csv file to take '\(key)' of, got none")
    }
    if header, !formats.contains(.csv) { throw MetricError("--header: expected a .csv file, got none") }
    return MetricInput(key: key, hasHeader: header)
  }
}

/// Reads a user's arrays.
struct MetricInput {
  fileprivate let key: String?
  fileprivate let hasHeader: Bool

  fileprivate static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  /// The rows of a file or a folder, in double precision: `[n]`, `[n, d]` or more axes as stored.
  func tensor(_ path: String) throws -> Tensor {
    Runtime.tuneAllocator()
    if Self.isFolder(path) {
      let examples = try ImageFolder(path).examples()
      guard case .bytes(let bytes) = examples.storage else { preconditionFailure("ImageFolder: expected bytes") }
      return Tensor(bytes, shape: [examples.count] + examples.shape).to(.float64) / (examples.isBinary ? 1 : 255)
    }
    let format = try ArrayFormat(path: path)
    let part = ArrayFormat.Part(key: format.namesArrays ? key : nil, hasHeader: format == .csv && hasHeader)
    let array = try DataArray(contentsOf: path, format, part)
    return Tensor(array.doubles(), shape: array.shape)
  }

  /// The same as `[n, d]` with finite numbers, at least `least` rows.
  func matrix(_ path: String, atLeast least: Int = 1) throws -> Tensor {
    let x = try tensor(path)
    guard x.rank >= 1, x.size(0) >= least else {
      throw MetricError("'\(path)': expected at least \(least) rows, got shape \(x.shape)")
    }
    guard x.isFinite().all().item() == 1 else {
      throw MetricError("'\(path)': expected finite numbers, got some that are not")
    }
    return x.reshaped([x.size(0), x.count / x.size(0)])
  }
}
