import Datasets
import Foundation
import Generative
import Torch
import Training

/// One training step of an ADGM with few labels, by the trainer that every run uses, and the memory that it takes.
struct FewLabelsBenchmark: Benchmark {
  private let plan: Plan
  private let team: PeerTeam

  private static let classes = 10
  private static let batch = 100
  private static let labels = 100
  private static let warmup = 10
  /// Steps whose memory is looked at.
  private static let memorySteps = 10
  /// About how many times longer than a step of the reference VAE it takes: it makes fewer steps by that factor.
  private static let share = 10

  init(_ plan: Plan, _ team: PeerTeam) {
    self.plan = plan
    self.team = team
  }

  let name =
    "ADGM step, 784-500-500, a = z = 100, \(labels) labelled + \(batch) unlabelled, \(classes) classes"

  /// The authors' networks for MNIST, with one draw of `a`.
  private static func model() -> AuxiliaryModel {
    var design = AuxiliaryDesign()
    design.classes = classes
    // A tenth of how many examples there are for each labelled one.
    design.alpha = 60
    return AuxiliaryModel(ReferenceVAE.shape, .bernoulli, design, using: RandomSource(seed: 1))
  }

  /// The authors' rate and limits of gradients, and their prior on weights over 60,000 examples.
  private static var options: TrainingOptions {
    var options = TrainingOptions()
    options.model.learningRate = .constant(3e-4)
    var adam = Adam.Options()
    adam.weightDecay = 1.0 / 60_000
    options.model.optimizer = .adam(adam)
    options.model.clipping = GradientClipping(norm: 5, value: 1)
    return options
  }

  /// Bytes that every batch binarizes anew, and as many labelled ones as a step takes.
  private static func data() throws -> (train: DeviceExamples, labelled: ExampleBatches) {
    let train = try ReferenceVAE.examples(binary: false)
    let labelled = try Examples(
      name: "random bytes, labelled", storage: .bytes(RandomSource(seed: 3).bits(labels * 784 / 8).bytes()),
      shape: ReferenceVAE.shape, labels: (0..<Int32(labels)).map { $0 % Int32(classes) }, classCount: classes)
    return (
      DeviceExamples(train, binarization: .dynamic),
      ExampleBatches(
        DeviceExamples(labelled, binarization: .dynamic), batchSize: labels, seed: options.seed &+ 1)
    )
  }

  func run(_ earlier: [Finding]) throws -> Finding {
    let steps = max(1, plan.steps / Self.share)
    let (peers, notes) = team.start(entries, steps: steps, warmup: Self.warmup)
    defer { for peer in peers { peer.stop() } }
    var race = Race(peers.map { $0.lane() })
    let (train, labelled) = try Self.data()
    let rounds = TrainingRounds(warmup: Self.warmup, steps: steps, rounds: plan.rounds, batch: Self.batch)
    let ours = try rounds.run(
      Self.model(), on: train, labelled: labelled, precision: .float32, options: Self.options
    ) { try race.turn() }
    let row = Row(name: "Helmholtz", kind: .ours, values: ours)
    return Finding(
      name: name, unit: "ms/step", rows: [row] + race.rows,
      notes: notes + race.notes + best(row, race.rows) + (try memory(train, labelled, peers)))
  }

  private func best(_ ours: Row, _ peers: [Row]) -> [String] {
    guard let best = peers.min(by: { $0.median < $1.median }) else { return [] }
    return [String(format: "The best peer, %@, takes %.2f times as long.", best.name, best.median / ours.median)]
  }

  /// What a step of each needs beyond parameters and moments.
  private func memory(_ train: DeviceExamples, _ labelled: ExampleBatches, _ peers: [Peer]) throws -> [String] {
    let watch = StepMemory(warmup: Self.warmup, steps: Self.memorySteps)
    var options = Self.options
    options.duration = .steps(Self.warmup + Self.memorySteps)
    try withTemporaryRun { directory in
      _ = try Trainer(
        Self.model(),
        feeds: [
          .main: ExampleBatches(train, batchSize: Self.batch, seed: options.seed), .labelled: labelled,
        ], validation: nil, options: options, device: .cpu, run: directory, observer: watch
      ).run()
    }
    guard let ours = watch.megabytes else { return ["memory not measured: this system does not tell"] }
    let note = String(
      format: "Peak of resident memory in %d steps over the process at rest: %.1f MB.", Self.memorySteps, ours)
    return [note]
      + peers.map { peer in
        do {
          let megabytes = try peer.stepMegabytes()
          return String(format: "%@: %.1f MB, %.2f times as much.", peer.name, megabytes, megabytes / ours)
        } catch {
          return "memory not measured: \(error)"
        }
      }
  }

  private var entries: [PeerTeam.Entry] {
    [false, true].flatMap { tuned in
      [("default Adam", "default"), ("fused Adam", "fused"), ("compile", "compile")].map { name, variant in
        PeerTeam.Entry(
          name: "PyTorch \(name)\(tuned ? ", tuned malloc" : "")", script: "adgm_torch.py",
          arguments: ["--variant", variant], tunedMalloc: tuned)
      }
    }
  }
}
