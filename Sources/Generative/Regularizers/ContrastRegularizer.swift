import Networks
import Probability
import Torch

/// What an implicit posterior q(z|x) is told from.
public enum Contrast: Sendable, Equatable {
  /// The prior.
  case prior
  /// The Gaussian r(z|x) with q's means and deviations, taken as constants. A posterior that does not estimate its
  /// moments itself takes this many further draws for every x.
  case adaptive(samples: Int)
}

/// KL(q(z|x), p(z)) of a posterior without a density, by a critic of pairs: adversarial variational Bayes.
///
/// The critic learns to tell z of q(z|x) from z of a contrast r, and its link gives log q/r; the penalty of a code is
///
///     log q/r (z) + log r(z|x) - log p(z),
///
/// whose mean is the KL where the critic is the best one. Only the code has a gradient in it, not the critic: the rest
/// has a mean of 0 (Proposition 2). With an adaptive contrast the critic sees standardized codes
/// z~ = (z - mean) / deviation against N(0, I), which leaves the log ratio as it is (section 4).
///
/// - Source: Mescheder, Nowozin & Geiger 2017, Eqs. 3.3, 3.7, 4.2 and 6.10.
public final class ContrastRegularizer<Posterior: PathwiseSampler, Prior: CodePrior>: LogRatioRegularizer {
  private let judge: any Critic
  /// How the critic learns; one whose critic tells the log ratio.
  public let objective: AdversarialObjective
  public let penalty: CriticPenalty
  public let contrast: Contrast
  public let criticSteps: Int
  public let critic: Player
  public let isPerSample = true
  public let value = PenaltyValue.estimate

  /// - Parameter steps: moves of the critic for one of the autoencoder.
  public init(
    _ judge: any Critic, contrast: Contrast = .prior, objective: AdversarialObjective = .jensenShannon,
    penalty: CriticPenalty = .none, steps: Int = 1
  ) {
    precondition(
      objective.tellsLogRatio,
      "ContrastRegularizer: expected an objective whose critic tells log q/p, got \(objective.rawValue)")
    self.judge = judge
    self.contrast = contrast
    self.objective = objective
    self.penalty = penalty
    criticSteps = steps
    critic = Player("critic", side: .adversary, [judge])
  }

  private var variables: String {
    let code = contrast == .prior ? "z" : "z~"
    return judge.seesExamples ? "x, \(code)" : code
  }

  public var formula: String {
    let ratio = objective.logRatioFormula(variables)!
    return contrast == .prior ? ratio : "\(ratio) + log r(z|x) - log p(z)"
  }

  public var criticFormula: String {
    "-(\(objective.formula(variables)))\(penalty.formula),  V: \(judge.summary)"
  }

  public var adversary: ModelCard.Adversary {
    ModelCard.Adversary(
      of: ["z"], given: judge.seesExamples ? ["x"] : [], real: contrast == .prior ? "p(z)" : "r(z|x)",
      generated: "q(z|x)", use: .tellsRatio, objective: objective)
  }

  public var note: String? {
    contrast == .prior
      ? "The critic's p is the prior: \(formula) estimates log q(z|x) - log p(z)."
      : "Adaptive contrast: r(z|x) is the Gaussian of q's moments, z~ = (z - mean) / deviation, and the critic's p is "
        + "N(0, I)."
  }

  public func draw(_ count: [Int], from q: Posterior, using rng: RandomSource) -> CodeDraw {
    guard case .adaptive(let samples) = contrast else { return CodeDraw(q.rsample(count, using: rng)) }
    if let q = q as? any MomentSampler {
      let (z, moments) = q.rsampleWithMoments(count, using: rng)
      return CodeDraw(z, moments: moments)
    }
    let z = q.rsample(count, using: rng)
    let others = q.sample([samples], using: rng)  // [samples, batch, latent]
    let moments = DiagonalGaussian(mean: others.mean(0), variance: others.variance(0, correction: 0))
    return CodeDraw(z, moments: moments)
  }

  public func penalty(_ drawn: Drawn<Posterior, Prior>, using rng: RandomSource) -> Tensor {
    logRatio(judge(drawn.x, standardized(drawn)), drawn)
  }

  public func criticLoss(_ drawn: Drawn<Posterior, Prior>, using rng: RandomSource) -> Loss {
    let read = judge.reading(drawn.x)
    let codes = standardized(drawn)
    return loss(read(codes), codes, read, drawn, rng)
  }

  /// One pass of the critic over q's codes serves both.
  public func round(_ drawn: Drawn<Posterior, Prior>, using rng: RandomSource) -> (penalty: Tensor, loss: Loss) {
    let read = judge.reading(drawn.x)
    let codes = standardized(drawn)
    let v = read(codes)
    return (logRatio(v, drawn), loss(v, codes.detached(), read, drawn, rng))
  }

  /// What the critic sees of the codes.
  private func standardized(_ drawn: Drawn<Posterior, Prior>) -> Tensor {
    drawn.draw.moments.map { (drawn.z - $0.mean) / $0.scale } ?? drawn.z
  }

  private func logRatio(_ v: Logits, _ drawn: Drawn<Posterior, Prior>) -> Tensor {
    let ratio = objective.logRatio(v)!  // [..., batch]
    guard let r = drawn.draw.moments else { return ratio }
    return ratio + r.logProb(drawn.z) - drawn.prior.logProb(drawn.z)
  }

  private func loss(
    _ q: Logits, _ codes: Tensor, _ read: (Tensor) -> Logits, _ drawn: Drawn<Posterior, Prior>, _ rng: RandomSource
  ) -> Loss {
    let draws =
      contrast == .prior
      ? drawn.prior.sample(Array(codes.shape.dropLast()), using: rng)
      : rng.normal(codes.shape, dtype: codes.dtype, rows: -2)
    let p = read(draws)
    let divergence = objective.divergence(q: q, p: p)
    let extra = penalty(read, q: codes, p: draws, using: rng)
    let both = Logits(.concatenated([q.values, p.values]))
    return Loss(
      extra.map { $0 - divergence } ?? -divergence, in: objective.unit,
      terms: [.init("divergence", divergence, in: objective.unit), CriticSaturation.term(both)]
        + (extra.map { [.init("penalty", $0, in: .none)] } ?? []))
  }
}
