import Torch

/// Inception-v3 with the weights of a file: the network of the published FID and Inception scores.
///
/// 1008 logits are the network that TensorFlow's FID uses, in pytorch-fid's conversion; 1000 are torchvision's.
/// The two differ in their weights and in pools: the first averages over the pixels inside the image alone, and its
/// last block takes the largest value instead of the average. Images are scaled to 299 x 299 bilinearly and to
/// [-1, 1], as pytorch-fid does.
///
/// - Source: Szegedy et al. 2016; Heusel et al. 2017; pytorch-fid's `inception.py`.
public struct InceptionNetwork: FeatureNetwork {
  /// Which of the two networks the weights are for.
  public enum Variant: Int, Sendable {
    /// TensorFlow's of 2015, the network of the FID.
    case fid = 1008
    /// torchvision's, trained on ImageNet's 1000 classes.
    case torchvision = 1000
  }

  /// Which network it is, by its number of classes.
  public let variant: Variant
  public let hash: String
  /// A convolution with the batch norm behind it folded in.
  private let convolutions: [String: (weight: Tensor, bias: Tensor)]
  /// The logits' weight `[classes, 2048]` and bias `[classes]`.
  private let head: (weight: Tensor, bias: Tensor)

  /// The side of the images that go in.
  static let side = 299
  /// Added to the variance by the batch norms.
  private static let epsilon = 1e-3

  /// A network from tensors under torchvision's names; those of its auxiliary classifier are passed over.
  public init(_ tensors: [String: Tensor], hash: String, from path: String) throws {
    guard let logits = tensors["fc.weight"], logits.rank == 2, let variant = Variant(rawValue: logits.size(0)) else {
      let found = tensors["fc.weight"].map { "shape \($0.shape)" } ?? "no such tensor"
      throw FileError(path, "'fc.weight': expected logits of 1008 or 1000 classes, got \(found)")
    }
    self.variant = variant
    self.hash = hash
    var rest = tensors.filter { !$0.key.hasPrefix("AuxLogits.") && !$0.key.hasSuffix(".num_batches_tracked") }
    func take(_ name: String, _ shape: [Int]) throws(LoadError) -> Tensor {
      guard let tensor = rest.removeValue(forKey: name) else { throw .missing(name, path, has: nil) }
      guard tensor.shape == shape else { throw .shape(name, path, expected: shape, found: tensor.shape) }
      return tensor.to(.float32)
    }
    var convolutions: [String: (weight: Tensor, bias: Tensor)] = [:]
    for layer in InceptionLayers.all {
      let outputs = [layer.shape[0]]
      let weight = try take(layer.name + ".conv.weight", layer.shape)
      let scale =
        try take(layer.name + ".bn.weight", outputs)
        / (take(layer.name + ".bn.running_var", outputs) + Self.epsilon).sqrt()
      let shift = try take(layer.name + ".bn.bias", outputs) - take(layer.name + ".bn.running_mean", outputs) * scale
      convolutions[layer.name] = (weight * scale.reshaped([-1, 1, 1, 1]), shift)
    }
    self.convolutions = convolutions
    let classes = variant.rawValue
    head = (try take("fc.weight", [classes, InceptionLayers.featureCount]), try take("fc.bias", [classes]))
    if let extra = rest.keys.sorted().first { throw LoadError.unexpected(extra, path) }
  }

  public var name: String { variant == .fid ? "inception-v3-fid" : "inception-v3-torchvision" }
  public var layer: String { "pool3, \(featureCount) features" }
  public var resize: String { "bilinear to \(Self.side) x \(Self.side), no antialiasing, as pytorch-fid" }
  public var scores: String {
    variant == .fid ? "softmax of the logits without their bias, as Salimans et al. 2016" : "softmax of the logits"
  }
  public var featureCount: Int { InceptionLayers.featureCount }
  public var classCount: Int { variant.rawValue }
  public var channels: Int { 3 }
  public var batchSize: Int { 16 }

  public func check(_ shape: [Int]) throws(MetricError) {
    guard shape.count == 3 else {
      throw MetricError("features '\(name)': expected images [channels, height, width], got examples of shape \(shape)")
    }
  }

  public func callAsFunction(_ images: Tensor) -> (features: Tensor, probabilities: Tensor) {
    withoutGradients {
      let features = pooled(images.resizedBilinear(height: Self.side, width: Self.side) * 2 - 1)
      let bias = variant == .fid ? nil : head.bias
      return (features, features.linear(weight: head.weight, bias: bias).softmax(1))
    }
  }

  /// The logits of features, with their bias: `[n, 2048]` to `[n, classes]`.
  func logits(features: Tensor) -> Tensor { features.linear(weight: head.weight, bias: head.bias) }

  // MARK: The network

  /// A convolution, its batch norm and ReLU; without `frame` the border shrinks, else the size stays.
  private func conv(_ x: Tensor, _ name: String, stride: Int = 1, frame: Bool = true) -> Tensor {
    guard let (weight, bias) = convolutions[name] else { preconditionFailure("InceptionNetwork: no layer '\(name)'") }
    let (down, across) = frame ? (weight.size(2) / 2, weight.size(3) / 2) : (0, 0)
    let isSquare = down == across
    let framed = isSquare ? x : x.padded([(across, across), (down, down)])
    return framed.conv2d(weight: weight, bias: bias, stride: stride, padding: isSquare ? down : 0).relu()
  }

  /// Several convolutions one after the other.
  private func chain(_ x: Tensor, _ block: String, _ names: String...) -> Tensor {
    names.reduce(x) { conv($0, block + "." + $1) }
  }

  /// The pool of a block that keeps the size.
  private func average(_ x: Tensor) -> Tensor {
    x.averagePooled(kernel: 3, stride: 1, padding: 1, countsFrame: variant == .torchvision)
  }

  /// `[n, 3, 299, 299]` in [-1, 1] to `[n, 2048]`.
  private func pooled(_ x: Tensor) -> Tensor {
    var h = conv(x, "Conv2d_1a_3x3", stride: 2, frame: false)
    h = conv(conv(h, "Conv2d_2a_3x3", frame: false), "Conv2d_2b_3x3").maxPooled(kernel: 3, stride: 2)
    h = conv(conv(h, "Conv2d_3b_1x1"), "Conv2d_4a_3x3", frame: false).maxPooled(kernel: 3, stride: 2)
    for name in ["Mixed_5b", "Mixed_5c", "Mixed_5d"] { h = blockA(h, name) }
    h = blockB(h, "Mixed_6a")
    for name in ["Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"] { h = blockC(h, name) }
    h = blockE(blockD(h, "Mixed_7a"), "Mixed_7b", pool: average)
    h = blockE(h, "Mixed_7c") { variant == .fid ? $0.maxPooled(kernel: 3, stride: 1, padding: 1) : average($0) }
    return h.mean(2, 3)
  }

  private func blockA(_ x: Tensor, _ name: String) -> Tensor {
    .concatenated(
      [
        chain(x, name, "branch1x1"), chain(x, name, "branch5x5_1", "branch5x5_2"),
        chain(x, name, "branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"), chain(average(x), name, "branch_pool"),
      ], axis: 1)
  }

  private func blockB(_ x: Tensor, _ name: String) -> Tensor {
    let double = chain(x, name, "branch3x3dbl_1", "branch3x3dbl_2")
    return .concatenated(
      [
        conv(x, name + ".branch3x3", stride: 2, frame: false),
        conv(double, name + ".branch3x3dbl_3", stride: 2, frame: false), x.maxPooled(kernel: 3, stride: 2),
      ], axis: 1)
  }

  private func blockC(_ x: Tensor, _ name: String) -> Tensor {
    .concatenated(
      [
        chain(x, name, "branch1x1"), chain(x, name, "branch7x7_1", "branch7x7_2", "branch7x7_3"),
        chain(
          x, name, "branch7x7dbl_1", "branch7x7dbl_2", "branch7x7dbl_3", "branch7x7dbl_4", "branch7x7dbl_5"),
        chain(average(x), name, "branch_pool"),
      ], axis: 1)
  }

  private func blockD(_ x: Tensor, _ name: String) -> Tensor {
    let long = chain(x, name, "branch7x7x3_1", "branch7x7x3_2", "branch7x7x3_3")
    return .concatenated(
      [
        conv(chain(x, name, "branch3x3_1"), name + ".branch3x3_2", stride: 2, frame: false),
        conv(long, name + ".branch7x7x3_4", stride: 2, frame: false), x.maxPooled(kernel: 3, stride: 2),
      ], axis: 1)
  }

  private func blockE(_ x: Tensor, _ name: String, pool: (Tensor) -> Tensor) -> Tensor {
    let short = chain(x, name, "branch3x3_1")
    let double = chain(x, name, "branch3x3dbl_1", "branch3x3dbl_2")
    return .concatenated(
      [
        chain(x, name, "branch1x1"), chain(short, name, "branch3x3_2a"), chain(short, name, "branch3x3_2b"),
        chain(double, name, "branch3x3dbl_3a"), chain(double, name, "branch3x3dbl_3b"),
        chain(pool(x), name, "branch_pool"),
      ], axis: 1)
  }
}
