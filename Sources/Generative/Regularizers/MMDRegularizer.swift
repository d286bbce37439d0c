import Probability
import Torch

/// The squared maximum mean discrepancy of a batch's codes to draws from the prior: the MMD-VAE.
///
/// Zhao et al. 2017, section 4.1.3. Their code takes the biased estimator over 200 draws.
public struct MMDRegularizer<Posterior: PathwiseSampler, Prior: CodePrior>: LatentRegularizer {
  /// The kernel of the distance between codes.
  public let kernel: RadialKernel
  /// Whether the mean over pairs includes a code with itself.
  public let estimator: PairEstimator
  /// Draws from the prior for each batch.
  public let priorSamples: Int
  public let isPerSample = false
  public let value = PenaltyValue.distance

  /// - Parameter priorSamples: draws from the prior for each batch, at least 2.
  public init(kernel: RadialKernel, estimator: PairEstimator = .biased, priorSamples: Int = 200) {
    precondition(priorSamples >= 2, "MMDRegularizer: expected at least 2 draws from the prior, got \(priorSamples)")
    self.kernel = kernel
    self.estimator = estimator
    self.priorSamples = priorSamples
  }

  public var formula: String { "MMD^2(q(z), p(z))" }

  public func penalty(_ drawn: Drawn<Posterior, Prior>, using rng: RandomSource) -> Tensor {
    let codes = rowsOfAll(drawn.z)
    return Peers.alone {
      mmd2(codes, drawn.prior.sample([priorSamples], using: rng), kernel: kernel, estimator: estimator)
    }
  }
}
