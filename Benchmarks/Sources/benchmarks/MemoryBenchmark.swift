import Datasets
import Foundation
import Torch
import Training

/// Whether a long run holds on to tensors or memory.
struct MemoryBenchmark: Benchmark {
  private let plan: Plan
  private let steps: Int

  var name: String { "Memory over \(steps) training steps" }

  init(_ plan: Plan, steps: Int) {
    self.plan = plan
    self.steps = steps
  }

  func run(_ earlier: [Finding]) throws -> Finding {
    let watch = Watch(at: [max(1, steps / 10), steps])
    var options = TrainingOptions()
    options.duration = .steps(steps)
    let examples = DeviceExamples(
      try ReferenceVAE.examples(binary: false), binarization: .dynamic)
    try withTemporaryRun { directory in
      _ = try Trainer(
        ReferenceVAE.model(),
        feeds: [.main: ExampleBatches(examples, batchSize: ReferenceVAE.batch, seed: options.seed)], validation: nil,
        options: options, device: .cpu, run: directory, observer: watch
      ).run()
    }
    let seen = watch.seen
    guard seen.count == 2 else {
      return Finding(
        name: name, unit: "", rows: [], notes: ["not measured: it takes at least 2 steps"])
    }
    let rows = seen.flatMap { look in
      [
        Row(
          name: "live tensors after \(look.step) steps", kind: .ours, values: [Double(look.tensors)]
        ),
        look.megabytes.map {
          Row(name: "resident MB after \(look.step) steps", kind: .ours, values: [$0])
        },
      ].compactMap(\.self)
    }
    let growth = seen[1].tensors - seen[0].tensors
    return Finding(
      name: name, unit: "", rows: rows,
      notes: [growth == 0 ? "No tensor is held on to." : "Live tensors changed by \(growth)."])
  }
}

/// Looks at the process at some steps of a run.
private final class Watch: TrainingObserver {
  private let steps: Set<Int>
  private(set) var seen: [(step: Int, tensors: Int, megabytes: Double?)] = []

  init(at steps: Set<Int>) { self.steps = steps }

  func completed(step: Int, of total: Int) {
    if steps.contains(step) { seen.append((step, Runtime.liveTensors, Machine.residentMegabytes)) }
  }

  func logged(_ record: LogRecord) {}
}
