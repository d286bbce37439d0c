import Inference
import Networks
import Probability
import Torch

/// An autoencoder whose posterior follows the gradient of its own decoder: Hamiltonian variational inference.
///
/// A code z0 ~ q(z0|x) and a velocity v0 ~ N(0, I) go through leapfrog steps on log p(x, z) to (z, v). They keep volume, so that
/// with a reverse model r(v|x, z)
///
///     log p(x, z) + log r(v|x, z) - log q(z0|x) - log q(v0)
///
/// is on average at most log p(x), and its exponential is p(x) on average. Without steps and with r(v|x, z) = q(v) it is the
/// variational autoencoder.
///
/// - Source: Salimans, Kingma & Welling 2015, Eq. 14 with one iteration.
public final class HamiltonianAutoencoder: Game, CodeSampler {
  /// q(z0|x).
  public let qz: GaussianNetwork
  private let leapfrog: LearnedLeapfrog?
  /// r(v|x, z), given the features of `reader`, or x itself, and z.
  public let rv: JointGaussian
  private let reader: (any Network)?
  /// p(x|z); its density is differentiated twice.
  public let px: any Likelihood
  /// p(z).
  public let pz: StandardNormal
  private let weight: Schedule
  private let samples: Int
  private let sampleBound: SampleBound
  private let player: Player

  /// - Parameters:
  ///   - leapfrog: nil for no step.
  ///   - rv: given two variables: x or its features, and z.
  ///   - reader: from x to the features that `rv` is given; nil for x as it is, flattened.
  ///   - weight: the factor on all terms of the bound but log p(x|z) over the run; less than 1 at first is a warm-up.
  ///   - samples: codes drawn for every example and step.
  public init(
    qz: GaussianNetwork, leapfrog: LearnedLeapfrog?, rv: JointGaussian, reader: (any Network)? = nil,
    px: any Likelihood,
    pz: StandardNormal, weight: Schedule = .constant(1), samples: Int = 1, sampleBound: SampleBound = .mean
  ) {
    precondition(samples >= 1, "HamiltonianAutoencoder: expected at least 1 sample, got \(samples)")
    (self.qz, self.leapfrog, self.rv, self.reader) = (qz, leapfrog, rv, reader)
    (self.px, self.pz, self.weight, self.samples, self.sampleBound) = (px, pz, weight, samples, sampleBound)
    player = Player("autoencoder", [qz, leapfrog, rv, reader, px])
  }

  /// The end of a trajectory for each of `count` draws, log p(x|z) there, and the rest of the log weight: nats,
  /// `count + [batch]`.
  ///
  /// - Parameter isDifferentiable: whether gradients flow through the steps.
  private func draw(
    _ x: Tensor, _ count: [Int], isDifferentiable: Bool, using rng: RandomSource
  ) -> (z: Tensor, logLikelihood: Tensor, rest: Tensor) {
    let q = qz(x)
    let start = q.rsample(count, using: rng)  // count + [batch, latent]
    let velocity = rng.normal(start.shape, dtype: start.dtype, rows: -2)
    guard let leapfrog else {
      return (start, px(start).logProb(x), rest(x, start, velocity, from: start, velocity, q))
    }
    var logLikelihood: Tensor?
    let (z, v) = leapfrog(start, velocity) { position in
      let z = isDifferentiable ? position : position.detached().requiringGradient()
      return withGradients {
        let found = px(z).logProb(x)
        logLikelihood = isDifferentiable ? found : found.detached()
        return gradients(of: found.sum() + pz.logProb(z).sum(), in: [z], createGraph: isDifferentiable)[0]
      }
    }
    return (z, logLikelihood!, rest(x, z, v, from: start, velocity, q))
  }

  /// log p(z) + log r(v|x, z) - log q(z0|x) - log q(v0).
  private func rest(
    _ x: Tensor, _ z: Tensor, _ v: Tensor, from start: Tensor, _ velocity: Tensor, _ q: DiagonalGaussian
  ) -> Tensor {
    let features = (reader.map { $0(x) } ?? x).flattened(from: 1)  // [batch, features]
    let reverse = rv([features, z]).logProb(v) - pz.logProb(velocity)
    return pz.logProb(z) + reverse - q.logProb(start)
  }

  /// The bound with all terms but the likelihood at `weight`, and its parts: nats, `[batch]`, and `[batch]` or
  /// `[samples, batch]`; higher is better.
  func bound(
    _ x: Tensor, weight: Double, isDifferentiable: Bool = true, using rng: RandomSource
  ) -> (bound: Tensor, logLikelihood: Tensor, rest: Tensor) {
    let (_, logLikelihood, rest) = draw(
      x, samples == 1 ? [] : [samples], isDifferentiable: isDifferentiable, using: rng)
    let logWeight = logLikelihood + (weight == 1 ? rest : rest * weight)
    guard samples > 1 else { return (logWeight, logLikelihood, rest) }
    return (sampleBound == .mean ? logWeight.mean(0) : logMeanExp(logWeight), logLikelihood, rest)
  }

  public var score: Score? {
    .bound { [self] batch, rng in bound(batch.x, weight: 1, isDifferentiable: false, using: rng).bound }
  }

  public var players: [Player] { [player] }

  public func play(_ table: any Table) throws {
    let x = try table.batch(.main).x
    let (bound, logLikelihood, rest) = bound(x, weight: weight(table.clock), using: table.rng)
    try table.move(
      player, Loss(-bound, terms: [.init("reconstruction", -logLikelihood), .init("regularizer", -rest)]))
  }
}

extension HamiltonianAutoencoder: ImportanceSampled {
  public var exampleShape: [Int] { px.shape }
  public var prior: any CodePrior { pz }
  public func likelihood(_ z: Tensor) -> any Distribution { px(z) }

  /// One draw: the posterior's mean has no closed form.
  public func encode(_ x: Tensor, using rng: RandomSource) -> Tensor { drawnCodes(x, using: rng) }

  public func drawnCodes(_ x: Tensor, using rng: RandomSource) -> Tensor {
    withoutGradients { draw(x, [], isDifferentiable: false, using: rng).z }
  }

  public func logWeights(_ x: Tensor, samples: Int, using rng: RandomSource) -> Tensor {
    withoutGradients {
      let (_, logLikelihood, rest) = draw(x, [samples], isDifferentiable: false, using: rng)
      return logLikelihood + rest
    }
  }
}

extension HamiltonianAutoencoder: Described {
  public var card: ModelCard {
    let steps = leapfrog?.steps ?? 0
    let factor = weight == .constant(1) ? "" : "beta "
    let inner = "log p(x|z) - \(factor)(log q(z0|x) + log q(v0) - log p(z) - log r(v|x, z))"
    let loss =
      switch (sampleBound, samples) {
      case (.importanceWeighted, _): "-E log 1/\(samples) sum_k exp(\(inner)),  z0, v0 ~ q"
      case (.mean, 1): "-E_q(z0|x) q(v0) [\(inner)]"
      case (.mean, _): "-E_q(z0|x) q(v0) [\(inner)],  \(samples) draws of z0 and v0"
      }
    return ModelCard(
      conditionals: [
        .init("p", ["z"], pz.summary), .init("p", ["x"], given: ["z"], px.summary),
        .init("q", ["z0"], given: ["x"], qz.summary),
        .init("q", ["v0"], "N(0, I): a momentum of N(0, M) in units of its deviations, M diagonal and learned"),
        .init(
          "q", ["z", "v"], given: ["x", "z0", "v0"],
          "\(steps) leapfrog \(steps == 1 ? "step" : "steps") on log p(x, z), their sizes learned", isImplicit: true),
        .init("r", ["v"], given: ["x", "z"], rv.summary + (reader.map { ", after \($0.summary)" } ?? "")),
      ],
      players: [.init("autoencoder", loss)], parameterCount: parameterCount,
      divergence: "KL(q_eta(z, v|x, y) q_*^r(y|x) || p_theta(z, y|x) r(v|x, z))",
      meanings: ["z0": "code before the steps", "v0": "momentum before them", "v": "momentum"])
  }
}
