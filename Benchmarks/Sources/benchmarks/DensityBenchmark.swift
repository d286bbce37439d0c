import Datasets
import Generative
import Networks
import Torch

/// One training step of a flow of affine couplings, by the trainer that every run uses.
struct DensityBenchmark: Benchmark {
  let name = "RealNVP step, 16 couplings of 2 x 256, 32 dimensions, batch 256"
  private let plan: Plan
  private let team: PeerTeam

  private static let (dimension, couplings, hidden) = (32, 16, [256, 256])
  private static let batch = 256
  private static let warmup = 10
  /// About how many times longer than a step of the reference VAE it takes: it makes fewer steps by that factor.
  private static let share = 4

  init(_ plan: Plan, _ team: PeerTeam) {
    self.plan = plan
    self.team = team
  }

  func run(_ earlier: [Finding]) throws -> Finding {
    let steps = max(1, plan.steps / Self.share)
    let (peers, notes) = team.start(entries, steps: steps, warmup: Self.warmup)
    defer { for peer in peers { peer.stop() } }
    let rng = RandomSource(seed: 1)
    let model = FlowModel(
      [Self.dimension],
      CouplingFlow(Self.dimension, couplings: Self.couplings, hidden: Self.hidden, using: rng))
    let products = StepProducts(of: model, batch: Self.batch)
    var race = Race(peers.map { $0.lane(flops: products.flops) })
    let count = 20_000
    let examples = try Examples(
      name: "normal numbers", storage: .floats(rng.normal([count, Self.dimension]).array()), shape: [Self.dimension])
    let rounds = TrainingRounds(warmup: Self.warmup, steps: steps, rounds: plan.rounds, batch: Self.batch)
    let ours = try rounds.run(
      model, on: DeviceExamples(examples, binarization: .none), precision: .float32
    ) { try race.turn() }
    let row = Row(name: "Helmholtz", kind: .ours, values: ours, flops: products.flops)
    let notable = race.rows.map {
      String(format: "%@ takes %.2f times as long.", $0.name, $0.median / row.median)
    }
    return Finding(name: name, unit: "ms/step", rows: [row] + race.rows, notes: notes + race.notes + notable)
  }

  /// Masks as scripts have them, which multiply by their zeros, and halves, which do not.
  private var entries: [PeerTeam.Entry] {
    [("masks", "default"), ("masks", "fused"), ("halves", "default"), ("halves", "fused")].flatMap { form, variant in
      [false, true].map { tuned in
        PeerTeam.Entry(
          name: "PyTorch, \(form), \(variant) Adam\(tuned ? ", tuned malloc" : "")", script: "realnvp_torch.py",
          arguments: ["--form", form, "--variant", variant, "--batch", "\(Self.batch)"], tunedMalloc: tuned)
      }
    }
  }
}
