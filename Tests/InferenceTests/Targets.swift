import Foundation
import Probability
import Torch

@testable import Inference

/// A Gaussian over the plane with correlated coordinates of unequal scales.
enum CorrelatedGaussian {
  static let mean = [1.0, -2.0]
  static let deviations = [0.3, 4.0]
  static let correlation = 0.7

  static var covariance: [Double] {
    let (a, b) = (deviations[0], deviations[1])
    return [a * a, correlation * a * b, correlation * a * b, b * b]
  }

  static func logProb(_ z: Tensor) -> Tensor {
    let u = (z - Tensor(mean)) * Tensor(deviations.map { 1 / $0 })
    let cross = u.at(0, axis: u.rank - 1) * u.at(1, axis: u.rank - 1)
    return (u.square().sum(-1) - cross * (2 * correlation)) * (-0.5 / (1 - correlation * correlation))
  }

  /// Independent draws, `[count, 2]`.
  static func sample(_ count: Int, using rng: RandomSource) -> Tensor {
    let u = rng.normal([count, 2], dtype: .float64)
    let (first, second) = (u.at(0, axis: 1), u.at(1, axis: 1))
    let other = first * correlation + second * (1 - correlation * correlation).squareRoot()
    return Tensor.stacked([first, other], axis: 1) * Tensor(deviations) + Tensor(mean)
  }
}

/// Two modes on a line with other curvature: exp(-(z^2 - 1)^2), whose moments come from quadrature.
enum DoubleWell {
  static func logProb(_ z: Tensor) -> Tensor { -(z.square() - 1).square().sum(-1) }

  /// Midpoints of cells over [-3, 3] and their probabilities.
  static let cells: (centres: [Double], probabilities: [Double]) = {
    let centres = (0..<24).map { -3 + (Double($0) + 0.5) * 0.25 }
    let masses = centres.map { centre in
      (0..<100).reduce(0.0) { sum, part in
        let z = centre - 0.125 + (Double(part) + 0.5) * 0.0025
        return sum + exp(-pow(z * z - 1, 2))
      }
    }
    return (centres, masses.map { $0 / masses.reduce(0, +) })
  }()

  /// How many of `values` fall into each cell.
  static func counts(_ values: [Double]) -> [Int] {
    var counts = [Int](repeating: 0, count: cells.centres.count)
    for value in values where abs(value) < 3 { counts[Int((value + 3) / 0.25)] += 1 }
    return counts
  }
}

/// x = w z + b + scale * noise with a standard normal z of two dimensions: the evidence is known exactly.
struct LinearGaussian {
  static let w = [0.9, -0.4, 0.7, 0.2, 1.1, -0.8]  // [3, 2]
  static let b = [0.1, 0.4, -0.3]
  static let scale = 0.6

  let prior = StandardNormal(2, dtype: .float64)

  func likelihood(_ z: Tensor) -> DiagonalGaussian {
    DiagonalGaussian(
      mean: z.matmul(Tensor(Self.w, shape: [3, 2]).transposed) + Tensor(Self.b),
      logScale: Tensor(log(Self.scale), dtype: .float64))
  }

  /// log p(z) + log p(x|z) for examples `[batch, 3]`.
  func joint(_ x: Tensor) -> LogDensity {
    { z in prior.logProb(z) + likelihood(z).logProb(x) }
  }

  /// log N(x; b, w w^T + scale^2 I), by elimination.
  func evidence(_ x: [Double]) -> Double {
    func covariance(_ i: Int, _ j: Int) -> Double {
      let shared = Self.w[2 * i] * Self.w[2 * j] + Self.w[2 * i + 1] * Self.w[2 * j + 1]
      return i == j ? shared + Self.scale * Self.scale : shared
    }
    var a = (0..<3).map { i in (0..<3).map { j in covariance(i, j) } }
    var r = zip(x, Self.b).map { $0 - $1 }
    var (logDeterminant, square) = (0.0, 0.0)
    for i in 0..<3 {
      logDeterminant += log(a[i][i])
      square += r[i] * r[i] / a[i][i]
      for j in (i + 1)..<3 {
        let factor = a[j][i] / a[i][i]
        for k in 0..<3 { a[j][k] -= factor * a[i][k] }
        r[j] -= factor * r[i]
      }
    }
    return -0.5 * (3 * log(2 * .pi) + logDeterminant + square)
  }
}
