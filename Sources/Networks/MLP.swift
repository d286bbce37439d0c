import Probability
import Torch

/// Something that can say in one line what it is, such as `MLP 784-500-500`.
public protocol Summarized {
  /// The line, as `describe` prints it.
  var summary: String { get }
}

/// A network from a variable to features; anything that maps `[..., inputs]` to `[..., outputs]` can be one.
///
/// To bring your own, conform a `final class` that stores its layers; see `MLP`.
public protocol Network: Module, Summarized {
  /// The length or shape of one output, without batch axes.
  var outputShape: [Int] { get }
  /// The features of a batch.
  func callAsFunction(_ x: Tensor) -> Tensor
}

/// A network whose result comes about in stages, between which one can look.
public protocol StagedNetwork: Network {
  /// How many stages there are.
  var stageCount: Int { get }
  /// What some stages make of the input, or of the result of the stage before them.
  func stages(_ x: Tensor, _ range: Range<Int>) -> Tensor
  /// The features of a batch, given the result of all stages.
  func features(ofStages h: Tensor) -> Tensor
}

/// Affine layers with a nonlinearity behind each.
///
/// Inputs of more than one axis are flattened first, so it takes images as they are.
public final class MLP: LayeredNetwork {
  /// The affine layers, first to last.
  public let layers: [Linear]
  private let inputShape: [Int]
  private let activation: Activation

  /// - Parameters:
  ///   - inputShape: the shape of one input, such as `[1, 28, 28]`.
  ///   - hidden: the width of every layer.
  public init(
    _ inputShape: [Int], hidden: [Int], activation: Activation = .relu,
    initialization: Initialization = .uniformFanIn, isSpectrallyNormalized: Bool = false, using rng: RandomSource
  ) {
    self.inputShape = inputShape
    self.activation = activation
    let widths = [inputShape.reduce(1, *)] + hidden
    layers = zip(widths, hidden).map {
      Linear(
        $0, $1, initialization: initialization, isSpectrallyNormalized: isSpectrallyNormalized, using: rng)
    }
  }

  public var outputShape: [Int] { [layers.last?.weight.value.size(0) ?? inputShape.reduce(1, *)] }

  public var summary: String {
    "MLP "
      + ([inputShape.reduce(1, *)] + layers.map { $0.weight.value.size(0) })
      .map(String.init).joined(separator: "-")
  }

  public var layerShapes: [[Int]] { layers.map { [$0.weight.value.size(0)] } }

  public func callAsFunction(_ x: Tensor) -> Tensor { self(x) { _, h in h } }

  public func callAsFunction(_ x: Tensor, change: (Int, Tensor) -> Tensor) -> Tensor {
    let flat = inputShape.count > 1 ? x.flattened(from: -inputShape.count + x.rank) : x  // [..., inputs]
    return zip(layers.indices, layers).reduce(flat) { h, layer in
      activation.overwriting(change(layer.0, layer.1(h)))
    }
  }
}

extension MLP: StagedNetwork {
  public var stageCount: Int { layers.count }

  public func stages(_ x: Tensor, _ range: Range<Int>) -> Tensor {
    let flat = range.lowerBound == 0 && inputShape.count > 1 ? x.flattened(from: -inputShape.count + x.rank) : x
    return layers[range].reduce(flat) { h, layer in activation.overwriting(layer(h)) }
  }

  public func features(ofStages h: Tensor) -> Tensor { h }
}
