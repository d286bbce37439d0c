// Open a run that `helmholtz train` made: draw from its model and measure it.
//
//     swift run -c release OpenRun runs/vae-strokes-1@best

import Datasets
import Evaluation
import Experiments
import Foundation
import Generative
import Torch
import Training

Runtime.tuneAllocator()
let session = try Session.open(
  RunReference(CommandLine.arguments.dropFirst().first ?? "runs/vae-strokes-1"))
let rng = session.random(1)

// snippet.sampling
let samples = withoutGradients {
  let z = session.model.prior.sample([16], using: rng)  // [16, latent]
  return session.model.likelihood(z).mean  // [16] + the shape of one example
}
try samples.writeNPY(to: "samples.npy")
// snippet.end

// snippet.evaluation
let dataset = try session.settings.data.dataset()
let test = try session.examples(.test, of: dataset, limit: 1000)
// A model whose posterior has no density has no bound, and does not get here.
if let model = session.model as? any ExplicitPosterior {
  let iwae = try evaluate([.iwae(samples: 100)], of: model, on: test, using: rng)[0]
  print(String(format: "IWAE-100: %.2f ± %.2f nats", iwae.mean, iwae.standardError))
}
// snippet.end
