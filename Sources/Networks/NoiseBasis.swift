import Probability
import Torch

/// q(z|x) as a sum of learned noises with coefficients of x: z_k = b_k(x) + sum_i a_ik(x) v_ik(eps_i).
///
/// The noises v_i do not depend on x, so the moments of one batch of them give those of z for every x. Mescheder et al.
/// 2017, supplement III. The coefficients are elu(h - 5) + 1, which starts them small, and b, a linear map of the
/// features, starts near 0: both are the authors'.
public final class NoiseBasis: Conditional, Summarized {
  private let network: any Network
  /// b(x).
  private let shift: Linear
  /// a(x), basis by basis.
  private let coefficients: Linear
  /// v_i(eps_i), all i at once.
  private let noises: [LinearStack]
  private let basisCount: Int
  private let noiseSize: Int
  private let dimension: Int
  /// Draws of the noises that their moments are of, where there is no batch of training.
  private static let momentDraws = 1024

  /// - Parameters:
  ///   - network: from x to features.
  ///   - basisCount: m, how many noises there are.
  ///   - noiseSize: the length of each eps_i.
  ///   - hidden: the widths of the layers of every v_i.
  public init(
    _ network: any Network, basisCount: Int, noise noiseSize: Int, hidden: [Int] = [128, 128, 128], dimension: Int,
    using rng: RandomSource
  ) {
    self.network = network
    (self.basisCount, self.noiseSize, self.dimension) = (basisCount, noiseSize, dimension)
    let features = network.outputShape.reduce(1, *)
    shift = Linear(features, dimension, initialization: .normal(scale: 1e-5), using: rng)
    coefficients = Linear(features, basisCount * dimension, using: rng)
    let widths = [noiseSize] + hidden + [dimension]
    noises = zip(widths, widths.dropFirst()).map { LinearStack(basisCount, $0, $1, using: rng) }
  }

  public var summary: String {
    "implicit, \(network.summary), \(basisCount) noises of \(noiseSize) with coefficients of x"
  }

  public func callAsFunction(_ x: Tensor) -> BasisPosterior {
    let h = network(x).flattened(from: 1)
    let a = ((coefficients(h).inFloat() - 5).elu() + 1).reshaped([x.size(0), basisCount, dimension])
    return BasisPosterior(shift: shift(h).inFloat(), coefficients: a.permuted(1, 0, 2)) { [self] in
      noise($0, x.dtype, using: $1)
    }
  }

  /// v of fresh noise, `[basis, rows, latent]`, of as many rows as there are in `lead`; as many as moments are estimated by
  /// where it is nil.
  private func noise(_ lead: [Int]?, _ dtype: DType, using rng: RandomSource) -> Tensor {
    let eps = rng.normal(
      [basisCount] + (lead ?? [Self.momentDraws]) + [noiseSize], dtype: dtype, rows: lead == nil ? nil : -2)
    let rows = eps.reshaped([basisCount, -1, noiseSize])
    return noises.indices.reduce(rows) { h, index in
      let h = noises[index](h)
      return index < noises.count - 1 ? Activation.elu.overwriting(h) : h
    }.inFloat()
  }
}

/// Affine maps that lie side by side, each of an input of its own: one product for all.
final class LinearStack: Module {
  /// Shape `[maps, inputs, outputs]`.
  private let weight: Parameter
  /// Shape `[maps, 1, outputs]`.
  private let bias: Parameter

  init(_ maps: Int, _ inputs: Int, _ outputs: Int, using rng: RandomSource) {
    let initialization = Initialization.uniformFanIn
    weight = Parameter(
      initialization.weight([maps, inputs, outputs], fanIn: inputs, fanOut: outputs, using: rng))
    bias = Parameter(initialization.bias(maps * outputs, fanIn: inputs, using: rng).reshaped([maps, 1, outputs]))
  }

  /// `[maps, rows, inputs]` to `[maps, rows, outputs]`.
  func callAsFunction(_ x: Tensor) -> Tensor { x.matmul(weight.value) + bias.value }
}

/// A distribution of sums of noises with coefficients: what a `NoiseBasis` returns.
public struct BasisPosterior: MomentSampler {
  /// `[batch, latent]`.
  let shift: Tensor
  /// `[basis, batch, latent]`.
  let coefficients: Tensor
  /// Noises, `[basis, rows, latent]`, of the rows in `lead`; nil for as many as moments need.
  let noises: (_ lead: [Int]?, _ rng: RandomSource) -> Tensor

  public func rsample(_ count: [Int], using rng: RandomSource) -> Tensor { draws(count, using: rng).value }

  /// In training the moments are those of the batch's own noises, in use those of more.
  public func rsampleWithMoments(
    _ count: [Int], using rng: RandomSource
  ) -> (value: Tensor, moments: DiagonalGaussian) {
    let (value, noise) = draws(count, using: rng)
    return withoutGradients {
      let v = TrainingMode.isOn ? Peers.gathered(noise, axis: 1) : noises(nil, rng)  // [basis, rows, latent]
      let mean = (v.mean(1, keepAxes: true) * coefficients).sum(0) + shift
      let variance = (v.variance(1, correction: 0, keepAxes: true) * coefficients.square()).sum(0)
      return (value, DiagonalGaussian(mean: mean, variance: variance))  // [batch, latent]
    }
  }

  private func draws(_ count: [Int], using rng: RandomSource) -> (value: Tensor, noise: Tensor) {
    let (basis, batch) = (coefficients.size(0), coefficients.size(1))
    let noise = noises(count + [batch], rng)  // [basis, rows, latent]
    let ones = [Int](repeating: 1, count: count.count)
    let a = coefficients.reshaped([basis] + ones + [batch, -1])
    return ((noise.reshaped([basis] + count + [batch, -1]) * a).sum(0) + shift, noise)
  }
}
