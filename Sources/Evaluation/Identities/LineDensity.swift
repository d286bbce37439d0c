import Foundation
import Torch

/// A Gaussian of one dimension.
public struct LineGaussian: Sendable, Equatable {
  /// Where it is centred.
  public let mean: Double
  /// Its standard deviation, above 0.
  public let scale: Double

  /// Standard deviations with which slopes of log densities are right to less than `Identity.tolerance`.
  private static let scales = 1e-6...1e6

  /// The largest mean beside a standard deviation: rounding of the numbers around it is divided by the deviation, and by
  /// it again in a slope.
  private static func farthest(_ scale: Double) -> Double { 1e8 * scale * min(scale, 1) }

  /// - Parameter scale: the standard deviation, from 1e-6 to 1e6, and not too small beside the mean.
  public init(mean: Double, scale: Double) throws(IdentityError) {
    guard mean.isFinite, scale.isFinite, scale > 0 else {
      throw IdentityError("expected a finite mean and a standard deviation above 0, got \(mean) and \(scale)")
    }
    guard Self.scales.contains(scale) else {
      throw IdentityError("expected a standard deviation from 1e-06 to 1e+06, got \(scale.sixDigits)")
    }
    guard abs(mean) <= Self.farthest(scale) else {
      throw IdentityError(
        "expected a mean of at most \(Self.farthest(scale).sixDigits) in size beside a standard deviation of "
          + "\(scale.sixDigits), as double precision tells no more apart, got \(mean.sixDigits)")
    }
    self.mean = mean
    self.scale = scale
  }

  /// The log density at points `[n]` with the mean as a tensor, so that gradients by it can be taken; nats, `[n]`.
  func logDensity(_ x: Tensor, mean: Tensor) -> Tensor {
    ((x - mean) / scale).square() * -0.5 - Foundation.log(scale) - 0.5 * Foundation.log(2 * Double.pi)
  }

  /// The log density at points `[n]`, nats, `[n]`.
  public func logDensity(_ x: Tensor) -> Tensor { logDensity(x, mean: Tensor(mean, dtype: .float64)) }
}

/// A mixture of Gaussians of one dimension.
public struct LineMixture: Sendable, Equatable {
  /// The Gaussians.
  public let components: [LineGaussian]
  /// Their shares, each above 0; they sum to 1.
  public let weights: [Double]

  /// The difference from 1 that the sum of weights may have, as `0.333,0.333,0.334` is written by people.
  static let slack = 1e-6

  /// One Gaussian.
  public init(_ only: LineGaussian) { (components, weights) = ([only], [1]) }

  /// - Parameter weights: one for each component; they sum to 1.
  public init(_ components: [LineGaussian], weights: [Double]) throws(IdentityError) {
    precondition(components.count == weights.count && !weights.isEmpty, "LineMixture: expected a weight per component")
    guard weights.allSatisfy({ $0 > 0 && $0.isFinite }), abs(weights.reduce(0, +) - 1) <= Self.slack else {
      throw IdentityError(
        "expected weights above 0 that sum to 1, got \(weights.map(\.sixDigits).joined(separator: ", ")) with the sum "
          + weights.reduce(0, +).sixDigits)
    }
    self.components = components
    self.weights = weights
  }

  /// The log density at points `[n]`, nats, `[n]`.
  public func logDensity(_ x: Tensor) -> Tensor {
    Tensor.stacked(zip(components, weights).map { $0.logDensity(x) + Foundation.log($1) }, axis: -1).logSumExp(-1)
  }
}

extension Double {
  /// The number in at most six digits, without those that say nothing.
  var sixDigits: String { String(format: "%g", self) }
}
