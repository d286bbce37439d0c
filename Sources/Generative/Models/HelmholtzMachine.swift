import Networks
import Probability
import Torch

/// A generative model p(x, h) of stochastic layers h = h1, ..., hL, and a recognition model q(h|x) that runs through them
/// the other way: a Helmholtz machine, which learns by waking and sleeping.
///
/// Awake, the generative model learns from examples and what q makes of them; asleep, q learns from what the generative
/// model dreams:
///
///     max_theta  E_data E_q(h|x) log p(x, h),      max_lambda  E_p(x, h) log q(h|x).
///
/// With several particles h_k ~ q(h|x) each counts by its importance weight p(x, h_k) / q(h_k|x), which tightens the bound, and
/// q may learn from weighted particles of examples too: reweighted wake-sleep. Layers may be of zeros and ones, as no
/// gradient goes through a draw. A code is all layers, the lowest first.
///
/// - Source: Hinton, Dayan, Frey & Neal 1995; Hu et al. 2018, Eq. 20; Bornschein & Bengio 2015.
public final class HelmholtzMachine: Game {
  /// What q(h|x) learns from.
  public enum Recognition: String, Sendable, CaseIterable {
    /// Dreams of the generative model.
    case sleep
    /// Examples, and particles weighted by importance.
    case wake
    /// Both.
    case both
  }

  /// p(x|h1).
  public let px: any Likelihood
  /// p(h_l|h_(l+1)), from the data up.
  public let ph: [NetworkLikelihood]
  /// p(hL) of zeros and ones; nil where it is N(0, I).
  private let top: LearnedBernoulli?
  /// From x to what q(h1|x) is given; nil for x as it is, flattened.
  let reader: (any Network)?
  /// q(h1|x) and q(h_l|h_(l-1)), from the data up.
  public let qh: [NetworkLikelihood]
  let particles: Int
  let learning: Recognition
  private let moves: Moves
  private let generative: Player
  private let recognition: Player

  /// - Parameters:
  ///   - ph: one less than `qh`.
  ///   - qh: the last one's family is that of the top layer: zeros and ones with learned probabilities, or N(0, I).
  ///   - particles: draws of q for each example and step.
  ///   - learning: what q learns from; `.wake` needs at least 2 particles, as one has no weight.
  ///   - moves: whether q learns from dreams of what the generative model has become, or both learn at once.
  public init(
    px: any Likelihood, ph: [NetworkLikelihood], qh: [NetworkLikelihood], reader: (any Network)? = nil,
    particles: Int = 1, learning: Recognition = .sleep, moves: Moves = .alternating
  ) {
    precondition(ph.count == qh.count - 1, "HelmholtzMachine: expected \(qh.count - 1) layers p(h|h), got \(ph.count)")
    precondition(particles >= 1, "HelmholtzMachine: expected at least 1 particle, got \(particles)")
    (self.px, self.ph, self.qh, self.reader) = (px, ph, qh, reader)
    (self.particles, self.learning, self.moves) = (particles, learning, moves)
    let last = qh[qh.count - 1]
    top = last.family == .bernoulli ? LearnedBernoulli(last.shape[0], device: last.device) : nil
    generative = Player("generative", [px] + ph + [top])
    recognition = Player("recognition", [reader] + qh)
  }

  public var exampleShape: [Int] { px.shape }

  /// p(h1, ..., hL).
  public var pz: LayeredPrior {
    let last = qh[qh.count - 1]
    return LayeredPrior(
      top: top?.prior ?? StandardNormal(last.shape[0], dtype: last.parameters[0].value.dtype), layers: ph)
  }

  // MARK: Training

  public var players: [Player] { [generative, recognition] }

  /// log 1/k sum_k p(x, h_k) / q(h_k|x) with as many particles as training takes; of one it is the evidence lower bound.
  public var score: Score? {
    .bound { [self] batch, rng in logMeanExp(logWeights(batch.x, samples: particles, using: rng)) }
  }

  public func play(_ table: any Table) throws {
    let x = try table.batch(.main).x
    let (explaining, learnt) = wake(x, using: table.rng)
    guard learning != .wake, moves == .simultaneous else {
      try table.move([(generative, explaining)] + (learnt.map { [(recognition, $0)] } ?? []))
      if learning != .wake { try table.move(recognition, sleep(x.size(0), using: table.rng)) }
      return
    }
    let dreamt = sleep(x.size(0), using: table.rng)
    let both = learnt.map { Loss($0.value + dreamt.value, terms: $0.terms + dreamt.terms) }
    try table.move([(generative, explaining), (recognition, both ?? dreamt)])
  }

  /// What both models descend on examples: -log p(x, h) and, where q learns awake, -log q(h|x), of weighted particles.
  func wake(_ x: Tensor, using rng: RandomSource) -> (generative: Loss, recognition: Loss?) {
    let (logQ, logP, logLikelihood) = explanations(of: x, particles, using: rng)
    let weights = (logP - logQ).detached().softmax(0)  // [particles, batch], 1 for one particle
    func expected(_ value: Tensor) -> Tensor { (weights * value).sum(0) }  // [batch]
    let reconstruction = Loss.Term("reconstruction", -expected(logLikelihood))
    let worth = Loss.Term("effective_particles", weights.square().sum(0).pow(-1), in: .none)
    return (
      Loss(-expected(logP), terms: [reconstruction] + (particles > 1 ? [worth] : [])),
      learning == .sleep ? nil : Loss(-expected(logQ), terms: [.init("wake", -expected(logQ))])
    )
  }

  /// What q descends on `count` dreams: -log q(h|x) of (x, h) ~ p.
  func sleep(_ count: Int, using rng: RandomSource) -> Loss {
    let (h, x) = withoutGradients {
      let h = pz.drawn([count], using: rng)
      return (h, px(h[0]).sample([], using: rng))
    }
    let surprise = -recognitionLogProb(h, given: x)
    return Loss(surprise, terms: learning == .both ? [.init("sleep", surprise)] : [])
  }
}
