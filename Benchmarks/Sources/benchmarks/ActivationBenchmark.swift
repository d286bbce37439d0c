import Datasets
import Generative
import Networks
import Probability
import Torch
import Training

/// What importance weights and an activated adversary cost beside the rounds without them, by the trainer that every run
/// uses. All lanes take turns, so that ratios are of one machine in one state.
struct ActivationBenchmark: Benchmark {
  let name = "Weights and activated adversaries beside their plain rounds, DCGAN's networks, 28x28, batch 100"
  private let plan: Plan

  private static let warmup = 5
  private static let share = 20
  private static let shape = [1, 28, 28]
  private static let codes = 100

  init(_ plan: Plan) { self.plan = plan }

  private static func gan(_ importance: GANRules.Importance?) -> GAN {
    let rng = RandomSource(seed: 1)
    var rules = GANRules()
    rules.importance = importance
    return GAN(
      pz: UniformPrior(codes, low: -1, high: 1),
      generator: ShapedNetwork(
        DCGANDecoder(codes, imageShape: shape, using: rng), shape: shape, activation: .sigmoid, using: rng),
      critic: critic(rng), rules: rules)
  }

  private static func critic(_ rng: RandomSource) -> CodeCritic {
    CodeCritic(DCGANEncoder(shape, using: rng), using: rng)
  }

  private static func vae() -> Autoencoder<GaussianNetwork, ClosedFormKL> {
    let rng = RandomSource(seed: 1)
    return Autoencoder(
      qz: GaussianNetwork(DCGANEncoder(shape, using: rng), dimension: codes, using: rng),
      px: NetworkLikelihood(DCGANDecoder(codes, imageShape: shape, using: rng), .bernoulli, shape: shape, using: rng),
      pz: StandardNormal(codes), regularizer: ClosedFormKL())
  }

  /// A critic that learns to tell real images from noise, and nothing else: what an activated model adds to its own work.
  private final class CriticStep: Game {
    let critic: CodeCritic
    let player: Player

    init(_ critic: CodeCritic) {
      self.critic = critic
      player = Player("critic", side: .adversary, [critic])
    }

    var players: [Player] { [player] }

    func play(_ table: any Table) throws {
      let x = try table.batch(.main).x
      let made = table.rng.bernoulli(.full(x.shape, 0.13))
      let objective = AdversarialObjective.nonSaturating
      let (q, p) = (critic(made), critic(x))
      let divergence = objective.divergence(q: q, p: p)
      let terms: [Loss.Term] = [
        .init("divergence", divergence, in: objective.unit),
        CriticSaturation.term(Logits(.concatenated([q.values, p.values]))), Spread.term(made, x),
      ]
      try table.move(player, Loss(-divergence, in: objective.unit, terms: terms))
    }
  }

  func run(_ earlier: [Finding]) throws -> Finding {
    let games: [(name: String, game: any Game)] = [
      ("gan", Self.gan(nil)), ("iwgan", Self.gan(.batch)), ("vae", Self.vae()),
      ("critic step", CriticStep(Self.critic(RandomSource(seed: 2)))),
      ("aavae", ActivatedModel(Self.vae(), critic: Self.critic(RandomSource(seed: 2)))),
    ]
    let steps = max(1, plan.steps / Self.share)
    let examples = DeviceExamples(try ReferenceVAE.examples(binary: true), binarization: .none)
    var values = [[Double]](repeating: [], count: games.count)
    for _ in 0..<plan.rounds {
      for (index, entry) in games.enumerated() {
        let rounds = TrainingRounds(warmup: Self.warmup, steps: steps, rounds: 1, batch: 100)
        values[index] += try rounds.run(entry.game, on: examples, precision: .float32) {}
      }
    }
    let rows = zip(games, values).map { Row(name: $0.name, kind: .ours, values: $1) }
    func median(_ index: Int) -> Double { rows[index].median }
    return Finding(
      name: name, unit: "ms/round", rows: rows,
      notes: [
        String(format: "iwgan takes %.3f times as long as gan.", median(1) / median(0)),
        String(format: "aavae takes %.2f times as long as vae and a critic step.", median(4) / (median(2) + median(3))),
        String(
          format: "aavae less a critic step takes %.2f times as long as vae.", (median(4) - median(3)) / median(2)),
      ])
  }
}
