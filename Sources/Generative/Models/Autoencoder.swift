import Datasets
import Foundation
import Networks
import Probability
import Torch

/// A posterior q(z|x), a likelihood p(x|z), a prior p(z), and a regularizer of the codes.
///
/// With a Gaussian posterior and the closed-form KL it is the variational autoencoder of Kingma & Welling 2014; with
/// `MonteCarloKL` and `SampleBound.importanceWeighted` the one of Burda et al. 2016; with a weight other than 1 the
/// beta-VAE of Higgins et al. 2017; with the other regularizers the models of Zhao et al. 2017, and with none of them
/// the probabilistic autoencoder, which is sampled by a Markov chain.
///
///     let model = Autoencoder(
///       qz: GaussianNetwork(MLP([1, 28, 28], hidden: [500], using: rng), dimension: 20, using: rng),
///       px: NetworkLikelihood(MLP([20], hidden: [500], using: rng), .bernoulli, shape: [1, 28, 28], using: rng),
///       pz: StandardNormal(20), regularizer: ClosedFormKL())
public final class Autoencoder<Posterior: Conditional, Regularizer: LatentRegularizer>: Game, LatentVariableModel
where Posterior.Input == Tensor, Posterior.Output == Regularizer.Posterior {
  /// q(z|x).
  public let qz: Posterior
  /// p(x|z).
  public let px: any Likelihood
  /// p(z).
  public let pz: Regularizer.Prior
  private let regularizer: Regularizer
  private let weight: Schedule
  private let samples: Int
  private let sampleBound: SampleBound
  private let moves: Moves
  private let pretrainSteps: Int
  private let autoencoder: Player
  private let adversary: (any AdversarialRegularizer<Regularizer.Posterior, Regularizer.Prior>)?

  /// - Parameters:
  ///   - weight: the regularizer's factor (beta) over the run; less than 1 at first is a warm-up.
  ///   - samples: codes drawn for every example and step.
  ///   - moves: whether autoencoder and critic move at once, or the autoencoder first and the critic on codes of its own.
  ///   - pretrainSteps: rounds at first in which the critic alone moves.
  public init(
    qz: Posterior, px: any Likelihood, pz: Regularizer.Prior, regularizer: Regularizer,
    weight: Schedule = .constant(1), samples: Int = 1, sampleBound: SampleBound = .mean,
    moves: Moves = .simultaneous, pretrainSteps: Int = 0
  ) {
    precondition(samples >= 1, "Autoencoder: expected at least 1 sample, got \(samples)")
    precondition(
      sampleBound == .mean || regularizer.isPerSample,
      "Autoencoder: importance weights need a regularizer per sample, got \(regularizer.formula)")
    self.qz = qz
    self.px = px
    self.pz = pz
    self.regularizer = regularizer
    self.weight = weight
    self.samples = samples
    self.sampleBound = sampleBound
    self.moves = moves
    self.pretrainSteps = pretrainSteps
    autoencoder = Player("autoencoder", [qz, px])
    adversary = regularizer as? any AdversarialRegularizer<Regularizer.Posterior, Regularizer.Prior>
  }

  public var exampleShape: [Int] { px.shape }
  public var prior: any CodePrior { pz }

  public func likelihood(_ z: Tensor) -> any Distribution { px(z) }

  public func encode(_ x: Tensor, using rng: RandomSource) -> Tensor {
    let q = qz(x)
    return (q as? any Distribution)?.mean ?? q.sample([], using: rng)
  }

  /// Leading axes of the codes of a batch.
  private var draws: [Int] { samples == 1 ? [] : [samples] }

  /// The bound with the regularizer at `weight`, and its parts; higher is better.
  ///
  /// - Parameter penalize: the penalty of what was drawn; nil asks the regularizer.
  /// - Returns: nats per example: the bound `[batch]`, log p(x|z) and the penalty `[batch]` or `[samples, batch]`.
  func bound(
    _ x: Tensor, weight: Double, using rng: RandomSource,
    penalize: ((Drawn<Posterior.Output, Regularizer.Prior>) -> Tensor)? = nil
  ) -> (bound: Tensor, logLikelihood: Tensor, penalty: Tensor) {
    let q = qz(x)
    let drawn = Drawn(x: x, q: q, draw: regularizer.draw(draws, from: q, using: rng), prior: pz)
    let logLikelihood = px(drawn.z).logProb(x)  // [samples, batch]
    let penalty = penalize?(drawn) ?? regularizer.penalty(drawn, using: rng)
    let logWeight = logLikelihood - (weight == 1 ? penalty : penalty * weight)
    guard samples > 1 else { return (logWeight, logLikelihood, penalty) }
    let bound = sampleBound == .mean ? logWeight.mean(0) : logMeanExp(logWeight)  // [batch]
    return (bound, logLikelihood, penalty)
  }

  /// What training descends the negative of at a time: nats, `[batch]`.
  func bound(_ x: Tensor, at clock: Clock, using rng: RandomSource) -> Tensor {
    bound(x, weight: weight(clock), using: rng).bound
  }

  /// A bound of the evidence where the regularizer makes one; else the likelihood less what is a
  /// distance: nats, `[batch]`.
  public func bound(_ x: Tensor, using rng: RandomSource) -> Tensor {
    let factor =
      switch regularizer.value {
      case .bound, .estimate: 1.0
      // The weight that a warm-up ends at.
      case .distance: weight(Clock(step: .max / 2))
      case .surrogate: 0.0
      }
    return bound(x, weight: factor, using: rng).bound
  }

  /// Under the name of what it is: a bound, the likelihood less a distance, which has no unit, or the likelihood alone.
  /// There is none where a critic estimates the bound: the worse it is, the better that would look.
  public var score: Score? {
    let value = { [self] (batch: Batch, rng: RandomSource) in bound(batch.x, using: rng) }
    return switch regularizer.value {
    case .bound: .bound(value)
    case .distance: Score("objective", rises: true, value)
    case .surrogate: Score("log_likelihood_nats", rises: true, value)
    case .estimate: nil
    }
  }

  // MARK: Training

  public var players: [Player] { [autoencoder] + (adversary.map { [$0.critic] } ?? []) }
  public var batchesPerRound: Int {
    guard let adversary else { return 1 }
    return moves == .simultaneous ? adversary.criticSteps : adversary.criticSteps + 1
  }

  /// The autoencoder moves, and with it a regularizer that learns too: at once on the same codes, which the critic takes
  /// as they are, or the critic afterwards. What a critic moves more often it does on batches of its own.
  public func play(_ table: any Table) throws {
    guard let adversary else { return try playAutoencoder(table) }
    if table.clock.step < pretrainSteps {
      for _ in 0..<batchesPerRound { try playCritic(adversary, table) }
      return
    }
    if moves == .simultaneous { for _ in 1..<adversary.criticSteps { try playCritic(adversary, table) } }
    try playAutoencoder(table, with: moves == .simultaneous ? adversary : nil)
    if moves == .alternating { for _ in 0..<adversary.criticSteps { try playCritic(adversary, table) } }
  }

  private typealias Adversary = any AdversarialRegularizer<Regularizer.Posterior, Regularizer.Prior>

  /// The autoencoder moves, together with a critic if there is one.
  private func playAutoencoder(_ table: any Table, with adversary: Adversary? = nil) throws {
    let x = try table.batch(.main).x
    var critics: [(Player, Loss)] = []
    let (bound, logLikelihood, penalty) = bound(x, weight: weight(table.clock), using: table.rng) {
      [regularizer] drawn in
      guard let adversary else { return regularizer.penalty(drawn, using: table.rng) }
      let (penalty, loss) = adversary.round(drawn, using: table.rng)
      critics = [(adversary.critic, loss)]
      return penalty
    }
    let loss = Loss(
      -bound, in: regularizer.value.unit,
      terms: [.init("reconstruction", -logLikelihood), .init("regularizer", penalty, in: regularizer.value.unit)])
    try table.move([(autoencoder, loss)] + critics)
  }

  /// The critic moves on a batch of its own.
  private func playCritic(_ adversary: Adversary, _ table: any Table) throws {
    let x = try table.batch(.main).x
    let drawn = withoutGradients {
      let q = qz(x)
      return Drawn(x: x, q: q, draw: regularizer.draw(draws, from: q, using: table.rng), prior: pz)
    }
    try table.move(adversary.critic, adversary.criticLoss(drawn, using: table.rng))
  }
}

extension Autoencoder: ApproximatelyBounded where Regularizer: LogRatioRegularizer {
  public func approximateBound(_ x: Tensor, using rng: RandomSource) -> Tensor { bound(x, using: rng) }
}

extension Autoencoder: ImportanceSampled where Posterior.Output: ScoredSampler {}

extension Autoencoder: ExplicitPosterior where Posterior.Output: ScoredSampler {
  public func posterior(_ x: Tensor) -> any ScoredSampler { qz(x) }

  public func closedFormKL(_ x: Tensor) -> Tensor? {
    guard let q = qz(x) as? DiagonalGaussian, let p = pz as? StandardNormal else { return nil }
    return kl(q, p)
  }
}

extension Autoencoder: Described where Posterior: Summarized {
  public var card: ModelCard {
    let factor = weight == .constant(1) ? "" : "beta "
    let formula = regularizer.isPerSample ? "(\(regularizer.formula))" : regularizer.formula
    // A penalty below 0 is a reward.
    let penalty = formula.hasPrefix("-") ? "+ \(factor)\(formula.dropFirst())" : "- \(factor)\(formula)"
    let inner = "log p(x|z) \(penalty)"
    let loss =
      switch (sampleBound, samples) {
      case (.importanceWeighted, _): "-E log 1/\(samples) sum_k exp(\(inner)),  z_k ~ q(z|x)"
      case (.mean, 1): "-E_q(z|x) [\(inner)]"
      case (.mean, _): "-E_q(z|x) [\(inner)],  \(samples) draws of z"
      }
    return ModelCard(
      conditionals: [
        .init("p", ["z"], pz.summary), .init("p", ["x"], given: ["z"], px.summary),
        .init("q", ["z"], given: ["x"], qz.summary, isImplicit: !(Posterior.Output.self is any ScoredSampler.Type)),
      ],
      players: [.init("autoencoder", loss)] + (adversary.map { [.init($0.critic.name, $0.criticFormula)] } ?? []),
      notes: [regularizer.note].compactMap(\.self), parameterCount: parameterCount,
      adversaries: adversary.map { [$0.adversary] } ?? [], divergence: divergence)
  }

  /// What is minimized where it is no KL between inference and posterior; nil where it is.
  private var divergence: String? {
    let weight = weight(Clock(step: .max / 2))
    switch regularizer.value {
    case .bound where weight == 1, .estimate where weight == 1: return nil
    case .surrogate where regularizer is NoRegularizer<Posterior.Output, Regularizer.Prior>:
      return "no KL: -E_q log p_theta(x|z, y) alone"
    case .surrogate where adversary != nil: return nil
    case .bound, .estimate, .distance, .surrogate:
      let factor = weight == 1 ? "" : String(format: "%g ", weight)
      return "no KL: -E_q log p_theta(x|z, y) + \(factor)\(regularizer.formula)"
    }
  }
}
