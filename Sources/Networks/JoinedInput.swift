import Torch

/// A network whose input stands beside its features, for the layers behind it. Dai & Wipf 2019, the second stage.
public final class JoinedInput: Network {
  private let network: any Network
  private let inputShape: [Int]

  /// - Parameters:
  ///   - network: from the input to features of one axis.
  ///   - inputShape: the shape of one input.
  public init(_ network: any Network, inputShape: [Int]) {
    self.network = network
    self.inputShape = inputShape
  }

  public var outputShape: [Int] { [network.outputShape.reduce(1, *) + inputShape.reduce(1, *)] }
  public var summary: String { "\(network.summary) beside its input" }

  /// `[...] + inputShape` to `[..., features + inputs]`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    let input = inputShape.count > 1 ? x.flattened(from: x.rank - inputShape.count) : x  // [..., inputs]
    return Tensor.concatenated([network(x), input], axis: -1)
  }
}
