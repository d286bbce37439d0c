import Probability
import Torch

/// z = sigmoid(network(x)): a code without noise, each number between 0 and 1.
///
/// With batch norm in front of the sigmoid no unit can stay at one end. Without it a decoder that has not yet learned the
/// mean of the data pushes all units to 0 or 1 in its first steps, where they have no gradient.
public final class SigmoidCodes: Conditional, Summarized {
  private let network: any Network
  private let output: Linear
  private let norm: BatchNorm?

  /// - Parameters:
  ///   - network: from x to features.
  ///   - dimension: the length of a code.
  ///   - isNormalized: whether batch norm stands in front of the sigmoid.
  public init(_ network: any Network, dimension: Int, isNormalized: Bool = false, using rng: RandomSource) {
    self.network = network
    output = Linear(network.outputShape.reduce(1, *), dimension, bias: !isNormalized, using: rng)
    norm = isNormalized ? BatchNorm(dimension, device: rng.device) : nil
  }

  public var summary: String {
    "deterministic, \(network.summary)-\(output.weight.value.size(0)), \(norm == nil ? "" : "batch norm, ")sigmoid"
  }

  /// All mass at one code.
  public func callAsFunction(_ x: Tensor) -> ImplicitPosterior {
    let h = output(network(x).flattened(from: 1)).inFloat()  // [batch, dimension]
    let z = (norm.map { $0(h) } ?? h).sigmoid()
    return ImplicitPosterior { count, _ in count.isEmpty ? z : z.expanded(count + z.shape) }
  }
}
