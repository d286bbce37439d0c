import Datasets
import Foundation
import Torch

/// An epoch of MNIST's size read in shuffled, freshly binarized batches, augmented or not.
struct BatchBenchmark: Benchmark {
  private let plan: Plan
  private let team: PeerTeam

  private let augments: Bool

  var name: String {
    "MNIST epoch of shuffled, \(augments ? "flipped, shifted, " : "")freshly binarized batches of 100"
  }

  init(_ plan: Plan, _ team: PeerTeam, augments: Bool) {
    self.plan = plan
    self.team = team
    self.augments = augments
  }

  func run(_ earlier: [Finding]) throws -> Finding {
    let examples = DeviceExamples(
      try ReferenceVAE.examples(binary: false),
      Preparation(
        binarization: .dynamic, augmentation: augments ? Augmentation(flips: true, shift: 2) : Augmentation()))
    let augment = augments ? ["--augment"] : []
    let order = BatchOrder(count: examples.count, batchSize: ReferenceVAE.batch, seed: 1)
    let rng = RandomSource(seed: 6)
    let (peers, notes) = team.start(
      [
        .init(name: "PyTorch DataLoader", script: "dataloader_torch.py", arguments: augment),
        .init(
          name: "PyTorch indexing", script: "dataloader_torch.py",
          arguments: ["--variant", "index"] + augment),
        .init(
          name: "PyTorch indexing, tuned malloc", script: "dataloader_torch.py",
          arguments: ["--variant", "index"] + augment, tunedMalloc: true),
      ], steps: order.batchesPerEpoch)
    defer { for peer in peers { peer.stop() } }
    var next = 0
    let epoch = {
      try withoutGradients {
        for _ in 0..<order.batchesPerEpoch {
          _ = try examples.batch(order.indices(at: next), using: rng)
          next += 1
        }
      }
    }
    try epoch()
    var race = Race(
      [
        Race.Lane(name: "Helmholtz", kind: .ours) {
          try milliseconds(epoch) / Double(order.batchesPerEpoch)
        }
      ] + peers.map { $0.lane() })
    for _ in 0..<plan.rounds { try race.turn() }
    return Finding(
      name: name, unit: "ms/batch", rows: race.rows,
      notes: notes + race.notes + share(race.rows[0], earlier))
  }

  private func share(_ ours: Row, _ earlier: [Finding]) -> [String] {
    guard let step = earlier.first(where: { $0.name == StepBenchmark.referenceName })?.ours else {
      return []
    }
    return [
      String(format: "A batch costs %.1f %% of the VAE's step.", 100 * ours.median / step.median)
    ]
  }
}
