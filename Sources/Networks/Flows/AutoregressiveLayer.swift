import Torch

/// A network from z to a shift and a gate for each dimension, which depend on the dimensions before it and on what is injected.
///
/// One hidden layer with masks on the weights, as an `AutoregressiveOrder` has them. Units that see no dimension see what is injected
/// alone.
public final class AutoregressiveLayer: Module {
  private let input: Parameter
  private let output: Parameter
  private let bias: Parameter
  private let inputMask: Buffer
  private let outputMask: Buffer
  /// Whether the last dimension is the first in order.
  public let isReversed: Bool

  /// - Parameters:
  ///   - dimension: the length of z, at least 2: a single dimension has none before it.
  ///   - hidden: the width of the hidden layer.
  ///   - isReversed: whether the order of the dimensions is reversed.
  public init(_ dimension: Int, hidden: Int, isReversed: Bool, using rng: RandomSource) {
    precondition(dimension >= 2, "AutoregressiveLayer: expected at least 2 dimensions, got \(dimension)")
    let initialization = Initialization.uniformFanIn
    func weight(_ outputs: Int, _ inputs: Int) -> Parameter {
      Parameter(initialization.weight([outputs, inputs], fanIn: inputs, fanOut: outputs, using: rng))
    }
    input = weight(hidden, dimension)
    output = weight(2 * dimension, hidden)
    bias = Parameter(initialization.bias(2 * dimension, fanIn: hidden, using: rng))
    let order = AutoregressiveOrder(dimension, isReversed: isReversed, device: rng.device)
    inputMask = Buffer(order.input(to: hidden))
    let isSeen = order.output(from: hidden)  // [d, hidden]
    outputMask = Buffer(Tensor.concatenated([isSeen, isSeen]))
    self.isReversed = isReversed
  }

  /// The width of the hidden layer.
  public var hidden: Int { input.value.size(0) }

  /// - Parameters:
  ///   - z: `[..., d]`.
  ///   - injected: added to the hidden units before their nonlinearity, `[..., hidden]`.
  /// - Returns: shifts and gates, each `[..., d]`.
  public func callAsFunction(_ z: Tensor, injected: Tensor) -> (shift: Tensor, gate: Tensor) {
    let sum = z.linear(weight: input.value * inputMask.value, bias: nil) + injected
    let h = Activation.elu.overwriting(sum)  // [..., hidden]
    let halves = h.linear(weight: output.value * outputMask.value, bias: bias.value).inFloat().split(2)
    return (halves[0], halves[1])
  }
}
