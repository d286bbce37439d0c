import Datasets
import Foundation
import Generative
import Probability
import Torch

/// x = w z + b + scale * noise with one standard normal z: evidence and posterior are known exactly.
final class LinearGaussian: ExplicitPosterior {
  let normal = StandardNormal(1, dtype: .float64)
  var prior: any CodePrior { normal }
  let exampleShape = [3]
  private let w = [0.8, -1.2, 0.5]
  private let b = [0.1, 0.4, -0.3]
  private let scale = 0.7
  /// How far the approximate posterior's mean is off, in its own scale.
  private let shift: Double
  /// The factor on its scale.
  private let spread: Double
  private let knowsKL: Bool

  /// - Parameter knowsKL: gives its KL in closed form.
  init(shift: Double = 0, spread: Double = 1, knowsKL: Bool) {
    self.shift = shift
    self.spread = spread
    self.knowsKL = knowsKL
  }

  private var precision: Double { 1 + w.reduce(0) { $0 + $1 * $1 } / (scale * scale) }
  private func tensor(_ values: [Double]) -> Tensor { Tensor(values) }

  func likelihood(_ z: Tensor) -> any Distribution {
    DiagonalGaussian(mean: z * tensor(w) + tensor(b), logScale: Tensor(log(scale), dtype: .float64))
  }

  private func gaussian(_ x: Tensor) -> DiagonalGaussian {
    let exact = ((x.to(.float64) - tensor(b)) * tensor(w)).sum(-1, keepAxes: true) / (scale * scale * precision)
    let sigma = 1 / precision.squareRoot()
    return DiagonalGaussian(
      mean: exact + shift * sigma, logScale: Tensor(log(spread * sigma), dtype: .float64).expanded(exact.shape))
  }

  func posterior(_ x: Tensor) -> any ScoredSampler { gaussian(x) }
  func closedFormKL(_ x: Tensor) -> Tensor? { knowsKL ? kl(gaussian(x), normal) : nil }
  func encode(_ x: Tensor, using rng: RandomSource) -> Tensor { gaussian(x).mean }

  /// log p(x) = log N(x; b, scale^2 I + w w^T), by the Sherman-Morrison formula.
  func evidence(_ x: [Double]) -> Double {
    let d = zip(x, b).map { $0 - $1 }
    let s = scale * scale
    let along = zip(w, d).reduce(0) { $0 + $1.0 * $1.1 }
    let square = d.reduce(0) { $0 + $1 * $1 } / s - along * along / (s * s * precision)
    let logDeterminant = 3 * log(s) + log(precision)
    return -0.5 * (3 * log(2 * .pi) + logDeterminant + square)
  }

  /// KL(q(z|x), p(z|x)), the gap of the bound; the same for every x.
  var gap: Double { 0.5 * (spread * spread + shift * shift - 1) - log(spread) }

  /// Draws of x from the model, `[count, 3]`.
  static func examples(_ count: Int, seed: UInt64 = 1) -> Tensor {
    let rng = RandomSource(seed: seed)
    let model = LinearGaussian(knowsKL: true)
    return model.likelihood(model.prior.sample([count], using: rng)).sample([], using: rng)
  }

  /// The rows of examples.
  static func rows(_ x: Tensor) -> [[Double]] {
    let values = x.array(Double.self)
    return stride(from: 0, to: values.count, by: 3).map { Array(values[$0..<$0 + 3]) }
  }
}
