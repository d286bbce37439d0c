import Foundation
import Torch

/// The directions of largest variance of the rows of a matrix, and the rows in their coordinates.
///
/// - Source: Pearson 1901; Hotelling 1933.
public struct PrincipalComponents {
  /// The mean row, shape `[1, d]`.
  public let mean: Tensor
  /// Orthonormal directions, largest variance first, shape `[dim, d]`; in each the largest loading is positive.
  ///
  /// With more dimensions than rows, a direction without variance has loadings of zero: it is not determined.
  public let components: Tensor
  /// The centred rows along the components, shape `[n, dim]`.
  public let scores: Tensor
  /// The variance along each component, divisor n - 1, shape `[dim]`.
  public let variances: Tensor
  /// The variance of the rows, all directions together, divisor n - 1.
  public let totalVariance: Double

  /// The part of the variance the components keep, from 0 to 1.
  public var fractionKept: Double { min(1, variances.sum().item() / totalVariance) }

  /// The first `dimension` components of `x` `[n, d]`.
  public init(_ x: Tensor, dimension: Int) throws(MetricError) {
    let x = try finiteRows(x, atLeast: 2, name: "pca")
    let (n, d) = (x.size(0), x.size(1))
    guard dimension >= 1, dimension <= min(n, d) else {
      throw MetricError("pca: expected 1 to \(min(n, d)) components of shape \(x.shape), got \(dimension)")
    }
    mean = x.mean(0, keepAxes: true)
    let centred = x - mean
    totalVariance = centred.square().sum().item() / Double(n - 1)
    // What is left of a constant is rounding.
    let noise = x.abs().max().item() * Double.ulpOfOne * 8
    guard totalVariance > noise * noise * Double(d) else {
      throw MetricError("pca: expected rows that differ, got \(n) equal ones")
    }

    // The smaller of the two Gram matrices has the same eigenvalues.
    let scaled = centred / Double(n - 1).squareRoot()
    let isWide = d > n
    let gram = isWide ? scaled.matmul(scaled.transposed) : scaled.transposed.matmul(scaled)
    let (values, vectors) = gram.symmetricEigen()
    let last = values.size(0) - dimension..<values.size(0)
    let leading = values.narrowed(0, last).flipped(0).clamped(0, .infinity)  // [dim]
    var directions = vectors.narrowed(1, last).flipped(1).transposed  // [dim, d] or [dim, n]
    if isWide {
      let floor = leading.max().item() * Double(n) * Double.ulpOfOne
      let inverse = (leading .> floor).select(leading.pow(-0.5), Tensor.zeros([dimension], dtype: .float64))
      directions = directions.matmul(scaled) * inverse.unsqueezed(1)
    }
    let largest = directions.taken(directions.abs().argmax(1).unsqueezed(1), along: 1)  // [dim, 1]
    let sign = (largest .< 0).to(.float64) * -2 + 1
    components = directions * sign
    scores = centred.matmul(components.transposed)
    variances = leading
  }

  /// Rows in the space of the data from `scores` `[m, dim]`.
  public func reconstruct(_ scores: Tensor) -> Tensor { scores.matmul(components) + mean }
}
