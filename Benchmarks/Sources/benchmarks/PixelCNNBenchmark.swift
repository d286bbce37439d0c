import Datasets
import Foundation
import Generative
import Networks
import Torch
import Training

/// One training step of a gated PixelCNN without a code, 7x7 then 3x3 kernels, by the trainer that every run uses.
struct PixelCNNBenchmark: Benchmark {
  private let plan: Plan
  private let team: PeerTeam

  static let shape = [1, 28, 28]
  static let layers = 7
  static let maps = 32
  private static let batch = 50
  /// A step takes a hundred times as long as the reference VAE's.
  private static let share = 20
  private static let warmup = 3

  init(_ plan: Plan, _ team: PeerTeam) {
    self.plan = plan
    self.team = team
  }

  var name: String { "PixelCNN step, \(Self.layers) layers of \(Self.maps) maps, 28x28, batch \(Self.batch)" }

  func run(_ earlier: [Finding]) throws -> Finding {
    let rng = RandomSource(seed: 1)
    let model = AutoregressiveModel(
      GatedPixelCNN(Self.shape, outputs: 1, layers: Self.layers, maps: Self.maps, using: rng), .bernoulli)
    let steps = max(1, plan.steps / Self.share)
    let (peers, notes) = team.start(entries, steps: steps, warmup: Self.warmup)
    defer { for peer in peers { peer.stop() } }
    var race = Race(peers.map { $0.lane() })
    let rounds = TrainingRounds(warmup: Self.warmup, steps: steps, rounds: plan.rounds, batch: Self.batch)
    let ours = try rounds.run(
      model,
      on: DeviceExamples(
        try ReferenceVAE.examples(binary: true), binarization: .none, using: RandomSource(seed: 5)),
      precision: .float32
    ) { try race.turn() }
    let row = Row(name: "Helmholtz", kind: .ours, values: ours)
    let proportions = race.rows.map {
      String(format: "%@ takes %.2f times as long.", $0.name, $0.median / row.median)
    }
    return Finding(name: name, unit: "ms/step", rows: [row] + race.rows, notes: notes + race.notes + proportions)
  }

  private var entries: [PeerTeam.Entry] {
    ["default", "fused", "channels-last", "compile"].flatMap { variant in
      [false, true].map { tuned in
        PeerTeam.Entry(
          name: "PyTorch \(variant)\(tuned ? ", tuned malloc" : "")", script: "pixelcnn_torch.py",
          arguments: ["--variant", variant], tunedMalloc: tuned)
      }
    }
  }
}
