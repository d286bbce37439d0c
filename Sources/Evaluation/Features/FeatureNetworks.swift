import Datasets
import Foundation
import Torch

/// Where feature networks are found, and which kind a file holds.
public enum FeatureNetworks {
  /// The network in a file, or the one that has been trained on a data set.
  ///
  /// - Parameters:
  ///   - reference: a `.safetensors` file, or a data set's name such as `mnist`.
  ///   - cache: the user's cache folder, where trained networks lie by the name of their data set.
  public static func load(_ reference: String, cache: String) throws -> any FeatureNetwork {
    let isFile = reference.contains("/") || reference.contains(".")
    let path = isFile ? reference : defaultFile(for: reference, cache: cache)
    guard isFile || FileManager.default.fileExists(atPath: path) else {
      throw MetricError(
        "features '\(reference)': no network has been trained on this data set (no '\(path)'); "
          + "train one with 'helmholtz features train --data \(reference)', or name a .safetensors file")
    }
    let file = try Safetensors(contentsOf: path)
    if file.metadata["format"] == ResidualFeatures.format {
      return try ResidualFeatures(file, hash: fileHash(path), path)
    }
    if file.tensors["Conv2d_1a_3x3.conv.weight"] != nil {
      return try InceptionNetwork(file.tensors, hash: fileHash(path), from: path)
    }
    let found = file.tensors.keys.min().map { "tensors such as '\($0)'" } ?? "no tensors"
    throw FileError(
      path,
      "expected a network of 'helmholtz features train' or an Inception-v3 with torchvision's names "
        + "('Conv2d_1a_3x3.conv.weight' to 'fc.bias'), got \(found)")
  }

  /// The name of the network for a data set: the set's own, or that of its file without folder and ending.
  public static func name(of data: String) -> String {
    guard Dataset.isFile(data) else { return data }
    return ((data as NSString).lastPathComponent as NSString).deletingPathExtension
  }

  /// Where the network for a data set lies unless another place is given: `features/NAME.safetensors` in the cache.
  public static func defaultFile(for data: String, cache: String) -> String {
    "\(cache)/features/\(name(of: data)).safetensors"
  }
}
