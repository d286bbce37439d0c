import Datasets
import Networks
import Probability
import Torch

/// An encoder, a likelihood, a prior and a regularizer of the codes.
///
/// With a Gaussian encoder and the closed-form KL it is the variational autoencoder of Kingma & Welling 2014; with
/// `MonteCarloKL` and `SampleBound.importanceWeighted` the one of Burda et al. 2016; with a weight other than 1 the
/// beta-VAE of Higgins et al. 2017; with the other regularizers the models of Zhao et al. 2017, and with none of them
/// the probabilistic autoencoder, which is sampled by a Markov chain.
public final class Autoencoder<Encoder: Conditional, Regularizer: LatentRegularizer>: Game, LatentVariableModel
where Encoder.Output == Regularizer.Posterior {
  /// q(z|x).
  public let encoder: Encoder
  /// p(x|z).
  public let decoder: any ObservationModel
  public let prior: StandardNormal
  private let regularizer: Regularizer
  private let weight: Schedule
  private let samples: Int
  private let sampleBound: SampleBound
  private let autoencoder: Player
  private let adversary: (any AdversarialRegularizer)?

  /// - Parameters:
  ///   - weight: the regularizer's factor (beta) over the steps; less than 1 at first is a warm-up.
  ///   - samples: codes drawn for every example and step.
  public init(
    encoder: Encoder, decoder: any ObservationModel, prior: StandardNormal, regularizer: Regularizer,
    weight: Schedule = .constant(1), samples: Int = 1, sampleBound: SampleBound = .mean
  ) {
    precondition(samples >= 1, "Autoencoder: expected at least 1 sample, got \(samples)")
    precondition(
      sampleBound == .mean || regularizer.isPerSample,
      "Autoencoder: importance weights need a regularizer per sample, got \(regularizer.formula)")
    self.encoder = encoder
    self.decoder = decoder
    self.prior = prior
    self.regularizer = regularizer
    self.weight = weight
    self.samples = samples
    self.sampleBound = sampleBound
    autoencoder = Player("autoencoder", [encoder, decoder])
    adversary = regularizer as? any AdversarialRegularizer
  }

  public var exampleShape: [Int] { decoder.shape }

  public func likelihood(_ z: Tensor) -> any Distribution { decoder(z) }

  /// The bound with the regularizer at `weight`, and its parts; higher is better.
  ///
  /// - Returns: nats per example: the bound `[batch]`, log p(x|z) and the penalty `[batch]` or `[samples, batch]`;
  ///   and the codes.
  func bound(
    _ x: Tensor, weight: Double, using rng: RandomSource
  ) -> (bound: Tensor, logLikelihood: Tensor, penalty: Tensor, z: Tensor) {
    let q = encoder(x)
    let z = q.rsample(samples == 1 ? [] : [samples], using: rng)  // [samples, batch, latent]
    let logLikelihood = decoder(z).logProb(x)
    let penalty = regularizer.penalty(q, z, prior: prior, using: rng)
    let logWeight = logLikelihood - (weight == 1 ? penalty : penalty * weight)
    guard samples > 1 else { return (logWeight, logLikelihood, penalty, z) }
    let bound = sampleBound == .mean ? logWeight.mean(0) : logMeanExp(logWeight)
    return (bound, logLikelihood, penalty, z)
  }

  /// A bound of the evidence where the regularizer makes one; else the likelihood less what is a distance.
  public func bound(_ x: Tensor, using rng: RandomSource) -> Tensor {
    let factor =
      switch regularizer.value {
      case .bound: 1.0
      // The weight that a warm-up ends at.
      case .distance: weight(Clock(step: .max / 2))
      case .surrogate: 0.0
      }
    return bound(x, weight: factor, using: rng).bound
  }

  public var score: Score? { .bound { [self] batch, rng in bound(batch.x, using: rng) } }

  // MARK: Training

  public var players: [Player] { [autoencoder] + (adversary.map { [$0.critic] } ?? []) }

  public var batchesPerRound: Int { adversary?.criticSteps ?? 1 }

  /// The autoencoder moves, and with it a regularizer that learns too: both on the same codes, which the critic takes as
  /// they are. A critic that moves more often does so on batches of its own before.
  public func play(_ table: any Table) throws {
    if let adversary {
      for _ in 0..<adversary.criticSteps - 1 {
        let x = try table.batch(.main).x
        let z = withoutGradients { encoder(x).sample(samples == 1 ? [] : [samples], using: table.rng) }
        try table.move(adversary.critic, adversary.criticLoss(z, prior: prior, using: table.rng))
      }
    }
    let x = try table.batch(.main).x
    let (bound, logLikelihood, penalty, z) = bound(x, weight: weight(table.clock), using: table.rng)
    let loss = Loss(
      -bound, terms: [.init("reconstruction", -logLikelihood), .init("regularizer", penalty)])
    try table.move(
      [(autoencoder, loss)]
        + (adversary.map { [($0.critic, $0.criticLoss(z.detached(), prior: prior, using: table.rng))] } ?? []))
  }
}

extension Autoencoder: ImportanceSampled where Encoder.Output: Density {}

extension Autoencoder: ExplicitPosterior where Encoder.Output: Density {
  public func posterior(_ x: Tensor) -> any PathwiseSampler & Density { encoder(x) }

  public func closedFormKL(_ x: Tensor) -> Tensor? {
    (encoder(x) as? DiagonalGaussian).map { kl($0, prior) }
  }
}

extension Autoencoder {
  public func encode(_ x: Tensor, using rng: RandomSource) -> Tensor {
    let q = encoder(x)
    return (q as? any Distribution)?.mean ?? q.sample([], using: rng)
  }
}

extension Autoencoder: Described where Encoder: Summarized {
  public var card: ModelCard {
    let factor = weight == .constant(1) ? "" : "beta "
    let inner = "log p(x|z) - \(factor)\(regularizer.isPerSample ? "(\(regularizer.formula))" : regularizer.formula)"
    let loss =
      switch (sampleBound, samples) {
      case (.importanceWeighted, _): "-E log 1/\(samples) sum_k exp(\(inner)),  z_k ~ q(z|x)"
      case (.mean, 1): "-E_q(z|x) [\(inner)]"
      case (.mean, _): "-E_q(z|x) [\(inner)],  \(samples) draws of z"
      }
    return ModelCard(
      conditionals: [
        .init("p(z)", "N(0, I), \(prior.dimension) dimensions"),
        .init("p(x|z)", decoder.summary),
        .init("q(z|x)", encoder.summary),
      ],
      players: [.init("autoencoder", loss)]
        + ((regularizer as? any AdversarialRegularizer).map { [.init("critic", $0.criticFormula)] } ?? []),
      parameterCount: parameterCount)
  }
}
