import Foundation
import Inference
import Probability
import Torch

/// A Gaussian q(z) that is fitted to an unnormalized density f by the gradients of its draws.
///
/// It maximizes E_q log f(z) + H(q) <= log Z, with the entropy H in closed form: mean-field and full-rank ADVI. Points
/// are unconstrained already, so that no variable is transformed.
///
///     let fit = GaussianFit(target, design, using: rng)
///     fit.q.mean                                                // [d]
///     let draws = fit.samples(count: 1000, using: rng)          // [1000, d]
///
/// - Source: Kucukelbir et al. 2017. Here L has a positive diagonal, by exp, so that each covariance has one L.
public final class GaussianFit: Fit {
  /// What the covariance may be.
  public enum Covariance: String, Sendable, CaseIterable {
    /// Independent components: mean field.
    case diagonal
    /// Any: full rank.
    case full
  }

  /// The kind of q and how it is trained.
  public struct Design: Sendable, Equatable {
    /// What the covariance may be.
    public var covariance = Covariance.diagonal
    /// Draws of z in a step.
    public var draws = 64
    /// The factor on log f over the steps: rising from near 0, it lets q see all modes before it settles.
    public var temperature = Schedule.constant(1)
    /// The deviation of every coordinate that training starts from.
    public var initialScale = 1.0
    /// Points of the target's start whose mean q starts from.
    public var starts = 1000

    public init() {}
  }

  /// What is fitted.
  public let target: Target
  /// How.
  public let design: Design
  private let gaussian: FreeGaussian
  private let player: Player

  /// - Parameters:
  ///   - start: the mean that q starts from, `[d]`; nil is that of the target's starts.
  ///   - rng: for the starts, and the device of the parameters.
  public init(
    _ target: Target, _ design: Design = Design(), startingAt start: Tensor? = nil, using rng: RandomSource
  ) {
    precondition(
      design.draws >= 1 && design.starts >= 1 && design.initialScale > 0,
      "GaussianFit: expected draws, starts and a scale above 0, got \(design)")
    (self.target, self.design) = (target, design)
    let mean = start ?? target.start(design.starts, rng).mean(0)  // [d]
    gaussian = FreeGaussian(
      mean.to(.float32).to(rng.device), logScale: log(design.initialScale), isFull: design.covariance == .full)
    player = Player("fit", [gaussian])
  }

  /// q(z), a `DiagonalGaussian` or a `FullRankGaussian` over `[d]`.
  public var q: any Distribution & ScoredSampler { gaussian() }

  /// log f(z) - log q(z) at draws of q: nats, `[count]`. Training takes H(q) for the mean of -log q(z).
  public func bound(count: Int, using rng: RandomSource) -> Tensor {
    let (z, logQ) = q.rsampleScored([count], using: rng)
    return target.logDensity(z) - logQ
  }

  /// Draws of q(z), `[count, d]`, without a gradient.
  public func samples(count: Int, using rng: RandomSource) -> Tensor { q.sample([count], using: rng) }

  public var players: [Player] { [player] }

  public func play(_ table: any Table) throws {
    let z = q.rsample([design.draws], using: table.rng)
    let logDensity = try logDensity(z, at: table.clock)
    let entropy = gaussian.entropy
    let loss = -(logDensity * design.temperature(table.clock) + entropy)
    try table.move(
      player, Loss(loss, terms: [.init("bound", logDensity + entropy), .init("entropy", entropy)]))
  }
}
