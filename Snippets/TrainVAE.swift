// Train a VAE whose encoder is a network of your own, measure it, and draw from it.
// `OwnModel.swift` has a model of your own, `TrainRun.swift` a system of the catalog.
//
//     swift run -c release TrainVAE runs/my-vae

import Datasets
import Evaluation
import Figures
import Foundation
import Generative
import Networks
import Probability
import Runs
import Torch
import Training

// snippet.network
/// An affine layer, and a second one with a shortcut around it.
final class ResidualNetwork: Network {
  private let input: Linear
  private let hidden: Linear

  init(_ inputs: Int, width: Int, using rng: RandomSource) {
    input = Linear(inputs, width, using: rng)
    hidden = Linear(width, width, using: rng)
  }

  var outputShape: [Int] { [input.weight.value.size(0)] }

  var summary: String { "residual \(input.weight.value.size(1))-\(outputShape[0])" }

  /// Images `[batch, channels, height, width]` to features `[batch, width]`.
  func callAsFunction(_ x: Tensor) -> Tensor {
    let h = input(x.flattened(from: 1)).relu()
    return h + hidden(h).relu()
  }
}
// snippet.end

// snippet.data
Runtime.tuneAllocator()
var place = DatasetOptions.fromEnvironment()
place.trainCount = 6000
place.testCount = 1000
place.validation = .fraction(1.0 / 12)
let strokes = try Dataset.named("strokes", place)

let rng = RandomSource(seed: 1)

/// A split on the device; every batch draws its pixels anew.
func examples(_ split: Split, of set: Dataset, using rng: RandomSource) throws -> DeviceExamples {
  DeviceExamples(try set.examples(split), binarization: .dynamic)
}
// snippet.end

// snippet.model
let latent = 10
let shape = strokes.info.shape
let model = Autoencoder(
  qz: GaussianNetwork(
    ResidualNetwork(shape.reduce(1, *), width: 300, using: rng), dimension: latent, using: rng),
  px: NetworkLikelihood(
    MLP([latent], hidden: [300, 300], using: rng), .bernoulli, shape: shape, using: rng),
  pz: StandardNormal(latent), regularizer: ClosedFormKL())
// snippet.end

// snippet.training
/// Prints the bound after each epoch.
final class Printer: TrainingObserver {
  func completed(step: Int, of total: Int) {}

  func logged(_ record: LogRecord) {
    guard record.kind == .validation, let epoch = record.epoch, let bound = record.values.first
    else { return }
    print(String(format: "epoch %.0f: %.2f nats", epoch, bound.value))
  }
}

let run = RunDirectory(CommandLine.arguments.dropFirst().first ?? "runs/my-vae")
let lock = try run.create(configuration: "# made by TrainVAE.swift\n")
var options = TrainingOptions()
options.duration = .epochs(5)
let trainer = try Trainer(
  model, feeds: [.main: ExampleBatches(examples(.train, of: strokes, using: rng), batchSize: 100, seed: 1)],
  validation: examples(.validation, of: strokes, using: rng), options: options, device: .cpu, run: run,
  observer: Printer())
_ = try withExtendedLifetime(lock) { try trainer.run() }
// snippet.end

// snippet.evaluation
try Checkpoint(contentsOf: run.checkpoint(.best)).load(into: model)
let bounds = [Bound.elbo(samples: 1), .iwae(samples: 100)]
let test = try examples(.test, of: strokes, using: rng)
let estimates = try evaluate(bounds, of: model, on: test, seed: 1)
for (bound, estimate) in zip(bounds, estimates.map(\.bound)) {
  print(
    String(format: "%.2f ± %.2f", estimate.mean, estimate.standardError ?? .nan), bound.unit, bound.name)
}
// snippet.end

// snippet.sampling
let samples = Pictures.samples(of: model, count: 64, using: rng)
try ImageGrid(Pictures.images(samples), columns: 8).render()
  .write(to: URL(fileURLWithPath: run.figures + "/samples.png"))
// snippet.end
