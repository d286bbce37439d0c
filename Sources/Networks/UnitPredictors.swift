import Torch

/// Networks that predict each number of a code from the others: as many as a code has numbers, one product a layer for all.
///
/// Predictions lie between 0 and 1, as do the units that they are of. Schmidhuber 1992.
public final class UnitPredictors: Module, Summarized {
  private let layers: [LinearStack]
  private let hidden: [Int]
  /// The other units of each unit, `[dimension * (dimension - 1)]`.
  private let others: Tensor
  /// The length of a code.
  public let dimension: Int

  /// - Parameters:
  ///   - dimension: the length of a code, at least 2.
  ///   - hidden: the widths of the layers of every network.
  public init(_ dimension: Int, hidden: [Int], using rng: RandomSource) {
    precondition(dimension >= 2, "UnitPredictors: expected codes of at least 2 numbers, got \(dimension)")
    self.dimension = dimension
    self.hidden = hidden
    let units = 0..<dimension
    others = Tensor(units.flatMap { unit in units.filter { $0 != unit }.map(Int64.init) }).to(rng.device)
    let widths = [dimension - 1] + hidden + [1]
    layers = zip(widths, widths.dropFirst()).map { LinearStack(dimension, $0, $1, using: rng) }
  }

  public var summary: String {
    "\(dimension) MLPs \(([dimension - 1] + hidden + [1]).map(String.init).joined(separator: "-"))"
  }

  /// What each number of codes `[n, dimension]` is expected to be, given the others: the same shape.
  public func callAsFunction(_ z: Tensor) -> Tensor {
    let given = z.gathered(others.to(z.device), axis: 1).reshaped([z.size(0), dimension, dimension - 1])
    let outputs = layers.indices.reduce(given.permuted(1, 0, 2)) { h, index in
      let h = layers[index](h)  // [dimension, n, width]
      return index < layers.count - 1 ? Activation.relu.overwriting(h) : h
    }
    return outputs.inFloat().squeezed(-1).permuted(1, 0).sigmoid()
  }
}
