import Foundation
import Inference
import Networks
import Probability
import Torch

/// A posterior without a density that is fitted to an unnormalized density f: adversarial variational Bayes.
///
/// z = g(eps) with eps ~ N(0, I). A critic V tells draws of q from those of a contrast r, and its link gives
/// log q/r (Mescheder et al. 2017, Eqs. 3.3 and 3.5); q maximizes
///
///     E_q [log f(z) - log r(z) - log q/r (z)],
///
/// which with the best critic is the bound of log Z. Without contrast r is N(0, I); with adaptive contrast (section 4)
/// it is the Gaussian with q's moments, estimated from the batch and taken as constants, and the critic sees
/// standardized draws. The critic is V(z) = net(z) + |z|^2 / 2, so that the network learns the log density of what it sees, up
/// to a constant; the authors' learns that of z, which differs by the constant log deviations of a batch.
public final class ImplicitFit: Fit {
  /// What q is told from.
  public enum Contrast: String, Sendable, CaseIterable {
    /// N(0, I).
    case prior
    /// The Gaussian with independent components that has q's means and deviations.
    case adaptive
  }

  /// The networks and how they are trained; the defaults are the authors' for the eight schools.
  public struct Design: Sendable, Equatable {
    /// What q is told from.
    public var contrast = Contrast.adaptive
    /// The length of eps; nil is that of z.
    public var noiseSize: Int?
    /// The layers of g.
    public var hidden = [128, 128]
    /// The nonlinearity of g.
    public var activation = Activation.elu
    /// The width of the critic's layers, and its blocks.
    public var criticWidth = 256
    public var criticBlocks = 5
    /// The game of the critic; one that tells log q/r.
    public var objective = AdversarialObjective.jensenShannon
    /// Moves of the critic after one of q, each on draws of its own.
    public var criticSteps = 2
    /// Draws of z in a move.
    public var batchSize = 512

    public init() {}
  }

  /// What is fitted.
  public let target: Target
  /// How.
  public let design: Design
  private let generator: MLP
  private let output: Linear
  private let critic: CodeCritic
  private let fit: Player
  private let adversary: Player

  /// - Parameter rng: for the initial weights, and the device of the parameters.
  public init(_ target: Target, _ design: Design = Design(), using rng: RandomSource) {
    precondition(
      design.objective.tellsLogRatio,
      "ImplicitFit: expected an objective whose critic tells log q/r, got \(design.objective.rawValue)")
    precondition(
      design.contrast == .prior || design.batchSize > 1,
      "ImplicitFit: expected more than one draw for an adaptive contrast, got \(design.batchSize)")
    (self.target, self.design) = (target, design)
    generator = MLP(
      [design.noiseSize ?? target.dimension], hidden: design.hidden, activation: design.activation, using: rng)
    output = Linear(generator.outputShape[0], target.dimension, using: rng)
    critic = CodeCritic(
      ResidualMLP(target.dimension, width: design.criticWidth, blocks: design.criticBlocks, using: rng),
      using: rng)
    fit = Player("fit", [generator, output])
    adversary = Player("critic", side: .adversary, [critic])
  }

  /// Its bound is the critic's, and no bound where that has not found the best one.
  public var boundsEvidence: Bool { false }

  private func draws(_ count: Int, using rng: RandomSource) -> Tensor {
    output(generator(rng.normal([count, design.noiseSize ?? target.dimension])))
  }

  /// Keeps deviations of a batch above 0.
  private static let leastScale = 1e-6

  /// The mean and the deviation of the contrast, `[d]` each, as constants.
  private func moments(_ z: Tensor) -> (mean: Tensor, scale: Tensor) {
    guard design.contrast == .adaptive else {
      return (.zeros([target.dimension], device: z.device), .ones([target.dimension], device: z.device))
    }
    let z = z.detached()
    return (z.mean(0), z.variance(0).sqrt() + Self.leastScale)
  }

  /// V at standardized draws `[n, d]`.
  private func logits(_ z: Tensor) -> Logits { Logits(critic(z).values + z.square().sum(-1) * 0.5) }

  /// log r(z) + log q/r (z), as the critic has it: nats, `[n]`.
  private func logQ(_ z: Tensor) -> Tensor {
    let (mean, scale) = moments(z)
    let standardized = (z - mean) / scale
    let logRatio = design.objective.logRatio(logits(standardized))!
    let constant = Double(target.dimension) * 0.5 * log(2 * .pi)
    return logRatio - standardized.square().sum(-1) * 0.5 - scale.log().sum() - constant
  }

  /// log f(z) - log q(z) by the critic at draws of q: nats, `[count]`; an estimate of a bound, and no bound itself.
  public func bound(count: Int, using rng: RandomSource) -> Tensor {
    let z = draws(count, using: rng)
    return target.logDensity(z) - logQ(z)
  }

  /// Draws of q(z), `[count, d]`, without a gradient.
  public func samples(count: Int, using rng: RandomSource) -> Tensor {
    withoutGradients { draws(count, using: rng) }
  }

  public var players: [Player] { [fit, adversary] }

  public func play(_ table: any Table) throws {
    let z = draws(design.batchSize, using: table.rng)
    let bound = try logDensity(z, at: table.clock) - logQ(z)
    try table.move(fit, Loss(-bound, terms: [.init("approximate_bound", bound)]))
    for _ in 0..<design.criticSteps {
      let z = withoutGradients { draws(design.batchSize, using: table.rng) }
      let (mean, scale) = moments(z)
      let r = table.rng.normal([design.batchSize, target.dimension])
      // One pass for both.
      let v = logits(.concatenated([(z - mean) / scale, r])).values
      let divergence = design.objective.divergence(
        q: Logits(v.narrowed(0, 0..<design.batchSize)),
        p: Logits(v.narrowed(0, design.batchSize..<2 * design.batchSize)))
      try table.move(
        adversary,
        Loss(
          -divergence, in: design.objective.unit,
          terms: [
            .init("divergence", divergence, in: design.objective.unit), CriticSaturation.term(Logits(v)),
          ]))
    }
  }
}
