import Foundation
import Inference
import Networks
import Probability
import Torch

/// An inference model q(z) = E_q(a) q(z|a) that is fitted to an unnormalized density f.
///
/// With a ~ N(0, I) and a reverse model r(a|z), which the paper calls p(a|z), it maximizes
///
///     E_q(a) q(z|a) [log f(z) + log r(a|z) - log q(a) - log q(z|a)] <= log Z.
///
/// Maaløe et al. 2016, section 4.1, Eq. 18; the paper's potential U is the log of f. Without `a`, q(z) is one Gaussian
/// with independent components, whose entropy is estimated by its draws.
public final class AuxiliaryFit: Fit {
  /// The sizes of the model and how it is trained; the defaults are the paper's but for the activation.
  public struct Design: Sendable, Equatable {
    /// The length of `a`; nil for a q(z) without it.
    public var auxiliarySize: Int? = 4
    /// The layers of both networks.
    public var hidden = [20, 20, 20]
    /// The paper's networks are rectified linear. Those seldom come to use `a`: on U2 they ended where a Gaussian does.
    public var activation = Activation.tanh
    /// The factor on log f over the steps: rising from near 0, it lets q see all modes before it settles (Rezende &
    /// Mohamed 2015, Eq. 20).
    public var temperature = Schedule.constant(1)
    /// Draws of (a, z) in a step.
    public var batchSize = 256

    public init() {}
  }

  /// What is fitted.
  public let target: Target
  /// How.
  public let design: Design
  /// q(z|a) and r(a|z); nil without `a`.
  private let encodes: GaussianNetwork?
  private let reverses: GaussianNetwork?
  /// q(z) without `a`.
  private let gaussian: FreeGaussian?
  private let player: Player

  /// - Parameter rng: for the initial weights, and the device of the parameters.
  public init(_ target: Target, _ design: Design = Design(), using rng: RandomSource) {
    (self.target, self.design) = (target, design)
    func conditional(_ inputs: Int, _ outputs: Int) -> GaussianNetwork {
      GaussianNetwork(
        MLP(
          [inputs], hidden: design.hidden, activation: design.activation,
          initialization: .glorotNormal(gain: 2.0.squareRoot()), using: rng),
        dimension: outputs, initialization: .glorotNormal(gain: 1), using: rng)
    }
    encodes = design.auxiliarySize.map { conditional($0, target.dimension) }
    reverses = design.auxiliarySize.map { conditional(target.dimension, $0) }
    gaussian = design.auxiliarySize == nil ? FreeGaussian(.zeros([target.dimension], device: rng.device)) : nil
    player = Player("fit", [encodes, reverses, gaussian])
  }

  /// Draws z, `[count, d]`, and log r(a|z) - log q(a) - log q(z|a) at each, `[count]`.
  private func draws(_ count: Int, using rng: RandomSource) -> (z: Tensor, rest: Tensor) {
    guard let size = design.auxiliarySize, let encodes, let reverses else {
      let q = gaussian!()
      let z = q.rsample([count], using: rng)
      return (z, -q.logProb(z))
    }
    let prior = StandardNormal(size)
    let a = prior.rsample([count], using: rng)
    let q = encodes(a)
    let z = q.rsample([], using: rng)
    return (z, reverses(z).logProb(a) - prior.logProb(a) - q.logProb(z))
  }

  /// One-draw estimates of the bound of Eq. 18: nats, `[count]`. Their mean is at most log Z.
  public func bound(count: Int, using rng: RandomSource) -> Tensor {
    let (z, rest) = draws(count, using: rng)
    return target.logDensity(z) + rest
  }

  /// Draws of q(z), `[count, d]`, without a gradient.
  public func samples(count: Int, using rng: RandomSource) -> Tensor {
    withoutGradients { draws(count, using: rng).z }
  }

  public var players: [Player] { [player] }

  public func play(_ table: any Table) throws {
    let (z, rest) = draws(design.batchSize, using: table.rng)
    let logDensity = try logDensity(z, at: table.clock)
    let loss = -(logDensity * design.temperature(table.clock) + rest)
    try table.move(player, Loss(loss, terms: [.init("bound", logDensity + rest)]))
  }
}
