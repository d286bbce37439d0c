import Foundation
import Torch

/// Squared Euclidean distances between the rows of `x` `[n, d]` and of `y` `[m, d]`, shape `[n, m]`; differentiable.
///
/// |x|^2 + |y|^2 - 2 x.y, at least 0. The rounding error is that of the largest squared norm: for points far from the
/// origin, subtract a common centre first, as the functions below do.
public func squaredDistances(_ x: Tensor, _ y: Tensor) -> Tensor {
  let rows = x.square().sum(1, keepAxes: true)  // [n, 1]
  let columns = y.square().sum(1)  // [m]
  return (rows + columns - x.matmul(y.transposed) * 2).clamped(0, .infinity)
}

/// A positive definite function of the distance between two points.
public enum RadialKernel: Sendable, Equatable {
  /// exp(-r^2 / (2 sigma^2)).
  case gaussian(sigma: Double)
  /// (c^2 + r^2)^(-beta). Gorham & Mackey 2017.
  case inverseMultiquadric(c: Double, beta: Double)
  /// C / (C + r^2). Tolstikhin et al. 2018, section 4.
  case inverseQuadratic(scale: Double)

  /// exp(-r^2 / d^2), d the dimension: the kernel in the code of Zhao et al. 2019.
  public static func infoVAE(dimension: Int) -> RadialKernel { .gaussian(sigma: Double(dimension) / 2.0.squareRoot()) }

  /// Its values at squared distances, of their shape; differentiable.
  public func callAsFunction(squaredDistances: Tensor) -> Tensor {
    switch self {
    case .gaussian(let sigma): (squaredDistances * (-0.5 / (sigma * sigma))).exp()
    case .inverseMultiquadric(let c, let beta): (squaredDistances + c * c).pow(-beta)
    case .inverseQuadratic(let scale): scale * (squaredDistances + scale).pow(-1)
    }
  }

  /// Replaces squared distances, which the caller has just made, by its values.
  public func applyInPlace(toSquaredDistances squares: Tensor) {
    switch self {
    case .gaussian(let sigma):
      squares.multiplyInPlace(-0.5 / (sigma * sigma))
      squares.exponentiateInPlace()
    case .inverseMultiquadric(let c, let beta):
      squares.addInPlace(c * c)
      squares.powInPlace(-beta)
    case .inverseQuadratic(let scale):
      squares.addInPlace(scale)
      squares.powInPlace(-1)
      squares.multiplyInPlace(scale)
    }
  }

  /// Its value at distance 0.
  public var atZero: Double {
    switch self {
    case .gaussian, .inverseQuadratic: 1
    case .inverseMultiquadric(let c, let beta): pow(c * c, -beta)
    }
  }
}

/// Which pairs of one sample an average over pairs takes.
public enum PairEstimator: String, Sendable, CaseIterable {
  /// All pairs, a point with itself among them (V-statistic): never negative for a positive definite kernel.
  case biased
  /// Pairs of different points (U-statistic): right on average, so it can be negative.
  case unbiased

  /// The mean over pairs of `count` points, from the sums over pairs of different points and over
  /// points with themselves.
  public func mean(offDiagonal: Double, diagonal: Double, count: Int) -> Double {
    let n = Double(count)
    return self == .biased ? (offDiagonal + diagonal) / (n * n) : offDiagonal / (n * (n - 1))
  }

  /// The mean of a square matrix of pairs, a scalar; differentiable.
  func mean(_ pairs: Tensor) -> Tensor {
    let n = pairs.size(0)
    if self == .biased { return pairs.mean() }
    precondition(n >= 2, "unbiased mean over pairs: expected at least 2 points, got \(n)")
    return withoutDiagonal(pairs).sum() / (Double(n) * Double(n - 1))
  }
}

/// A square matrix with zeros on its diagonal.
public func withoutDiagonal(_ pairs: Tensor) -> Tensor {
  let index = Tensor.range(pairs.size(0), device: pairs.device)
  let zero = Tensor(0, dtype: pairs.dtype, device: pairs.device)
  return (index.unsqueezed(1) .== index).select(zero, pairs)
}

/// The squared maximum mean discrepancy between samples `x` `[n, d]` and `y` `[m, d]`, a differentiable scalar.
///
/// mean k(x, x') + mean k(y, y') - 2 mean k(x, y); 0 for equal distributions. Gretton et al. 2012, Eqs. 3 and 5.
public func mmd2(_ x: Tensor, _ y: Tensor, kernel: RadialKernel, estimator: PairEstimator) -> Tensor {
  let centre = Tensor.concatenated([x, y]).detached().mean(0)
  let (x, y) = (x - centre, y - centre)
  func pairs(_ a: Tensor, _ b: Tensor) -> Tensor { kernel(squaredDistances: squaredDistances(a, b)) }
  return estimator.mean(pairs(x, x)) + estimator.mean(pairs(y, y)) - pairs(x, y).mean() * 2
}

/// The Stein kernel of N(0, I) between rows of `u` `[n, r]` and `v` `[m, r]`, shape `[n, m]`; differentiable.
///
/// With s = |u - v|^2 and the base kernel (1 + s)^(-beta), whose derivatives in s are f' and f'':
/// u.v f + 2 f' (s - r) - 4 f'' s. Its mean over either argument under N(0, I) is 0. Liu, Lee & Jordan 2016,
/// Theorem 3.6; Gorham & Mackey 2017.
public func steinKernel(_ u: Tensor, _ v: Tensor, beta: Double) -> Tensor {
  let r = Double(u.size(1))
  let centre = u.detached().mean(0)
  let s = squaredDistances(u - centre, v - centre)
  let inverse = (s + 1).pow(-1)
  let curvature = s * inverse * (-4 * beta * (beta + 1))
  let slope = (r - s) * (2 * beta)
  return (s + 1).pow(-beta) * ((curvature + slope) * inverse + u.matmul(v.transposed))
}

/// The squared kernelized Stein discrepancy of `u` `[n, r]` to N(0, I), a differentiable scalar.
public func ksd2(_ u: Tensor, beta: Double, estimator: PairEstimator) -> Tensor {
  estimator.mean(steinKernel(u, u, beta: beta))
}

/// The Stein variational direction of every particle `z` `[n, d]` towards N(0, I), shape `[n, d]`.
///
/// phi_i = mean_j [k(z_j, z_i) (-z_j) + grad_{z_j} k(z_j, z_i)] with k = exp(-r^2 / bandwidth): the direction in which
/// moving all particles lowers KL fastest. Liu & Wang 2016, Eq. 8.
public func steinVariationalDirection(_ z: Tensor, bandwidth: Double) -> Tensor {
  steinVariationalDirection(at: z, from: z, bandwidth: bandwidth)
}

/// The direction at the points `z` `[m, d]` that the particles `particles` `[n, d]` induce, shape `[m, d]`.
public func steinVariationalDirection(at z: Tensor, from particles: Tensor, bandwidth: Double) -> Tensor {
  steinVariationalDirection(at: z, from: particles, scores: -particles, bandwidth: bandwidth)
}

/// The same towards any density.
///
/// - Parameter scores: the gradient of its log at the particles, `[n, d]`.
public func steinVariationalDirection(
  at z: Tensor, from particles: Tensor, scores: Tensor, bandwidth: Double
) -> Tensor {
  let centre = particles.detached().mean(0)
  let (target, source) = (z - centre, particles - centre)
  let k = (squaredDistances(target, source) * (-1 / bandwidth)).exp()  // [m, n]
  // grad_{z_j} k = 2 (z_i - z_j) k / h, from centred points so that the difference keeps its digits.
  let repulsion = (k.sum(1, keepAxes: true) * target - k.matmul(source)) * (2 / bandwidth)
  return (repulsion + k.matmul(scores)) / Double(particles.size(0))
}

/// The squared median distance between the rows of `z` `[n, d]` by log n, the width h of a kernel exp(-r^2 / h) that
/// lets them balance each other. Liu & Wang 2016, section 5. Rows far from the origin are to be centred first.
public func medianBandwidth(_ z: Tensor) -> Double {
  let n = z.size(0)
  guard n > 2 else { return 1 }
  // Pairs above the diagonal: (n^2 - n) / 2 of the n^2 entries, of which each distance appears twice.
  let squares = squaredDistances(z, z).flattened()  // [n * n]
  let median = squares.top(n + (n * n - n) / 2, axis: 0, largest: false).values.at(n - 1 + (n * n - n) / 2).item()
  return max(median, leastBandwidth) / log(Double(n))
}

/// Rows that have all come together still have a kernel.
private let leastBandwidth = 1e-6
