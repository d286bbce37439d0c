import Probability
import Torch

/// The squared kernelized Stein discrepancy of a batch's codes to N(0, I): it needs no draws of the prior, and no
/// density of the posterior.
///
/// Under a Gaussian p(x|z) of means g(z) and variances a, the autoencoder with this penalty descends Eq. 3 of *Training
/// Deep Generative Models via Auxiliary Supervised Learning*, 1/2 sum_i [E(x_i - g_i(u))^2 / a_i + log a_i] +
/// lambda D(u), up to a constant; the paper's u is z here.
///
/// - Source: Liu, Lee & Jordan 2016; the kernel of Gorham & Mackey 2017.
public struct KSDRegularizer<Posterior: PathwiseSampler>: LatentRegularizer {
  public typealias Prior = StandardNormal

  /// The power of the kernel (1 + r^2)^(-beta).
  public let beta: Double
  /// Whether the mean over pairs includes a code with itself.
  public let estimator: PairEstimator
  public let isPerSample = false
  public let value = PenaltyValue.distance

  /// - Parameters:
  ///   - beta: the power of the kernel, above 0.
  ///   - estimator: the unbiased one needs at least 2 codes.
  public init(beta: Double = 0.5, estimator: PairEstimator = .unbiased) {
    precondition(beta > 0, "KSDRegularizer: expected beta above 0, got \(beta)")
    self.beta = beta
    self.estimator = estimator
  }

  public var formula: String { "KSD^2(q(z), p(z))" }

  public var note: String? {
    "with u for z and lambda for beta, and means g and variances a of a Gaussian p(x|z), the loss is 1/2 sum_i "
      + "[E(x_i - g_i(u))^2 / a_i + log a_i] + lambda KSD^2(u, N(0, I)) and a constant: Eq. 3 of auxiliary supervised "
      + "learning; kernel (1 + r^2)^(-\(beta))"
  }

  public func penalty(_ drawn: Drawn<Posterior, StandardNormal>, using rng: RandomSource) -> Tensor {
    ksd2(rowsOfAll(drawn.z), beta: beta, estimator: estimator)
  }
}
