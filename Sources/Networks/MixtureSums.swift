import Torch

/// What a pass over rows says of a mixture: one iteration of expectation maximization. Dempster, Laird & Rubin 1977.
///
///     var sums = MixtureSums(mixture)
///     for rows in batches { sums.add(rows) }
///     try sums.update()                        // the likelihood of these rows has not fallen
///
/// Sums are of differences from the component's own mean, so that a covariance loses no digits to a mean.
public struct MixtureSums {
  /// Why there is no next mixture: its component, counted from 0.
  public enum Degeneracy: Error, Equatable {
    /// Hardly any part of a row belongs to a component.
    case empty(Int)
    /// A component has no width in some direction.
    case singular(Int, rows: Double)
  }

  private let mixture: GaussianMixture
  /// Rows that belong to each component, `[components]`.
  private var counts: Tensor
  /// Of their differences from its mean, `[components, d]`.
  private var sums: Tensor
  /// Of the products of these, `[components, d, d]`.
  private var products: Tensor
  private var logLikelihood: Tensor
  /// Rows so far.
  public private(set) var rows = 0

  /// A component with fewer rows than this is empty.
  private static let fewestRows = 1e-6
  /// A variance below this share of that of all rows is none: rounding leaves about 1e-16 of it.
  private static let leastVariance = 1e-12

  public init(_ mixture: GaussianMixture) {
    self.mixture = mixture
    let (k, d) = (mixture.components, mixture.dimension)
    func zeros(_ shape: Int...) -> Tensor { .zeros(shape, dtype: .float64, device: mixture.means.device) }
    (counts, sums, products, logLikelihood) = (zeros(k), zeros(k, d), zeros(k, d, d), zeros())
  }

  /// The expectation: how much of each row `[n, d]` belongs to each component.
  public mutating func add(_ x: Tensor) {
    withoutGradients {
      let joint = mixture.jointLogProb(x)  // [components, n]
      let logProb = joint.logSumExp(0, keepAxes: true)
      let share = (joint - logProb).exp()
      let centred = x.to(.float64).unsqueezed(0) - mixture.means.unsqueezed(1)  // [components, n, d]
      let weighted = centred * share.unsqueezed(-1)
      counts = counts + share.sum(1)
      sums = sums + weighted.sum(1)
      products = products + weighted.transposed.matmul(centred)
      logLikelihood = logLikelihood + logProb.sum()
      rows += x.size(0)
    }
  }

  /// The mean log likelihood of the rows under the mixture as it was, nats, a scalar.
  public var meanLogLikelihood: Tensor { logLikelihood / Double(rows) }

  /// The maximization: gives the mixture the weights, means and covariances of what belongs to each component.
  ///
  /// - Throws: where a component is empty or has no width in some direction of standardized rows; the mixture stays.
  public func update() throws(Degeneracy) {
    let counts = counts.array(Double.self)
    // Not `<`, so that NaN is refused too.
    if let empty = counts.firstIndex(where: { !($0 >= Self.fewestRows) }) { throw .empty(empty) }
    let found = withoutGradients {
      let count = self.counts.unsqueezed(1)  // [components, 1]
      let shift = sums / count
      let outer = shift.unsqueezed(2) * shift.unsqueezed(1)
      let (variances, axes) = (products / count.unsqueezed(2) - outer).symmetricEigen()
      return (means: mixture.means + shift, variances: variances, axes: axes)
    }
    let least = found.variances.min(-1).array(Double.self)
    if let flat = least.firstIndex(where: { !($0 > Self.leastVariance) }) { throw .singular(flat, rows: counts[flat]) }
    withoutGradients {
      mixture.set(
        weights: self.counts / Double(rows), means: found.means, axes: found.axes, scales: found.variances.sqrt())
    }
  }
}
