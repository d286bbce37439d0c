import Probability
import Torch

/// A Gaussian whose mean and scales are parameters themselves.
final class FreeGaussian: Module {
  private let mean: Parameter
  private let logScale: Parameter
  /// The factor of the covariance below its diagonal; nil for independent components.
  private let below: Parameter?

  /// - Parameter mean: `[d]`.
  init(_ mean: Tensor, logScale: Double = 0, isFull: Bool = false) {
    let dimension = mean.size(0)
    self.mean = Parameter(mean)
    self.logScale = Parameter(.full([dimension], logScale, device: mean.device))
    below = isFull ? Parameter(.zeros([dimension, dimension], device: mean.device)) : nil
  }

  func callAsFunction() -> any Distribution & ScoredSampler {
    guard let below else { return DiagonalGaussian(mean: mean.value, logScale: logScale.value) }
    return FullRankGaussian(mean: mean.value, logDiagonal: logScale.value, below: below.value)
  }

  /// The same for both: a triangular matrix has its diagonal's determinant.
  var entropy: Tensor { DiagonalGaussian(mean: mean.value, logScale: logScale.value).entropy }
}
