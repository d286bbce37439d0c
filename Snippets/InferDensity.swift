// Infer a density of your own by adversarial variational Bayes with adaptive contrast, and ask how good the draws are.
//
//     swift run -c release InferDensity

import Inference
import Runs
import Torch
import Training

// snippet.infer
/// A ring in the plane, up to a constant: points [n, 2] to log densities [n].
let ring = Target("ring", columns: ["x", "y"]) { z in (z.square().sum(-1).sqrt() - 2).square() * -8 }

var settings = InferenceSettings(.avbAC)
settings.iterations = 1000
settings.samples = 5000
// Killed and run again, it goes on where it was; runs/ring/report.html has curves and densities.
let run = try InferenceRun(ring, settings)
if let (draws, result) = try run.carryOut(in: RunDirectory("runs/ring")) {
  print("\(draws.shape) draws, approximate bound \(result.bound.value ?? .nan) nats")
  print("mean square \(draws.square().sum(1).mean().item())")
}
// snippet.end
