// Fit a Gaussian with any covariance to a density of your own, and draw from the density by NUTS.
//
//     swift run -c release FitDensity

import Generative
import Inference
import Probability
import Torch

// snippet.target
/// A banana: x ~ N(0, 1) and y ~ N(x^2 / 4, 1), without their constants.
let banana = Target("banana", columns: ["x", "y"], logNormalizer: 1.8379) { z in
  let (x, y) = (z.at(0, axis: 1), z.at(1, axis: 1))
  return (x.square() + (y - x.square() * 0.25).square()) * -0.5  // [n]
}
// snippet.end

// snippet.fit
var design = GaussianFit.Design()
design.covariance = .full
let rng = RandomSource(seed: 1)
let fit = GaussianFit(banana, design, using: rng)
let adam = Adam(fit.parameters)
for step in 0..<1000 {
  // A table without data: it moves the one player of the game. `Trainer` adds logs and checkpoints.
  let table = Recorder(clock: Clock(step: step), using: rng) { moves in
    for (player, loss) in moves {
      adam.step(gradients(of: loss.value.mean(), in: player.parameters.map(\.value)), rate: 0.01)
    }
  }
  try fit.play(table)
}
print("bound \(fit.bound(count: 10_000, using: rng).mean().item()), log Z \(banana.logNormalizer ?? .nan)")
print("q has the mean \(fit.q.mean.array(Float.self))")
// snippet.end

// snippet.sample
let nuts = sampleChains(NUTS(), of: banana, warmup: 500, draws: 1000, using: rng)
print("the chain's mean is \(nuts.values.mean(0).array(Float.self)), \(nuts.divergences) divergences")
// snippet.end
