import Probability
import Torch

/// Layers that standardize each dimension given those before it. Papamakarios et al. 2017.
///
///     z_i = (x_i - m_i) exp(-s_i),  log|det J| = -sum of s,  s = tanh(.),  m_i and s_i of x_1, ..., x_(i-1)
///
/// The density of a point is one pass through each layer, a draw one for each dimension. The order of the dimensions is reversed in
/// every second layer. As in couplings s is bounded by tanh, which is not in the paper.
public final class MaskedAutoregressiveFlow: LearnedBijection {
  public let dimension: Int
  private let layers: [MaskedNetwork]

  /// - Parameters:
  ///   - dimension: the length of a point.
  ///   - layers: how many, at least 1.
  ///   - hidden: widths of a layer's hidden layers, at least one, which end in ReLU6.
  public init(_ dimension: Int, layers count: Int, hidden: [Int], using rng: RandomSource) {
    precondition(
      count >= 1 && !hidden.isEmpty,
      "MaskedAutoregressiveFlow: expected a layer and a hidden one in it, got \(count) and \(hidden.count)")
    self.dimension = dimension
    layers = (0..<count).map {
      MaskedNetwork(dimension, hidden: hidden, isReversed: !$0.isMultiple(of: 2), using: rng)
    }
  }

  public var summary: String {
    "\(layers.count) masked autoregressive \(layers.count == 1 ? "layer" : "layers"), "
      + layers[0].summary
  }

  public func callAsFunction(_ x: Tensor) -> (value: Tensor, logDeterminant: Tensor) {
    var value = x
    var logScales = Tensor.zeros([], dtype: x.dtype, device: x.device).expanded(x.shape)
    for layer in layers {
      let (mean, s) = layer(value)
      value = (value - mean) * (-s).exp()
      logScales = logScales - s
    }
    return (value, logScales.sum(-1))
  }

  /// Dimension by dimension: after k passes the first k in order are right.
  public func inverse(_ value: Tensor) -> Tensor {
    layers.reversed().reduce(value) { value, layer in
      (0..<dimension).reduce(value) { x, _ in
        let (mean, s) = layer(x)
        return mean.addingProduct(value, s.exp())
      }
    }
  }
}

/// A network from points to a mean and a log scale of each dimension, which see the dimensions before it alone.
private final class MaskedNetwork: Module {
  private let layers: [Linear]
  private let masks: [Buffer]

  init(_ dimension: Int, hidden: [Int], isReversed: Bool, using rng: RandomSource) {
    let order = AutoregressiveOrder(dimension, isReversed: isReversed, device: rng.device)
    layers =
      zip([dimension] + hidden, hidden).map { Linear($0, $1, using: rng) } + [
        Linear(hidden[hidden.count - 1], 2 * dimension, initialization: nearIdentity, using: rng)
      ]
    let isSeen = order.output(from: hidden[hidden.count - 1])  // [d, hidden]
    masks =
      ([order.input(to: hidden[0])] + zip(hidden, hidden.dropFirst()).map(order.between)
      + [.concatenated([isSeen, isSeen])]).map(Buffer.init)
  }

  var summary: String {
    let widths = [layers[0].weight.value.size(1)] + layers.map { $0.weight.value.size(0) }
    return "MADE \(widths.map(String.init).joined(separator: "-")), ReLU6"
  }

  /// `[..., d]` to means and log scales between -1 and 1, each `[..., d]`.
  func callAsFunction(_ x: Tensor) -> (mean: Tensor, logScale: Tensor) {
    var h = x
    for (index, (layer, mask)) in zip(layers, masks).enumerated() {
      let sum = h.linear(weight: layer.weight.value * mask.value, bias: layer.bias?.value)
      h = index < layers.count - 1 ? Activation.relu6.overwriting(sum) : sum
    }
    let halves = h.inFloat().split(2)
    return (halves[0], halves[1].tanh())
  }
}
