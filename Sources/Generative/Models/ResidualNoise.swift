import Foundation
import Probability
import Torch

/// The Gaussian noise that a regression leaves: e of x = g(u) + e, with the covariance of the residuals.
public final class ResidualNoise: Module {
  /// What is estimated of the covariance.
  public enum Kind: String, Sendable, CaseIterable {
    /// Nothing: x is g(u).
    case none
    /// The variance of every number of an example.
    case diagonal
    /// All of it.
    case full
  }

  /// What is estimated.
  public let kind: Kind
  /// The shape of an example.
  public let shape: [Int]
  /// The residuals' mean, `shape`.
  private let mean: Buffer?
  /// Their deviations, `shape`, or the factor L of their covariance L L^T, `[d, d]`.
  private let scale: Buffer?

  /// No noise until it is estimated.
  public init(_ kind: Kind, shape: [Int], device: Device = .cpu) {
    self.kind = kind
    self.shape = shape
    let size = shape.reduce(1, *)
    mean = kind == .none ? nil : Buffer(.zeros(shape, device: device))
    scale =
      switch kind {
      case .none: nil
      case .diagonal: Buffer(.zeros(shape, device: device))
      case .full: Buffer(.zeros([size, size], device: device))
      }
  }

  /// What an estimate has seen so far: sums in float64.
  public struct Sums {
    fileprivate var count = 0
    fileprivate var first: Tensor?
    fileprivate var second: Tensor?

    public init() {}
  }

  /// Adds the residuals x - g(u) of some examples, `[n] + shape`.
  public func add(_ residuals: Tensor, to sums: inout Sums) {
    guard kind != .none else { return }
    let rows = residuals.flattened(from: 1).to(.float64)  // [n, d]
    let (first, second) = (rows.sum(0), kind == .full ? rows.transposed.matmul(rows) : rows.square().sum(0))
    sums.count += rows.size(0)
    sums.first = sums.first.map { $0 + first } ?? first
    sums.second = sums.second.map { $0 + second } ?? second
  }

  /// Takes the mean and the covariance (divisor n) of all residuals that were added.
  public func estimate(_ sums: Sums) {
    guard let first = sums.first, let second = sums.second, let mean, let scale else { return }
    let n = Double(sums.count)
    let centre = first / n
    withoutGradients {
      mean.value.copyInPlace(centre.reshaped(shape).to(mean.value.dtype))
      switch kind {
      case .none: break
      case .diagonal:
        let variance = (second / n - centre.square()).clamped(0, .infinity)
        scale.value.copyInPlace(variance.sqrt().reshaped(shape).to(scale.value.dtype))
      case .full:
        let covariance = second / n - centre.unsqueezed(1).matmul(centre.unsqueezed(0))
        scale.value.copyInPlace(Self.factor(covariance).to(scale.value.dtype))
      }
    }
  }

  /// L of a covariance L L^T, `[d, d]`, by rows; a direction without variance gets none.
  private static func factor(_ covariance: Tensor) -> Tensor {
    let d = covariance.size(0)
    let a = covariance.to(.cpu).array(Double.self)
    var l = [Double](repeating: 0, count: d * d)
    for i in 0..<d {
      for j in 0...i {
        let inner = (0..<j).reduce(0) { $0 + l[i * d + $1] * l[j * d + $1] }
        let rest = a[i * d + j] - inner
        if i == j {
          l[i * d + i] = max(rest, 0).squareRoot()
        } else if l[j * d + j] > 1e-9 * a[j * d + j].magnitude.squareRoot() {
          l[i * d + j] = rest / l[j * d + j]
        }
      }
    }
    return Tensor(l, shape: [d, d]).to(covariance.device)
  }

  /// The covariance of an example's numbers, `[d, d]`; of a diagonal one, the variances `[d]`. Nil without noise.
  public var covariance: Tensor? {
    guard let scale else { return nil }
    return kind == .full ? scale.value.matmul(scale.value.transposed) : scale.value.square().flattened()
  }

  /// Predictions `[n] + shape` with noise added.
  public func added(to prediction: Tensor, using rng: RandomSource) -> Tensor {
    guard let mean, let scale else { return prediction }
    let eps = rng.normal(prediction.shape, dtype: prediction.dtype)
    guard kind == .full else { return prediction + mean.value + eps * scale.value }
    let noise = eps.flattened(from: 1).matmul(scale.value.transposed)
    return prediction + mean.value + noise.reshaped(prediction.shape)
  }
}
