import Networks
import Probability
import Torch

/// A critic of codes that learns to tell them from draws of the prior: the adversarial autoencoder.
///
/// With `.jensenShannon` it is that of Makhzani et al. 2016; the others are its generalization in Zhao et al. 2017,
/// section 4.1.1.
public final class CriticRegularizer<Posterior: PathwiseSampler>: AdversarialRegularizer {
  private let network: MLP
  private let output: Linear
  public let objective: AdversarialObjective
  public let penalty: CriticPenalty
  public let criticSteps: Int
  public let critic: Player
  public let isPerSample = false
  public let value = PenaltyValue.surrogate

  /// - Parameters:
  ///   - network: from codes to features; a last affine layer is added.
  ///   - steps: moves of the critic for one of the autoencoder.
  public init(
    _ network: MLP, objective: AdversarialObjective, penalty: CriticPenalty, steps: Int = 1, using rng: RandomSource
  ) {
    self.network = network
    output = Linear(network.outputShape[0], 1, using: rng)
    self.objective = objective
    self.penalty = penalty
    criticSteps = steps
    critic = Player("critic", side: .adversary, [network, output])
  }

  public var formula: String { "D(q(z), p(z)) by a critic, \(objective.rawValue)" }

  public var criticFormula: String {
    let extra =
      switch penalty {
      case .none: ""
      case .unitGradient(let weight): " + \(weight) (|grad V| - 1)^2"
      case .r1(let weight): " + \(weight)/2 |grad V|^2"
      }
    return "-(\(objective.formula))\(extra),  V: \(network.summary)-1"
  }

  /// V at codes `[n, latent]`.
  public func callAsFunction(_ z: Tensor) -> Logits { Logits(output(network(z)).squeezed(-1)) }

  public func penalty(_ q: Posterior, _ z: Tensor, prior: StandardNormal, using rng: RandomSource) -> Tensor {
    objective.loss(q: self(rows(z))).mean()
  }

  public func criticLoss(_ z: Tensor, prior: StandardNormal, using rng: RandomSource) -> Loss {
    let codes = rows(z)
    let draws = prior.sample([codes.size(0)], using: rng)
    let divergence = objective.divergence(q: self(codes), p: self(draws))
    let extra = penalty(callAsFunction, q: codes, p: draws, using: rng)
    return Loss(
      extra.map { $0 - divergence } ?? -divergence,
      terms: [.init("divergence", divergence)] + (extra.map { [.init("penalty", $0, in: .none)] } ?? []))
  }
}
