import Torch

/// A fixed network whose features images are compared in, and whose classes they are scored by.
///
/// To conform, say what the network is, which images it takes, and map a batch of them; running over whole sets, grey
/// and RGB, and the cache come for free (`FeatureSet`, `FeatureCache`). The simplest conformer is `ResidualFeatures`.
public protocol FeatureNetwork {
  /// What people call it, such as `residual-mnist`.
  var name: String { get }
  /// The SHA-256 of its file in hexadecimal digits.
  var hash: String { get }
  /// Which layer the features are of, in a few words.
  var layer: String { get }
  /// What is done to an image before it goes in, in a few words.
  var resize: String { get }
  /// How class probabilities come about, in a few words.
  var scores: String { get }
  /// The length of a feature vector, d.
  var featureCount: Int { get }
  /// The number of classes, k.
  var classCount: Int { get }
  /// 1 for grey images, 3 for RGB.
  var channels: Int { get }
  /// Images that go through at once.
  var batchSize: Int { get }
  /// Refuses images of a shape `[channels, height, width]` that it cannot take.
  func check(_ shape: [Int]) throws(MetricError)
  /// The features and the class probabilities of images `[n, channels, h, w]` in [0, 1]: `[n, d]` and `[n, k]`.
  func callAsFunction(_ images: Tensor) -> (features: Tensor, probabilities: Tensor)
}

extension FeatureNetwork {
  /// The digits of the hash that are shown.
  public var shortHash: String { String(hash.prefix(12)) }

  /// Features of images `[n, channels, h, w]` in [0, 1]: `[n, d]`.
  public func features(_ images: Tensor) -> Tensor { self(images).features }

  /// Class probabilities of images `[n, channels, h, w]` in [0, 1]: `[n, k]`.
  public func classProbabilities(_ images: Tensor) -> Tensor { self(images).probabilities }
}
