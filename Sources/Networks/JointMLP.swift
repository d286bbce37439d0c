import Probability
import Torch

/// An MLP of several variables and, if wanted, a class: each has a linear map of its own, and their sum goes into the
/// first nonlinearity.
///
/// Inputs are mapped as they come and broadcast only then. A class that is enumerated for a batch costs one row of a
/// table for each class and one row of products for each example, where repeated examples would cost both for each
/// pair. Maaløe et al. 2016, Eqs. 14 and 15.
public final class JointMLP: Module, Summarized {
  private let maps: [Linear]
  private let table: Parameter?
  private let layers: [Linear]
  private let norms: [BatchNorm]
  private let activation: Activation

  /// - Parameters:
  ///   - inputs: the length of every variable.
  ///   - classes: how many classes the further input has; nil for none.
  ///   - hidden: the width of every layer, at least one.
  ///   - isNormalized: whether batch norm stands in front of every nonlinearity.
  public init(
    _ inputs: [Int], classes: Int? = nil, hidden: [Int], activation: Activation = .relu, isNormalized: Bool = false,
    initialization: Initialization = .glorotNormal(gain: 2.0.squareRoot()), using rng: RandomSource
  ) {
    precondition(!inputs.isEmpty && !hidden.isEmpty, "JointMLP: expected inputs and layers")
    maps = inputs.enumerated().map { index, count in
      Linear(count, hidden[0], bias: index == 0 && !isNormalized, initialization: initialization, using: rng)
    }
    table = classes.map {
      Parameter(initialization.weight([$0, hidden[0]], fanIn: $0, fanOut: hidden[0], using: rng))
    }
    layers = zip(hidden, hidden.dropFirst()).map {
      Linear($0, $1, bias: !isNormalized, initialization: initialization, using: rng)
    }
    norms = isNormalized ? hidden.map { BatchNorm($0, device: rng.device) } : []
    self.activation = activation
  }

  /// The length of the result.
  public var width: Int { (layers.last ?? maps[0]).weight.value.size(0) }

  public var summary: String {
    let inputs = maps.map { "\($0.weight.value.size(1))" } + (table.map { ["\($0.value.size(0)) classes"] } ?? [])
    let widths = [maps[0].weight.value.size(0)] + layers.map { $0.weight.value.size(0) }
    return "MLP (\(inputs.joined(separator: " + ")))-" + widths.map(String.init).joined(separator: "-")
      + (norms.isEmpty ? "" : ", batch norm")
  }

  /// - Parameters:
  ///   - values: one for every input, `[..., inputs]` with batch axes that broadcast.
  ///   - classes: class numbers of type `int64`, with batch axes that broadcast with theirs.
  /// - Returns: features, `[..., width]`.
  public func callAsFunction(_ values: [Tensor], classes: Tensor? = nil) -> Tensor {
    precondition(
      values.count == maps.count && (classes == nil) == (table == nil),
      "JointMLP: expected \(summary), got \(values.count) variables\(classes == nil ? "" : " and classes")")
    // Small ones first: only the last sum has all axes.
    var sum = values.indices.map { share(of: values[$0], $0) }.sorted { $0.count < $1.count }
    if let table, let classes {
      let rows = table.value.gathered(classes.flattened())  // [count, width]
      sum.append(rows.reshaped(classes.shape + [table.value.size(1)]))  // [..., width]
    }
    return self(shares: sum)
  }

  /// What one of the inputs brings to the first layer, `[..., width]`: it can be summed with those of many others.
  public func share(of value: Tensor, _ input: Int) -> Tensor { maps[input](value) }

  /// Features of what two inputs or more bring to the first layer, with batch axes that broadcast.
  public func callAsFunction(shares: [Tensor]) -> Tensor {
    var h = activated(shares.dropFirst().reduce(shares[0], +), 0)
    for (index, layer) in layers.enumerated() { h = activated(layer(h), index + 1) }
    return h
  }

  private func activated(_ x: Tensor, _ layer: Int) -> Tensor {
    guard !norms.isEmpty else { return activation.overwriting(x) }
    return activation.overwriting(norms[layer](x.reshaped([-1, x.size(-1)]))).reshaped(x.shape)  // [..., width]
  }
}
