import Probability
import Torch

/// (1 - alpha) KL(q(z|x), p(z)) + (alpha + lambda - 1) D(q(z), p(z)): the InfoVAE family.
///
/// alpha weighs the mutual information of x and z, lambda the divergence of the codes' marginal. alpha = 0,
/// lambda = 1 is the VAE; alpha = 1 keeps no KL of single codes, so D = MMD^2 is the MMD-VAE and D = JS the
/// adversarial autoencoder.
///
/// - Source: Zhao, Song & Ermon 2019, Eq. 6.
public final class InformationRegularizer<Marginal: LatentRegularizer>: LatentRegularizer, Module
where Marginal.Posterior == DiagonalGaussian, Marginal.Prior == StandardNormal {
  /// The weight of the mutual information.
  public let alpha: Double
  /// The weight of the divergence of the codes' marginal.
  public let lambda: Double
  private let marginal: Marginal
  public let isPerSample = false

  /// - Parameter marginal: D, the divergence of the codes' marginal.
  public init(alpha: Double, lambda: Double, marginal: Marginal) {
    self.alpha = alpha
    self.lambda = lambda
    self.marginal = marginal
  }

  public var value: PenaltyValue { marginal.value }

  public var formula: String {
    "\((1 - alpha).plain) KL(q(z|x), p(z)) + \((alpha + lambda - 1).plain) \(marginal.formula)"
  }

  public func penalty(_ drawn: Drawn<DiagonalGaussian, StandardNormal>, using rng: RandomSource) -> Tensor {
    let far = marginal.penalty(drawn, using: rng) * (alpha + lambda - 1)
    return alpha == 1 ? far : kl(drawn.q, drawn.prior) * (1 - alpha) + far
  }
}

extension InformationRegularizer: AdversarialRegularizer where Marginal: AdversarialRegularizer {
  public var critic: Player { marginal.critic }
  public var criticFormula: String { marginal.criticFormula }
  public var criticSteps: Int { marginal.criticSteps }
  public var adversary: ModelCard.Adversary { marginal.adversary }

  public func criticLoss(_ drawn: Drawn<DiagonalGaussian, StandardNormal>, using rng: RandomSource) -> Loss {
    marginal.criticLoss(drawn, using: rng)
  }
}
