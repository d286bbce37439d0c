import Torch

/// T(v, u) = phi(v) . psi(u) / root of their length: two networks that meet in an inner product, for all pairs of a
/// batch at once. Hjelm et al. 2019, the authors' encode-and-dot-product.
///
/// phi sees every place of a map by itself, which is a convolution with 1x1 kernels.
public final class PairStatistic: Module, Summarized {
  private let phi: Projection
  private let psi: Projection

  /// - Parameters:
  ///   - features: the length of v.
  ///   - dimension: the length of u.
  ///   - units: the length of phi and psi, and the width of their hidden layer; at least 2.
  public init(_ features: Int, _ dimension: Int, units: Int, using rng: RandomSource) {
    phi = Projection(features, units: units, using: rng)
    psi = Projection(dimension, units: units, using: rng)
  }

  public var summary: String { "\(phi.summary) of it, \(psi.summary) of z" }

  /// T of each u with each v, `[n, n, places]`.
  ///
  /// - Parameters:
  ///   - v: `[n, places, features]`.
  ///   - u: `[n, dimension]`.
  public func callAsFunction(_ v: Tensor, _ u: Tensor) -> Tensor {
    let (n, places) = (v.size(0), v.size(1))
    let (a, b) = (phi(v), psi(u))  // [n, places, units], [n, units]
    let products = b.matmul(a.reshaped([n * places, a.size(2)]).transposed)  // [n, n * places]
    return products.inFloat().reshaped([u.size(0), n, places]) * (1 / Double(a.size(2)).squareRoot())
  }
}

/// A hidden layer with a linear map beside it, and layer norm behind both.
private final class Projection: Module, Summarized {
  private let first: Linear
  private let second: Linear
  private let shortcut: Linear
  private let norm: LayerNorm

  init(_ inputs: Int, units: Int, using rng: RandomSource) {
    first = Linear(inputs, units, using: rng)
    second = Linear(units, units, using: rng)
    shortcut = Linear(inputs, units, bias: false, using: rng)
    norm = LayerNorm(units, device: rng.device)
  }

  var summary: String {
    let (inputs, units) = (first.weight.value.size(1), first.weight.value.size(0))
    return "MLP \(inputs)-\(units)-\(units)"
  }

  /// `[..., inputs]` to `[..., units]`.
  func callAsFunction(_ x: Tensor) -> Tensor { norm((second(first(x, .relu)) + shortcut(x)).inFloat()) }
}
