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
      values in [0, 1]. Arithmetic is in double precision.
      """,
    subcommands: [
      Wasserstein1.self, MMD2.self, KSD.self, SVGD.self, NeighbourKL.self, FrechetDistance.self,
      KernelDistance.self, Neighbourhoods.self, InceptionScore.self, LogDetCovariance.self,
      MutualInformation.self, ClassCrossEntropy.self, KNNProbe.self, LinearProbe.self,
      SVMProbe.self, PCA.self, TSNE.self, Trustworthiness.self, DisentanglementCommand.self,
      GaussianKL.self, GaussianLogProb.self, BernoulliLogProb.self, CategoricalLogProb.self,
      DMOLLogProb.self,
    ])
}

/// Reads a user's array.
enum MetricInput {
  /// The rows of a file or a folder, in double precision: `[n]`, `[n, d]` or more axes as stored.
  static func tensor(_ path: String) throws -> Tensor {
    Runtime.tuneAllocator()
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      let examples = try ImageFolder(path).examples()
      guard case .bytes(let bytes) = examples.storage else { preconditionFailure("ImageFolder: expected bytes") }
      return Tensor(bytes, shape: [examples.count] + examples.shape).to(.float64) / 255
    }
    let array = try DataArray(contentsOf: path, try ArrayFormat(path: path))
    return Tensor(array.doubles(), shape: array.shape)
  }

  /// The same as `[n, d]` with finite numbers, at least `least` rows.
  static func matrix(_ path: String, atLeast least: Int = 1) throws -> Tensor {
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
