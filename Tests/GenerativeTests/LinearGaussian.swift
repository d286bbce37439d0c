import Foundation
import Generative
import Networks
import Probability
import Torch

/// Probabilistic principal components with a known evidence: p(z) = N(0, I), p(x|z) = N(W z + b, s^2 I).
///
/// The columns of W are orthogonal, so that the true posterior is a diagonal Gaussian and an encoder with affine
/// heads can be it: its mean is w_j (x - b) / (|w_j|^2 + s^2), its variance s^2 / (|w_j|^2 + s^2). Tipping &
/// Bishop 1999, section 3.2.
struct LinearGaussian {
  /// The columns of W.
  static let columns: [[Double]] = [[1, 1, 0, 0.5], [0.4, -0.4, 1.2, 0]]
  static let offset = [0.3, -0.2, 0.1, 1.0]
  static let noise = 0.6
  static let dimension = 4
  static let latent = 2

  /// |w_j|^2.
  static var squaredNorms: [Double] { columns.map { zip($0, $0).map(*).reduce(0, +) } }

  /// Standard deviations of the true posterior.
  static var posteriorScales: [Double] {
    squaredNorms.map { noise / ($0 + noise * noise).squareRoot() }
  }

  /// log p(x) = log N(x; b, W W^T + s^2 I), by the eigenvectors of the covariance: those of W, and the rest.
  static func logEvidence(_ x: [Double]) -> Double {
    let residual = zip(x, offset).map { $0 - $1 }
    let variance = noise * noise
    var rest = residual.reduce(0) { $0 + $1 * $1 }
    var sum = Double(dimension) * log(2 * Double.pi) + Double(dimension - latent) * log(variance)
    for (column, norm) in zip(columns, squaredNorms) {
      let squared = pow(zip(column, residual).map(*).reduce(0, +), 2) / norm
      rest -= squared
      sum += log(norm + variance) + squared / (norm + variance)
    }
    return -(sum + rest / variance) / 2
  }

  /// Six examples, near and far from the centre.
  static let examples: [[Double]] = [
    [0.3, -0.2, 0.1, 1], [1, 1, 1, 1], [-2, 0.5, 0, 3], [0, 0, 4, 0], [2, -3, 1, 0],
    [-1, -1, -1, -1],
  ]

  static var x: Tensor { Tensor(examples.flatMap { $0 }, shape: [examples.count, dimension]) }

  static var logEvidence: [Double] { examples.map(logEvidence) }

  /// KL(q, true posterior) of an encoder that is off by `shift` posterior standard deviations and `stretch` times as wide.
  static func gap(shift: Double, stretch: Double) -> Double {
    Double(latent) * ((stretch * stretch + shift * shift - 1) / 2 - log(stretch))
  }

  /// The true decoder with the true posterior as its encoder, or one that is off; in float64.
  static func model<Regularizer: LatentRegularizer>(
    _ regularizer: Regularizer, shift: Double = 0, stretch: Double = 1, samples: Int = 1,
    sampleBound: SampleBound = .mean
  ) throws -> Autoencoder<GaussianNetwork, Regularizer>
  where Regularizer.Posterior == DiagonalGaussian, Regularizer.Prior == StandardNormal {
    let rng = RandomSource(seed: 1)
    let model = Autoencoder(
      qz: GaussianNetwork(
        MLP([dimension], hidden: [], using: rng), dimension: latent, using: rng),
      px: NetworkLikelihood(
        MLP([latent], hidden: [], using: rng), .gaussian(.fixed(noise)), shape: [dimension],
        using: rng),
      pz: StandardNormal(latent), regularizer: regularizer, samples: samples,
      sampleBound: sampleBound)
    model.convert(to: .float64)
    let precisions = squaredNorms.map { $0 + noise * noise }
    let means = zip(columns, precisions).map { column, precision in column.map { $0 / precision } }
    let biases = zip(means, posteriorScales).map { mean, scale in
      -zip(mean, offset).map(*).reduce(0, +) + shift * scale
    }
    try model.load(
      [
        // The means, then log variances that do not depend on x.
        "qz.heads.weight": Tensor(
          means.flatMap { $0 } + [Double](repeating: 0, count: latent * dimension),
          shape: [2 * latent, dimension]),
        "qz.heads.bias": Tensor(biases + posteriorScales.map { 2 * log($0 * stretch) }),
        "px.output.weight": Tensor(columns.flatMap { $0 }, shape: [latent, dimension])
          .transposed,
        "px.output.bias": Tensor(offset),
      ], from: "test")
    return model
  }
}
