import Datasets
import Foundation
import Generative
import Networks
import Probability
import TestSupport
import Testing
import Torch

/// A critic that is a given function of the code.
private final class GivenCritic: Critic {
  let seesExamples = false
  let summary = "given"
  private let value: (Tensor) -> Tensor

  init(_ value: @escaping (Tensor) -> Tensor) { self.value = value }

  func reading(_ x: Tensor?) -> (Tensor) -> Logits { { Logits(self.value($0)) } }
}

/// The value of an objective's best critic where the log ratio is `ratio`.
private func best(_ objective: AdversarialObjective, _ ratio: Tensor) -> Tensor {
  switch objective {
  case .kl: ratio + 1
  case .pearson: (ratio.exp() - 1) * 2
  case .hellinger: ratio * 0.5
  default: ratio
  }
}

private typealias Gaussians = ContrastRegularizer<DiagonalGaussian, StandardNormal>

@Suite("A KL by a critic") struct ContrastTests {
  static let linked = AdversarialObjective.allCases.filter(\.tellsLogRatio)

  /// Points and weights that integrate under N(0, 1), `[n, 1]` and `[n]`: the trapezoid rule, exact to rounding.
  private static func normal() -> (points: Tensor, weights: Tensor) {
    let points = (0...4000).map { -10 + 0.005 * Double($0) }
    let weights = points.map { exp(-$0 * $0 / 2) / (2 * Double.pi).squareRoot() * 0.005 }
    return (Tensor(points, shape: [4001, 1]), Tensor(weights))
  }

  @Test("with the critic held at the best one, the gradient is that of the exact KL (Proposition 2)", arguments: linked)
  func proposition2(_ objective: AdversarialObjective) {
    let (eps, weights) = Self.normal()
    let (m, s) = (0.7, 0.6)
    let mean = Tensor([m]).requiringGradient()
    let logScale = Tensor([log(s)]).requiringGradient()
    let fixed = DiagonalGaussian(mean: Tensor([m]), logScale: Tensor([log(s)]))
    let prior = StandardNormal(1)
    func ratio(_ q: DiagonalGaussian, _ z: Tensor) -> Tensor { q.logProb(z) - prior.logProb(z) }
    let regularizer = Gaussians(GivenCritic { best(objective, ratio(fixed, $0)) }, objective: objective)
    let z = mean + logScale.exp() * eps
    let drawn = Drawn(x: z, q: fixed, draw: CodeDraw(z), prior: prior)
    let rng = RandomSource(seed: 1)
    let penalty = (regularizer.penalty(drawn, using: rng) * weights).sum()
    expectClose(penalty.item(), (m * m + s * s - 1) / 2 - log(s), absolute: 1e-9)
    let found = gradients(of: penalty, in: [mean, logScale])
    expectClose(found[0].sum().item(), m, absolute: 1e-9)
    expectClose(found[1].sum().item(), s * s - 1, absolute: 1e-9)
    // The term that is dropped: the critic's own change with q, whose mean under q is 0.
    let own = DiagonalGaussian(mean: mean, logScale: logScale)
    let dropped = gradients(of: (ratio(own, z.detached()) * weights).sum(), in: [mean, logScale])
    for gradient in dropped { expectClose(gradient.sum().item(), 0, absolute: 1e-9) }
  }

  @Test("the base measure is what |z|^2 / 2 in the log ratio adds to the best critic", arguments: linked)
  func baseMeasure(_ objective: AdversarialObjective) {
    // Values of the log ratio that no objective cuts.
    let z = Tensor([-2, -0.5, 0, 1, 3.0], shape: [5, 1])
    let square = z.square().sum(-1)
    let added = best(objective, square * 0.5 + 0.3) - best(objective, square * 0 + 0.3)
    guard let factor = objective.baseMeasure else {
      #expect(objective == .pearson)
      return
    }
    expectClose(added, square * factor, absolute: 1e-12)
    let critic = MeasuredCritic(GivenCritic { ($0 * 0).sum(-1) }, for: objective)
    expectClose(critic(nil, z).values, square * factor, absolute: 1e-12)
  }

  @Test("an adaptive contrast of a Gaussian posterior leaves the critic nothing: the penalty is the KL in closed form")
  func adaptiveGaussian() {
    let rng = RandomSource(seed: 3)
    let q = DiagonalGaussian(
      mean: Tensor([1, -0.5, 0, 2.0], shape: [2, 2]), logScale: Tensor([-0.5, 0.3, -1, 0.2], shape: [2, 2]))
    let regularizer = Gaussians(
      GivenCritic { ($0.square() * 0).sum(-1) }, contrast: .adaptive(samples: 100_000))
    let draw = regularizer.draw([100_000], from: q, using: rng)
    let penalty = regularizer.penalty(Drawn(x: q.mean, q: q, draw: draw, prior: StandardNormal(2)), using: rng)
    // A hundred thousand draws: five standard errors of at most 2.3 nats a draw.
    expectClose(penalty.mean(0), kl(q, StandardNormal(2)), absolute: 0.04)
  }

  @Test("a critic under adaptive contrast against a Gaussian posterior learns 0")
  func adaptiveCritic() {
    let rng = RandomSource(seed: 4)
    let regularizer = Gaussians(
      MeasuredCritic(CodeCritic(MLP([1], hidden: [32], activation: .tanh, using: rng), using: rng)),
      contrast: .adaptive(samples: 1000))
    let adam = Adam(regularizer.parameters)
    let q = DiagonalGaussian(mean: .full([1, 1], 3), logScale: .full([1, 1], -2))
    for _ in 0..<600 {
      let draw = withoutGradients { regularizer.draw([500], from: q, using: rng) }
      let loss = regularizer.criticLoss(Drawn(x: q.mean, q: q, draw: draw, prior: StandardNormal(1)), using: rng)
      adam.step(gradients(of: loss.value, in: regularizer.parameters.map(\.value)), rate: 3e-3)
    }
    let draw = regularizer.draw([20_000], from: q, using: rng)
    let drawn = Drawn(x: q.mean, q: q, draw: draw, prior: StandardNormal(1))
    expectClose(
      withoutGradients { regularizer.penalty(drawn, using: rng).mean().item() }, kl(q, StandardNormal(1)).item(),
      absolute: 0.06)
  }

  @Test(
    "a round's penalty and loss, made in one pass, are those of two",
    arguments: [Contrast.prior, .adaptive(samples: 9)])
  func sharedPass(_ contrast: Contrast) {
    let rng = RandomSource(seed: 5)
    let judge = MeasuredCritic(SummedCritic(size: 3, dimension: 2, hidden: [8, 8], using: rng))
    let regularizer = Gaussians(judge, contrast: contrast, penalty: .r1(weight: 2))
    let (x, mean) = (rng.normal([6, 3]), rng.normal([6, 2]).requiringGradient())
    let q = DiagonalGaussian(mean: mean, logScale: .zeros([6, 2]))
    func drawn() -> Drawn<DiagonalGaussian, StandardNormal> {
      Drawn(x: x, q: q, draw: regularizer.draw([], from: q, using: RandomSource(seed: 6)), prior: StandardNormal(2))
    }
    let (penalty, loss) = regularizer.round(drawn(), using: RandomSource(seed: 7))
    let alone = regularizer.penalty(drawn(), using: RandomSource(seed: 7))
    let lossAlone = regularizer.criticLoss(drawn().detached, using: RandomSource(seed: 7))
    expectClose(penalty, alone, absolute: 1e-6)
    expectClose(loss.value.item(), lossAlone.value.item(), absolute: 1e-6)
    let parameters = regularizer.parameters.map(\.value)
    let all = gradients(of: penalty, in: [mean], retainGraph: true) + gradients(of: loss.value, in: parameters)
    let each = gradients(of: alone, in: [mean]) + gradients(of: lossAlone.value, in: parameters)
    for (a, b) in zip(all, each) { expectClose(a, b, absolute: 1e-5) }
  }

  @Test("its model's loss counts a KL in nats, and the model has no score")
  func noScore() throws {
    let rng = RandomSource(seed: 8)
    let model = Self.game(MLP([1], hidden: [4], using: rng), noise: 2, using: rng)
    #expect(model.score == nil)
    let x = rng.normal([5, 1])
    let table = Recorder([.main: Batch(x: x)], using: rng)
    try model.play(table)
    #expect(table.moves.map { $0.map(\.player.name) } == [["autoencoder", "critic"]])
    #expect(table.loss(of: "autoencoder").terms.map(\.key) == ["reconstruction_nats", "regularizer_nats"])
    #expect(table.loss(of: "critic").terms.map(\.key) == ["divergence_nats", "critic_saturated_fraction"])
    let card = model.card
    #expect(card.conditionals.map(\.isImplicit) == [false, false, true])
    #expect(card.players[0].loss == "-E_q(z|x) [log p(x|z) - (V(x, z))]")
  }

  @Test("moves come in the order that is asked for, and a critic can move alone at first")
  func moves() throws {
    let rng = RandomSource(seed: 9)
    func moves(_ moves: Moves, steps: Int, pretraining: Int = 0, at step: Int = 0) throws -> [[String]] {
      let model = Self.game(
        MLP([1], hidden: [4], using: rng), noise: 2, steps: steps, moves: moves, pretrainSteps: pretraining, using: rng)
      let table = Recorder([.main: Batch(x: rng.normal([5, 1]))], clock: Clock(step: step), using: rng)
      try model.play(table)
      #expect(table.feedsRead.count == model.batchesPerRound)
      return table.moves.map { $0.map(\.player.name) }
    }
    #expect(try moves(.simultaneous, steps: 2) == [["critic"], ["autoencoder", "critic"]])
    #expect(try moves(.alternating, steps: 2) == [["autoencoder"], ["critic"], ["critic"]])
    #expect(try moves(.alternating, steps: 1, pretraining: 3, at: 2) == [["critic"], ["critic"]])
    #expect(try moves(.alternating, steps: 1, pretraining: 3, at: 3) == [["autoencoder"], ["critic"]])
  }

  /// p(x|z) = N(z, 1) without parameters.
  private final class FixedLikelihood: Likelihood {
    let shape = [1]
    let summary = "N(z, 1)"
    func callAsFunction(_ z: Tensor) -> any Distribution { DiagonalGaussian(mean: z, logScale: z * 0) }
  }

  private static func game(
    _ body: MLP, noise: Int, critic: (any Critic)? = nil, steps: Int = 1, moves: Moves = .simultaneous,
    pretrainSteps: Int = 0, using rng: RandomSource
  ) -> Autoencoder<NoisyInput, ContrastRegularizer<ImplicitPosterior, StandardNormal>> {
    Autoencoder(
      qz: NoisyInput(nil, inputs: 1, noise: noise, hidden: [32], activation: .elu, dimension: 1, using: rng),
      px: FixedLikelihood(), pz: StandardNormal(1),
      regularizer: ContrastRegularizer(
        critic
          ?? MeasuredCritic(
            JointCritic(
              JointMLP([1, 1], hidden: [32, 32], activation: .tanh, initialization: .uniformFanIn, using: rng),
              using: rng)),
        steps: steps),
      moves: moves, pretrainSteps: pretrainSteps)
  }

  @Test("on a linear Gaussian game q comes to the posterior N(x/2, 1/2) and the critic to the mutual information")
  func linearGaussian() throws {
    let rng = RandomSource(seed: 10)
    let model = Self.game(MLP([1], hidden: [4], using: rng), noise: 4, steps: 2, using: rng)
    let optimizers = model.players.map { ($0, Adam($0.parameters)) }
    for step in 0..<1500 {
      let rate = 3e-3 * (1 - Double(step) / 1500)
      let table = Recorder(
        clock: Clock(step: step), using: rng, batches: { _, _ in Batch(x: rng.normal([256, 1]) * 2.0.squareRoot()) },
        onMove: { losses in
          let found = losses.enumerated().map { index, move in
            gradients(
              of: move.1.value.mean(), in: move.0.parameters.map(\.value), retainGraph: index < losses.count - 1)
          }
          for (move, gradients) in zip(losses, found) {
            optimizers.first { $0.0 === move.0 }!.1.step(gradients, rate: rate)
          }
        })
      try model.play(table)
    }
    let x = Tensor([-1.5, 0, 1, 2.0], shape: [4, 1]).to(.float32)
    let z = model.qz(x).sample([20_000], using: rng)
    expectClose(z.mean(0).squeezed(-1), Tensor([-0.75, 0, 0.5, 1.0]), absolute: 0.1)
    expectClose(z.variance(0).squeezed(-1), Tensor([0.5, 0.5, 0.5, 0.5]), absolute: 0.1)
    // E T* = I(x, z) = log(2) / 2.
    let data = rng.normal([20_000, 1]) * 2.0.squareRoot()
    let table = Recorder([.main: Batch(x: data)], using: rng)
    try withoutGradients { try model.play(table) }
    expectClose(table.loss(of: "autoencoder").terms[1].value.mean().item(), log(2) / 2, absolute: 0.05)
  }
}
