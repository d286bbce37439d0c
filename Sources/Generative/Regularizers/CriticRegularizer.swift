import Networks
import Probability
import Torch

/// A critic of codes that learns to tell them from draws of the prior: the adversarial autoencoder.
///
/// With `.jensenShannon` it is that of Makhzani et al. 2016; the others are its generalization in Zhao et al. 2017,
/// section 4.1.1. A critic that is given the examples too judges pairs (x, z) with z from q(z|x) against those with z
/// from the prior: then the divergence is that of the joint distributions.
public final class CriticRegularizer<Posterior: PathwiseSampler, Prior: CodePrior>: AdversarialRegularizer {
  private let judge: any Critic
  public let objective: AdversarialObjective
  public let penalty: CriticPenalty
  public let criticSteps: Int
  public let critic: Player
  public let isPerSample = false
  public let value = PenaltyValue.surrogate

  /// - Parameter steps: moves of the critic for one of the autoencoder.
  public init(_ judge: any Critic, objective: AdversarialObjective, penalty: CriticPenalty = .none, steps: Int = 1) {
    self.judge = judge
    self.objective = objective
    self.penalty = penalty
    criticSteps = steps
    critic = Player("critic", side: .adversary, [judge])
  }

  public var formula: String {
    judge.seesExamples
      ? "D(q(z|x), p(z)) by a critic of (x, z), \(objective.rawValue)"
      : "D(q(z), p(z)) by a critic, \(objective.rawValue)"
  }

  public var criticFormula: String {
    "-(\(objective.formula(judge.seesExamples ? "x, z" : "z")))\(penalty.formula),  V: \(judge.summary)"
  }

  public var adversary: ModelCard.Adversary {
    let seesExamples = judge.seesExamples
    return ModelCard.Adversary(
      of: ["z"], given: seesExamples ? ["x"] : [], real: "p(z)", generated: seesExamples ? "q(z|x)" : "q(z)",
      objective: objective)
  }

  /// V at codes `[n, latent]` and, for a critic that sees them, examples `[n] + shape`.
  public func callAsFunction(_ x: Tensor?, _ z: Tensor) -> Logits { judge(x, z) }

  /// The examples beside codes of several draws, if the critic sees them: `[n] + shape`.
  private func examples(_ drawn: Drawn<Posterior, Prior>) -> Tensor? {
    guard judge.seesExamples else { return nil }
    guard drawn.z.rank > 2 else { return drawn.x }
    let x = drawn.x.expanded(Array(drawn.z.shape.dropLast(2)) + drawn.x.shape)  // [samples, batch] + shape
    return x.flattened(from: 0, to: drawn.z.rank - 2)  // [samples * batch] + shape
  }

  public func penalty(_ drawn: Drawn<Posterior, Prior>, using rng: RandomSource) -> Tensor {
    objective.loss(q: judge(examples(drawn), rows(drawn.z))).mean()
  }

  public func criticLoss(_ drawn: Drawn<Posterior, Prior>, using rng: RandomSource) -> Loss {
    let (x, codes) = (examples(drawn), rows(drawn.z))
    let draws = drawn.prior.sample([codes.size(0)], using: rng)
    let divergence = objective.divergence(q: judge(x, codes), p: judge(x, draws))
    let extra = penalty({ judge(x, $0) }, q: codes, p: draws, using: rng)
    return Loss(
      extra.map { $0 - divergence } ?? -divergence, in: objective.unit,
      terms: [.init("divergence", divergence, in: objective.unit)]
        + (extra.map { [.init("penalty", $0, in: .none)] } ?? []))
  }
}
