import Evaluation
import Foundation
import Generative
import Networks
import Probability
import Torch

/// log p(x) of a decoder by annealed importance sampling, as `helmholtz evaluate --metrics ais --start prior` does it.
struct AnnealingBenchmark: Benchmark {
  private let plan: Plan
  private let team: PeerTeam
  private let latent: Int
  private let hidden: [Int]
  private let pixels: Int
  private let examples: Int
  /// Temperatures in a round.
  private let temperatures: Int

  private static let chains = 16

  var name: String {
    let sizes = ([latent] + hidden + [pixels]).map(String.init).joined(separator: "-")
    return "AIS of \(sizes), \(Self.chains) chains x \(examples), one temperature"
  }

  func run(_ earlier: [Finding]) throws -> Finding {
    let sizes = ([latent] + hidden + [pixels]).map(String.init).joined(separator: ",")
    let arguments = ["--sizes", sizes, "--chains", "\(Self.chains)", "--examples", "\(examples)"]
    let (peers, notes) = team.start(
      [
        .init(name: "PyTorch", script: "ais_torch.py", arguments: arguments),
        .init(name: "PyTorch, tuned malloc", script: "ais_torch.py", arguments: arguments, tunedMalloc: true),
      ], steps: temperatures, warmup: 2)
    defer { for peer in peers { peer.stop() } }
    let rng = RandomSource(seed: 1)
    let model = Autoencoder(
      qz: GaussianNetwork(MLP([pixels], hidden: [8], using: rng), dimension: latent, using: rng),
      px: NetworkLikelihood(MLP([latent], hidden: hidden, using: rng), .bernoulli, shape: [pixels], using: rng),
      pz: StandardNormal(latent), regularizer: ClosedFormKL())
    let x = (rng.uniform([examples, pixels]) .< 0.5).to(.float32)
    var options = AnnealingOptions()
    options.chains = Self.chains
    options.start = .prior
    func anneal(_ temperatures: Int) throws {
      options.temperatures = temperatures
      _ = try annealedLogLikelihood(of: model, on: x, options, seed: 1)
    }
    try anneal(2)
    var race = Race(
      [
        Race.Lane(name: "Helmholtz", kind: .ours) {
          try milliseconds { try anneal(temperatures) } / Double(temperatures)
        }
      ] + peers.map { $0.lane() })
    for _ in 0..<plan.rounds { try race.turn() }
    return Finding(name: name, unit: "ms", rows: race.rows, notes: notes + race.notes)
  }

  /// A decoder of images and one so small that calls cost more than sums.
  static func all(_ plan: Plan, _ team: PeerTeam) -> [any Benchmark] {
    [
      AnnealingBenchmark(
        plan: plan, team: team, latent: 50, hidden: [200, 200], pixels: 784, examples: 100, temperatures: 4),
      AnnealingBenchmark(
        plan: plan, team: team, latent: 50, hidden: [200, 200], pixels: 784, examples: 20, temperatures: 20),
      AnnealingBenchmark(plan: plan, team: team, latent: 2, hidden: [8], pixels: 8, examples: 20, temperatures: 100),
    ]
  }
}
