import Probability
import Torch

/// A network that may be given a class beside its input, joined to the input of every layer.
///
/// A class that is joined as maps of zeros and ones, or as a one-hot vector, adds what its own weights make of it: that
/// is worked out once for each class and not for each example.
public protocol ClassNetwork: Network {
  /// The features of a batch given classes, `[batch]` of type `int64`.
  func callAsFunction(_ x: Tensor, of classes: Tensor) -> Tensor
}

extension Network {
  /// The features of a batch, given classes where there are any; a network that takes none must not be given any.
  public func callAsFunction(_ x: Tensor, classes: Tensor?) -> Tensor {
    guard let classes else { return self(x) }
    guard let network = self as? any ClassNetwork else { preconditionFailure("\(summary): expected no classes") }
    return network(x, of: classes)
  }
}

/// What the class that is joined to a dense layer's input adds to its result: a row of a table.
public final class ClassRows: Module {
  private let table: Parameter

  /// A table for `classes` classes, of rows as long as the layer is wide.
  public init(_ classes: Int, _ width: Int, _ initialization: Initialization, using rng: RandomSource) {
    table = Parameter(initialization.weight([classes, width], fanIn: classes, fanOut: width, using: rng))
  }

  /// How many classes there are.
  public var classes: Int { table.value.size(0) }

  /// At classes `[...]` of type `int64`: `[..., width]`.
  public func callAsFunction(_ classes: Tensor) -> Tensor {
    table.value.gathered(classes.flattened()).reshaped(classes.shape + [table.value.size(1)])
  }
}

extension Conv2d {
  /// What classes `[batch]` add that are joined to maps `h` as maps of zeros and ones: `[batch, outputs, h, w]`.
  func callAsFunction(classMaps classes: Tensor, of h: Tensor) -> Tensor {
    self(oneHotMaps(weight.value.size(1), like: h)).gathered(classes)
  }
}

extension ConvTranspose2d {
  /// What classes `[batch]` add that are joined to maps `h` as maps of zeros and ones: `[batch, outputs, h, w]`.
  func callAsFunction(classMaps classes: Tensor, of h: Tensor) -> Tensor {
    self(oneHotMaps(weight.value.size(0), like: h)).gathered(classes)
  }
}

/// For every class its maps of zeros and ones as large as those of `h`: `[classes, classes, height, width]`.
private func oneHotMaps(_ classes: Int, like h: Tensor) -> Tensor {
  let rows = Tensor.range(classes, dtype: .int64, device: h.device).oneHot(classes).to(h.dtype)
  return rows.reshaped([classes, classes, 1, 1]).expanded([classes, classes, h.size(2), h.size(3)])
}

/// An MLP given a class at every layer.
public final class ClassMLP: ClassNetwork {
  private let network: MLP
  private let rows: [ClassRows]

  /// - Parameters:
  ///   - network: with at least one layer.
  ///   - classes: how many there are.
  public init(_ network: MLP, classes: Int, using rng: RandomSource) {
    precondition(!network.layers.isEmpty, "ClassMLP: expected a network of at least one layer")
    self.network = network
    rows = network.layerShapes.map { ClassRows(classes, $0[0], .uniformFanIn, using: rng) }
  }

  public var outputShape: [Int] { network.outputShape }
  public var summary: String { "\(network.summary), \(rows[0].classes) classes at every layer" }

  public func callAsFunction(_ x: Tensor) -> Tensor { network(x) }

  public func callAsFunction(_ x: Tensor, of classes: Tensor) -> Tensor {
    network(x) { layer, h in h + rows[layer](classes) }
  }
}
