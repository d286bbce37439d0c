import Datasets
import Torch

/// What a network makes of a set of images, and how.
public struct FeatureSet {
  /// `[n, d]`, type `float32`.
  public let features: Tensor
  /// Class probabilities `[n, k]`, type `float32`.
  public let probabilities: Tensor
  /// What was done to channels that are not the network's.
  public let conversion: ChannelConversion
  /// Whether it came out of the cache.
  public let isCached: Bool

  init(features: Tensor, probabilities: Tensor, conversion: ChannelConversion, isCached: Bool) {
    self.features = features
    self.probabilities = probabilities
    self.conversion = conversion
    self.isCached = isCached
  }

  /// Runs `network` over all images, batch by batch.
  ///
  /// - Parameter progress: called with the number of images that are done and their number in all.
  public init(
    of images: ImageSet, by network: any FeatureNetwork, progress: (Int, Int) -> Void = { _, _ in }
  ) throws {
    try network.check(images.shape)
    conversion = ChannelConversion(from: images.shape[0], to: network.channels)
    isCached = false
    var (features, probabilities): ([Tensor], [Tensor]) = ([], [])
    for range in pairBlocks(images.count, size: network.batchSize) {
      let (rows, classes) = network(conversion(try images.batch(range)))
      features.append(rows)
      probabilities.append(classes)
      progress(range.upperBound, images.count)
    }
    self.features = .concatenated(features)
    self.probabilities = .concatenated(probabilities)
  }
}

/// How images get the number of channels that a network takes.
public enum ChannelConversion: String, Sendable {
  case none
  /// Grey is repeated.
  case greyToRGB = "grey repeated to RGB"
  /// 0.299 R + 0.587 G + 0.114 B of ITU-R BT.601.
  case rgbToGrey = "RGB to luma, BT.601"

  init(from own: Int, to wanted: Int) {
    self = own == wanted ? .none : own == 1 ? .greyToRGB : .rgbToGrey
  }

  /// The images `[n, channels, h, w]` with the other number of channels.
  func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .none: x
    case .greyToRGB: x.expanded([x.size(0), 3, x.size(2), x.size(3)])
    case .rgbToGrey: (x * Tensor([Float(0.299), 0.587, 0.114], shape: [1, 3, 1, 1])).sum(1, keepAxes: true)
    }
  }
}
