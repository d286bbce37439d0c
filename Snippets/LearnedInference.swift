// A game of your own under the library's trainer: adversarially learned inference (Dumoulin et al. 2017), one critic of
// pairs (x, z) between an encoder and a generator.
//
//     swift run -c release LearnedInference runs/learned-inference

import Datasets
import Generative
import Networks
import Probability
import Torch
import Training

/// The pairs (x, E(x)) of data and (G(z), z) of the prior, which both sides make alike.
final class LearnedInference: Game {
  let encoder, generator: any Network
  let critic: CodeCritic
  let pz: StandardNormal
  let sides, judge: Player

  init(inputs: Int, codes: Int, using rng: RandomSource) {
    pz = StandardNormal(codes)
    encoder = ShapedNetwork(MLP([inputs], hidden: [64], using: rng), shape: [codes], using: rng)
    generator = ShapedNetwork(MLP([codes], hidden: [64], using: rng), shape: [inputs], using: rng)
    critic = CodeCritic(MLP([inputs + codes], hidden: [64, 64], using: rng), using: rng)
    sides = Player("sides", [encoder, generator])
    judge = Player("critic", side: .adversary, [critic])
  }

  var players: [Player] { [sides, judge] }

  func play(_ table: any Table) throws {
    let x = try table.batch(.main).x
    let z = pz.sample([x.size(0)], using: table.rng)
    let made = critic(.concatenated([generator(z), z], axis: -1))
    let read = critic(.concatenated([x, encoder(x)], axis: -1))
    // Each side is fooled by the other: -log sigmoid(-V) of what is generated, -log sigmoid(V) of what is encoded.
    let fooled = made.values.softplus() + (-read.values).softplus()
    let objective = AdversarialObjective.jensenShannon
    try table.move([(sides, Loss(fooled)), (judge, Loss(-objective.divergence(q: made, p: read)))])
  }
}

let rng = RandomSource(seed: 1)
let points = try Dataset.named("eight-gaussians", .fromEnvironment())
let run = RunDirectory(CommandLine.arguments.dropFirst().first ?? "runs/learned-inference")
let lock = try run.create(configuration: "# made by LearnedInference.swift\n")
let trainer = try Trainer(
  LearnedInference(inputs: 2, codes: 2, using: rng),
  feeds: [.main: ExampleBatches(DeviceExamples(points.train, binarization: .none), batchSize: 100, seed: 1)],
  validation: nil,
  options: TrainingOptions(), device: .cpu, run: run, observer: SilentObserver())
_ = try withExtendedLifetime(lock) { try trainer.run() }
