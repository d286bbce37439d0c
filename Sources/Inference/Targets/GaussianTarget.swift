import Foundation
import Torch

extension Target {
  /// N(mean, covariance), normalized.
  ///
  /// - Parameters:
  ///   - mean: d numbers.
  ///   - covariance: `[d, d]`.
  /// - Throws: `GaussianTargetError` unless the covariance is square, of the mean's length, symmetric and positive
  ///   definite.
  public static func gaussian(mean: Tensor, covariance: Tensor) throws(GaussianTargetError) -> Target {
    let (mean, covariance) = (mean.to(.float64).flattened(from: 0), covariance.to(.float64))
    let dimension = mean.size(0)
    guard covariance.rank == 2, covariance.size(0) == covariance.size(1) else {
      throw .shape(covariance.shape, dimension: nil)
    }
    guard covariance.size(0) == dimension else { throw .shape(covariance.shape, dimension: dimension) }
    let entries = covariance.array(Double.self)
    guard (entries + mean.array(Double.self)).allSatisfy(\.isFinite) else { throw .notFinite }
    let largest = entries.map(abs).max() ?? 0
    for row in 0..<dimension {
      for column in 0..<row {
        let (below, above) = (entries[row * dimension + column], entries[column * dimension + row])
        guard abs(below - above) <= symmetry * largest else {
          throw .asymmetric(row: row, column: column, below: below, above: above)
        }
      }
    }
    let (values, vectors) = covariance.symmetricEigen()
    let eigenvalues = values.array(Double.self)
    guard let smallest = eigenvalues.min(), smallest > 0 else { throw .indefinite(eigenvalues.min() ?? 0) }
    let precision = (vectors / values).matmul(vectors.transposed)
    let factor = vectors * values.sqrt()  // [d, d]
    let constant = -0.5 * (eigenvalues.map { log($0) }.reduce(0, +) + Double(dimension) * log(2 * .pi))
    return Target(
      "gaussian", columns: (1...dimension).map { "z\($0)" }, logNormalizer: 0,
      reference: { count, rng in
        mean + rng.normal([count, dimension], dtype: .float64).matmul(factor.transposed)
      },
      logDensity: { z in
        let centred = z - mean.to(z.dtype).to(z.device)
        return (centred * centred.matmul(precision.to(z.dtype).to(z.device))).sum(-1) * -0.5 + constant
      })
  }

  /// How far two entries that mirror each other may differ, in units of the largest.
  private static let symmetry = 1e-6
}

/// What is wrong with a covariance.
public enum GaussianTargetError: Error, Equatable, CustomStringConvertible {
  /// Not square, or of another size than the mean.
  case shape([Int], dimension: Int?)
  case notFinite
  /// Entries that mirror each other and differ.
  case asymmetric(row: Int, column: Int, below: Double, above: Double)
  /// The smallest eigenvalue, which is not above 0.
  case indefinite(Double)

  public var description: String {
    switch self {
    case .shape(let shape, nil): "covariance: expected a square matrix, got shape \(shape)"
    case .shape(let shape, let dimension?):
      "covariance: expected [\(dimension), \(dimension)] for a mean of \(dimension) numbers, got shape \(shape)"
    case .notFinite: "mean and covariance: expected finite numbers, got some that are not"
    case .asymmetric(let row, let column, let below, let above):
      "covariance: expected a symmetric matrix, got \(below) in row \(row), column \(column) "
        + "and \(above) in row \(column), column \(row)"
    case .indefinite(let value):
      "covariance: expected a positive definite matrix, got the eigenvalue \(String(format: "%.6g", value))"
    }
  }
}
