// A model of your own: its conditionals, its round, a test of it, its training and its metrics.
//
//     swift run -c release OwnModel runs/denoiser

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

// snippet.conditionals
/// A VAE whose encoder sees examples under noise. Im et al. 2017.
final class DenoisingVAE: Game {
  /// q(z|x).
  let qz: GaussianNetwork
  /// p(x|z).
  let px: NetworkLikelihood
  /// p(z).
  let pz: StandardNormal
  private let noise: Double
  private let player: Player

  init(_ shape: [Int], latent: Int, noise: Double, using rng: RandomSource) {
    qz = GaussianNetwork(MLP(shape, hidden: [200], using: rng), dimension: latent, using: rng)
    px = NetworkLikelihood(MLP([latent], hidden: [200], using: rng), .bernoulli, shape: shape, using: rng)
    pz = StandardNormal(latent)
    self.noise = noise
    player = Player("denoiser", [qz, px])
  }

  var players: [Player] { [player] }
  // snippet.end

  // snippet.round
  /// -log p(x|z) and KL(q(z|x + noise), p(z)), nats, `[batch]` each.
  private func terms(_ x: Tensor, using rng: RandomSource) -> (reconstruction: Tensor, divergence: Tensor) {
    let q = qz(x + rng.normal(x.shape) * noise)
    let z = q.rsample([], using: rng)  // [batch, latent]
    return (-px(z).logProb(x), kl(q, pz))
  }

  func play(_ table: any Table) throws {
    let (reconstruction, divergence) = try terms(table.batch(.main).x, using: table.rng)
    let parts: [Loss.Term] = [.init("reconstruction", reconstruction), .init("kl", divergence)]
    try table.move(player, Loss(reconstruction + divergence, in: .nats, terms: parts))
  }
  // snippet.end

  // snippet.score
  /// Less than log p(x) on average, whatever the noise.
  var score: Score? {
    .bound { [self] batch, rng in
      let (reconstruction, divergence) = terms(batch.x, using: rng)
      return -(reconstruction + divergence)
    }
  }
}
// snippet.end

// snippet.capabilities
extension DenoisingVAE: ExplicitPosterior {
  var exampleShape: [Int] { px.shape }
  var prior: any CodePrior { pz }
  func likelihood(_ z: Tensor) -> any Distribution { px(z) }
  func encode(_ x: Tensor, using rng: RandomSource) -> Tensor { qz(x).mean }
  func posterior(_ x: Tensor) -> any ScoredSampler { qz(x) }
  func closedFormKL(_ x: Tensor) -> Tensor? { kl(qz(x), pz) }
}
// snippet.end

Runtime.tuneAllocator()

// snippet.test
let rng = RandomSource(seed: 1)
let model = DenoisingVAE([1, 28, 28], latent: 10, noise: 0.5, using: rng)
let table = Recorder([.main: Batch(x: rng.bernoulli(rng.uniform([4, 1, 28, 28])))], using: rng)
try model.play(table)
let loss = table.loss(of: "denoiser")
precondition(table.feedsRead == [.main] && table.moves.count == 1)
precondition(loss.value.shape == [4] && loss.terms.map(\.key) == ["reconstruction_nats", "kl_nats"])
for gradient in gradients(of: loss.value.mean(), in: model.parameters.map(\.value)) {
  precondition(gradient.abs().max().item() > 0)
}
// snippet.end

// snippet.data
var place = DatasetOptions.fromEnvironment()
place.trainCount = 6000
place.testCount = 1000
place.validation = .count(500)
let strokes = try Dataset.named("strokes", place)

/// A split on the device; every batch draws its pixels anew.
func examples(_ split: Split, of set: Dataset) throws -> DeviceExamples {
  DeviceExamples(try set.examples(split), binarization: .dynamic)
}

let train = try examples(.train, of: strokes)
let test = try examples(.test, of: strokes)
// snippet.end

// snippet.training
/// Prints the score of every validation.
final class Printer: TrainingObserver {
  func completed(step: Int, of total: Int) {}

  func logged(_ record: LogRecord) {
    guard record.kind == .validation, let score = record.values.first else { return }
    print(String(format: "step %d: %.2f nats", record.step, score.value))
  }
}

let run = RunDirectory(CommandLine.arguments.dropFirst().first ?? "runs/denoiser")
let lock = try run.create(configuration: "# made by OwnModel.swift\n")
var options = TrainingOptions()
options.duration = .epochs(5)
options.model.learningRate = .constant(1e-3)
options.model.average = 0.99
let trainer = try Trainer(
  model, feeds: [.main: ExampleBatches(train, batchSize: 100, seed: 1)],
  validation: examples(.validation, of: strokes), options: options, device: .cpu, run: run, observer: Printer())
_ = try withExtendedLifetime(lock) { try trainer.run() }
try Checkpoint(contentsOf: run.checkpoint(.best)).load(into: model, averaged: true)
// snippet.end

// snippet.measuring
let subject = Subject(
  "denoiser", model, on: .test, dataName: "strokes", MeasuringOptions(place: place), examples: { test },
  trainingExamples: { _ in train }, images: { try strokes.test }, trainingImages: { try strokes.train })
for value in try subject.measure([.elbo(samples: 1), .iwae(samples: 100), .activeUnits]) {
  print(value.metric, value.value, value.unit)
}
// snippet.end

// snippet.pictures
let samples = Pictures.samples(of: model, count: 64, using: rng)
try ImageGrid(Pictures.images(samples), columns: 8).render()
  .write(to: URL(fileURLWithPath: run.figures + "/samples.png"))
// snippet.end
