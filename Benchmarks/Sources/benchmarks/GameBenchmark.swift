import Datasets
import Foundation
import Generative
import Inference
import Networks
import Probability
import Torch
import Training

/// One round of a game of two players, by the trainer that every run uses.
struct GameBenchmark: Benchmark {
  let name: String
  private let plan: Plan
  private let team: PeerTeam
  private let script: String
  private let variants: [String]
  private let batch: Int
  /// Whether the game reads examples; a fit to a density reads none.
  private let readsExamples: Bool
  private let game: () -> any Game

  private static let warmup = 5
  /// About how many times longer than a step of the reference VAE a round takes.
  private static let share = 10

  /// Adversarial variational Bayes with adaptive contrast: 32 noises, a critic of 4 x 1024.
  static func avbAC(_ plan: Plan, _ team: PeerTeam) -> GameBenchmark {
    let (codes, batch, shape) = (32, 100, [1, 28, 28])
    return GameBenchmark(
      name: "AVB+AC round, z 32, 32 noises 64-128-128-128, critic 4 x 1024, 28x28, batch \(batch)", plan: plan,
      team: team, script: "avb_torch.py", variants: ["default", "batched", "compile"], batch: batch,
      readsExamples: true,
      game: {
        let rng = RandomSource(seed: 1)
        let encoder = ConvEncoder(
          shape, channels: [16, 32, 32], kernel: 5, hidden: [800], activation: .elu, isCentred: true, using: rng)
        let decoder = ConvDecoder(
          codes, imageShape: shape, channels: [32, 32, 16], kernel: 5, hidden: [300], activation: .softplus, using: rng)
        let critic = SummedCritic(
          size: 784, dimension: codes, hidden: .init(repeating: 1024, count: 4), using: rng)
        return Autoencoder(
          qz: NoiseBasis(encoder, basisCount: 32, noise: 64, dimension: codes, using: rng),
          px: NetworkLikelihood(decoder, .bernoulli, shape: shape, using: rng), pz: StandardNormal(codes),
          regularizer: ContrastRegularizer<BasisPosterior, StandardNormal>(
            MeasuredCritic(critic), contrast: .adaptive(samples: 2)))
      })
  }

  /// Adversarial variational Bayes of the eight schools: one step of q, two of the critic.
  static func eightSchools(_ plan: Plan, _ team: PeerTeam) -> GameBenchmark {
    GameBenchmark(
      name: "AVB iteration on the eight schools, batch 512, two critic steps", plan: plan, team: team,
      script: "eight_schools_torch.py", variants: ["default", "fused", "compile"], batch: 512, readsExamples: false,
      game: { ImplicitFit(EightSchools.authors.target, using: RandomSource(seed: 1)) })
  }

  /// DCGAN: a code of 100, 128-64 maps against 64-128, one step of each on images that are made once.
  static func dcgan(_ plan: Plan, _ team: PeerTeam) -> GameBenchmark {
    let (codes, batch, shape) = (100, 100, [1, 28, 28])
    return GameBenchmark(
      name: "DCGAN round, z 100, 128-64 maps, 28x28, batch \(batch)", plan: plan, team: team, script: "dcgan_torch.py",
      variants: ["default", "channels-last", "compile"], batch: batch, readsExamples: true,
      game: {
        let rng = RandomSource(seed: 1)
        return GAN(
          pz: UniformPrior(codes, low: -1, high: 1),
          generator: ShapedNetwork(
            DCGANDecoder(codes, imageShape: shape, using: rng), shape: shape, activation: .sigmoid, using: rng),
          critic: CodeCritic(DCGANEncoder(shape, using: rng), using: rng))
      })
  }

  private static var options: TrainingOptions {
    var options = TrainingOptions()
    var adam = Adam.Options()
    adam.beta1 = 0.5
    options.model.optimizer = .adam(adam)
    options.model.learningRate = .constant(5e-5)
    var adversary = options.model
    adversary.learningRate = .constant(1e-4)
    options.adversary = adversary
    return options
  }

  func run(_ earlier: [Finding]) throws -> Finding {
    let steps = max(1, plan.steps / Self.share)
    let (peers, notes) = team.start(entries, steps: steps, warmup: Self.warmup)
    defer { for peer in peers { peer.stop() } }
    var race = Race(peers.map { $0.lane() })
    let rounds = TrainingRounds(warmup: Self.warmup, steps: steps, rounds: plan.rounds, batch: batch)
    let examples =
      readsExamples ? DeviceExamples(try ReferenceVAE.examples(binary: true), binarization: .none) : nil
    let ours = try rounds.run(game(), on: examples, precision: .float32, options: Self.options) { try race.turn() }
    let row = Row(name: "Helmholtz", kind: .ours, values: ours)
    return Finding(
      name: name, unit: "ms/round", rows: [row] + race.rows, notes: notes + race.notes + ratios(row, race.rows))
  }

  private func ratios(_ ours: Row, _ peers: [Row]) -> [String] {
    let named = peers.filter { $0.name == "PyTorch default" } + (peers.min { $0.median < $1.median }.map { [$0] } ?? [])
    return named.map { String(format: "%@ takes %.2f times as long.", $0.name, $0.median / ours.median) }
  }

  private var entries: [PeerTeam.Entry] {
    variants.flatMap { variant in
      [false, true].map { tuned in
        PeerTeam.Entry(
          name: "PyTorch \(variant)\(tuned ? ", tuned malloc" : "")", script: script,
          arguments: ["--variant", variant, "--batch", "\(batch)"], tunedMalloc: tuned)
      }
    }
  }
}
