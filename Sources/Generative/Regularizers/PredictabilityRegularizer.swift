import Networks
import Probability
import Torch

/// Predictability minimization: each unit of a code is predicted from the others, and the encoder makes that hard.
///
/// Predictors descend the sum over units of E (z_i - P_i(z_others))^2 and the encoder ascends it. Units between 0 and 1 are
/// hardest to predict where they are independent fair bits: then the best prediction is 1/2, and the error of each unit 1/4.
///
/// - Source: Schmidhuber 1992, without the factor 1/2.
public final class PredictabilityRegularizer<Posterior: PathwiseSampler, Prior: CodePrior>: AdversarialRegularizer {
  private let predictors: UnitPredictors
  public let criticSteps: Int
  public let critic: Player
  public let isPerSample = false
  public let value = PenaltyValue.surrogate

  /// - Parameter steps: moves of the predictors for one of the autoencoder.
  public init(_ predictors: UnitPredictors, steps: Int = 1) {
    self.predictors = predictors
    criticSteps = steps
    critic = Player("predictors", side: .adversary, [predictors])
  }

  private let error = "sum_i (z_i - P_i(z without z_i))^2"

  public var formula: String { "-\(error)" }
  public var criticFormula: String { "E_q(z) \(error),  P: \(predictors.summary)" }
  public var note: String? { "A unit between 0 and 1 that nothing predicts is a fair bit, of error 0.25." }

  /// A code predictor is a discriminator of another form: what it calls real is a code whose units are independent.
  public var adversary: ModelCard.Adversary {
    ModelCard.Adversary(of: ["z"], real: "prod_i q(z_i)", generated: "q(z)")
  }

  /// The squared error of each unit's prediction at codes `[..., dimension]`: the same shape.
  func errors(_ z: Tensor) -> Tensor {
    let codes = rows(z)
    return (codes - predictors(codes)).square().reshaped(z.shape)
  }

  public func penalty(_ drawn: Drawn<Posterior, Prior>, using rng: RandomSource) -> Tensor { -errors(drawn.z).sum(-1) }

  public func criticLoss(_ drawn: Drawn<Posterior, Prior>, using rng: RandomSource) -> Loss {
    let errors = errors(drawn.z)
    return Loss(errors.sum(-1), in: .none, terms: [.init("unit_error", errors.mean(-1), in: .none)])
  }
}
