import Datasets
import Foundation
import Torch

/// Where feature networks are found.
public enum FeatureNetworks {
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
