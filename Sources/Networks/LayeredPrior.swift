import Probability
import Torch

/// p(h1, ..., hL) = p(hL) p(h(L-1)|hL) ... p(h1|h2): stochastic layers as one code, the lowest first.
///
/// It is drawn from the top down. Neal 1992 has such layers of zeros and ones as belief networks.
public struct LayeredPrior: CodePrior {
  /// p(hL).
  public let top: any CodePrior
  /// p(h_l|h_(l+1)) of the layers below, from the lowest up.
  public let layers: [NetworkLikelihood]

  /// - Parameter layers: each over vectors, given the layer above it; empty for one layer.
  public init(top: any CodePrior, layers: [NetworkLikelihood]) {
    self.top = top
    self.layers = layers
  }

  /// The lengths of h1, ..., hL.
  public var sizes: [Int] { layers.map { $0.shape[0] } + [top.dimension] }
  public var dimension: Int { sizes.reduce(0, +) }
  public var dtype: DType { top.dtype }
  public var isBinary: Bool { top.isBinary && layers.allSatisfy { $0.family == .bernoulli } }

  /// Such as `layers of 200, 200 and 10 given each other, on top Bernoulli, 10 dimensions`.
  public var summary: String {
    layers.isEmpty
      ? top.summary
      : "layers of \(sizes.map(String.init).joined(separator: ", ")), each given the next; the last is \(top.summary)"
  }

  /// The means of each layer given the means of the one above, `[dimension]`: the expectation itself of the top layer alone.
  public var mean: Tensor { .concatenated(downwards(from: top.mean) { $0.mean }, axis: -1) }

  public func sample(_ count: [Int], using rng: RandomSource) -> Tensor {
    .concatenated(drawn(count, using: rng), axis: -1)
  }

  /// A draw of each layer, from the lowest up, `count + [size]`.
  public func drawn(_ count: [Int], using rng: RandomSource) -> [Tensor] {
    withoutGradients { downwards(from: top.sample(count, using: rng)) { $0.sample([], using: rng) } }
  }

  /// The layers from the lowest up, each made by `value` of what is predicted of it.
  private func downwards(from top: Tensor, _ value: (any Distribution) -> Tensor) -> [Tensor] {
    var h = [top]
    for layer in layers.reversed() { h.insert(value(layer(h[0])), at: 0) }
    return h
  }

  /// The layers of codes `[..., dimension]`, from the lowest up.
  public func parts(_ code: Tensor) -> [Tensor] {
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return code.narrowed(-1, start..<start + size)  // [..., size]
    }
  }

  public func logProb(_ value: Tensor) -> Tensor { logProb(parts(value)) }

  /// log p of layers from the lowest up, each `[..., size]`: nats, `[...]`, differentiable in the networks and the layers.
  public func logProb(_ h: [Tensor]) -> Tensor {
    layers.indices.reduce(top.logProb(h[layers.count])) { $0 + layers[$1](h[$1 + 1]).logProb(h[$1]) }
  }
}
