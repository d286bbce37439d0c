import Datasets
import Foundation
import Generative
import Inference
import Networks
import Probability
import Torch
import Training

/// One training step of an autoencoder with a posterior beyond a Gaussian, by the trainer that every run uses.
struct PosteriorBenchmark: Benchmark {
  let name: String
  private let plan: Plan
  private let team: PeerTeam
  private let posterior: String
  /// About how many times longer than a step of the reference VAE it takes: it makes fewer steps by that factor.
  private let share: Int
  private let model: (GaussianNetwork, any Likelihood, RandomSource) -> any Game

  private static let latent = 32
  private static let warmup = 10

  /// Planar flows, inverse autoregressive flows and Hamiltonian posteriors, each with its defaults.
  static func all(_ plan: Plan, _ team: PeerTeam) -> [PosteriorBenchmark] {
    func flow<Layers: FlowNetwork>(_ layers: Layers, _ qz: GaussianNetwork, _ px: any Likelihood) -> any Game {
      Autoencoder(
        qz: FlowPosterior(qz, layers), px: px, pz: StandardNormal(latent),
        regularizer: MonteCarloKL<FlowSampler<Layers.Flow>, StandardNormal>())
    }
    return [
      PosteriorBenchmark(
        name: "VAE step with 80 planar layers, 784-500-500-32, batch 100", plan: plan, team: team, posterior: "planar",
        share: 4
      ) { flow(PlanarLayers($0.featureCount, dimension: latent, layers: 80, using: $2), $0, $1) },
      PosteriorBenchmark(
        name: "VAE step with 8 inverse autoregressive layers of 128, 784-500-500-32, batch 100", plan: plan, team: team,
        posterior: "iaf", share: 2
      ) { qz, px, rng in
        flow(
          InverseAutoregressiveLayers(
            qz.featureCount, dimension: latent, layers: 8, hidden: 128, context: 32, using: rng), qz, px)
      },
      PosteriorBenchmark(
        name: "HVI step of 16 leapfrog steps, 784-500-500-32, batch 100", plan: plan, team: team, posterior: "hvi",
        share: 20
      ) { qz, px, rng in
        HamiltonianAutoencoder(
          qz: qz, leapfrog: LearnedLeapfrog(latent, steps: 16, stepSize: 0.05),
          rv: JointGaussian(JointMLP([784, latent], hidden: [640], using: rng), dimension: latent, using: rng), px: px,
          pz: StandardNormal(latent))
      },
    ]
  }

  func run(_ earlier: [Finding]) throws -> Finding {
    let steps = max(1, plan.steps / share)
    let (peers, notes) = team.start(entries, steps: steps, warmup: Self.warmup)
    defer { for peer in peers { peer.stop() } }
    var race = Race(peers.map { $0.lane() })
    let rng = RandomSource(seed: 1)
    let qz = GaussianNetwork(
      MLP(ReferenceVAE.shape, hidden: ReferenceVAE.hidden, using: rng), dimension: Self.latent, using: rng)
    let px = NetworkLikelihood(
      MLP([Self.latent], hidden: ReferenceVAE.hidden, using: rng), .bernoulli, shape: ReferenceVAE.shape, using: rng)
    let rounds = TrainingRounds(warmup: Self.warmup, steps: steps, rounds: plan.rounds)
    let ours = try rounds.run(
      model(qz, px, rng), on: DeviceExamples(try ReferenceVAE.examples(binary: true), binarization: .none),
      precision: .float32
    ) { try race.turn() }
    let row = Row(name: "Helmholtz", kind: .ours, values: ours)
    let best = race.rows.min { $0.median < $1.median }.map {
      [String(format: "The best peer, %@, takes %.2f times as long.", $0.name, $0.median / row.median)]
    }
    return Finding(name: name, unit: "ms/step", rows: [row] + race.rows, notes: notes + race.notes + (best ?? []))
  }

  private var entries: [PeerTeam.Entry] {
    [false, true].flatMap { tuned in
      [("default Adam", "default"), ("fused Adam", "fused")].map { name, variant in
        PeerTeam.Entry(
          name: "PyTorch \(name)\(tuned ? ", tuned malloc" : "")", script: "posterior_torch.py",
          arguments: ["--posterior", posterior, "--variant", variant], tunedMalloc: tuned)
      }
    }
  }
}
