import Datasets
import Foundation
import Torch
import Training

/// One training step of the reference VAE, by the trainer that every run uses.
struct StepBenchmark: Benchmark {
  /// What a batch costs.
  enum BatchSource {
    /// Binary examples are gathered and no more; peers hold one batch.
    case held
    /// Every batch is gathered, scaled and binarized afresh, by the peers too.
    case fresh
  }

  private let plan: Plan
  private let team: PeerTeam
  private let precision: Precision
  private let source: BatchSource

  /// The side of the square product that stands for the machine's best rate.
  private static let square = 2048

  init(_ plan: Plan, _ team: PeerTeam, precision: Precision, data: BatchSource) {
    self.plan = plan
    self.team = team
    self.precision = precision
    source = data
  }

  /// The row that data and other benchmarks are put in proportion to.
  static let referenceName = "VAE step, 784-500-500-50, batch 100"

  var name: String {
    Self.referenceName + (source == .fresh ? ", fresh binarization" : "")
      + (precision == .bf16 ? ", bf16" : "")
  }

  func run(_ earlier: [Finding]) throws -> Finding {
    if precision == .bf16, !Machine.hasBFloat16 {
      return Finding(
        name: name, unit: "ms/step", rows: [],
        notes: [
          "not measured: this processor has no bfloat16 instructions, and without them it is slower"
        ])
    }
    let model = ReferenceVAE.model()
    let products = StepProducts(of: model, batch: ReferenceVAE.batch)
    let (peers, notes) = team.start(entries, steps: plan.steps)
    defer { for peer in peers { peer.stop() } }
    var race = Race(
      peers.map { $0.lane(flops: products.flops) } + (precision == .float32 ? limits(products) : [])
    )
    let rounds = TrainingRounds(warmup: Plan.warmup, steps: plan.steps, rounds: plan.rounds)
    let ours = try rounds.run(
      model,
      on: DeviceExamples(
        try ReferenceVAE.examples(binary: source == .held),
        binarization: source == .held ? .none : .dynamic),
      precision: precision
    ) { try race.turn() }
    let row = Row(name: "Helmholtz", kind: .ours, values: ours, flops: products.flops)
    return Finding(
      name: name, unit: "ms/step", rows: [row] + race.rows,
      notes: notes + race.notes + proportions(row, race.rows))
  }

  /// The machine's matrix products in the same run, hot.
  private func limits(_ products: StepProducts) -> [Race.Lane] {
    let square = StepProducts.square(Self.square)
    let steps = max(1, plan.steps / 4)
    let squares = max(1, plan.steps / 50)
    return [
      Race.Lane(
        name: "limit: the step's matrix products alone", kind: .limit, flops: products.flops
      ) {
        milliseconds { for _ in 0..<steps { products.run() } } / Double(steps)
      },
      Race.Lane(name: "limit: sgemm \(Self.square)^3", kind: .limit, flops: square.flops) {
        milliseconds { for _ in 0..<squares { square.run() } } / Double(squares)
      },
    ]
  }

  private func proportions(_ ours: Row, _ others: [Row]) -> [String] {
    let rates = others.filter { $0.kind == .limit }.compactMap(\.gigaflops)
    var notes: [String] = []
    if let rate = ours.gigaflops, rates.count == 2 {
      notes.append(
        String(
          format:
            "The step runs at %.0f %% of the rate of its own products and %.0f %% of sgemm %d^3.",
          100 * rate / rates[0], 100 * rate / rates[1], Self.square))
    }
    if let best = others.filter({ $0.kind == .peer }).min(by: { $0.median < $1.median }) {
      notes.append(
        String(
          format: "The best peer, %@, takes %.2f times as long.", best.name,
          best.median / ours.median))
    }
    return notes
  }

  private var entries: [PeerTeam.Entry] {
    let data = source == .fresh ? ["--with-data"] : []
    let torch = { (name: String, variant: String, tuned: Bool) in
      PeerTeam.Entry(
        name: "PyTorch " + name + (tuned ? ", tuned malloc" : ""), script: "vae_torch.py",
        arguments: ["--variant", variant] + data + (precision == .bf16 ? ["--bf16"] : []),
        tunedMalloc: tuned)
    }
    let eager = [
      torch("default Adam", "default", false), torch("fused Adam", "fused", false),
      torch("compile", "compile", false), torch("default Adam", "default", true),
      torch("fused Adam", "fused", true), torch("compile", "compile", true),
    ]
    if precision == .bf16 { return eager }
    return eager
      + [false, true].map {
        PeerTeam.Entry(
          name: "JAX, jitted" + ($0 ? ", tuned malloc" : ""), script: "vae_jax.py", arguments: data,
          tunedMalloc: $0)
      }
  }
}
