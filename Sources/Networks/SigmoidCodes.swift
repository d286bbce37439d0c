import Probability
import Torch

/// z = sigmoid(network(x)): a code without noise, each number between 0 and 1.
public final class SigmoidCodes: Conditional, Summarized {
  private let network: any Network
  private let output: Linear

  /// - Parameters:
  ///   - network: from x to features.
  ///   - dimension: the length of a code.
  public init(_ network: any Network, dimension: Int, using rng: RandomSource) {
    self.network = network
    output = Linear(network.outputShape.reduce(1, *), dimension, using: rng)
  }

  public var summary: String { "deterministic, \(network.summary)-\(output.weight.value.size(0)), sigmoid" }

  /// All mass at one code.
  public func callAsFunction(_ x: Tensor) -> ImplicitPosterior {
    let z = output(network(x).flattened(from: 1)).inFloat().sigmoid()  // [batch, dimension]
    return ImplicitPosterior { count, _ in count.isEmpty ? z : z.expanded(count + z.shape) }
  }
}
