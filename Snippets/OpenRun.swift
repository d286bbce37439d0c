// Open a run that `helmholtz train` made: draw from its model and measure it.
//
//     swift run -c release OpenRun runs/vae-strokes-1@best

import Datasets
import Evaluation
import Generative
import Runs
import Torch
import Training

// snippet.opening
// The model at that checkpoint, with averaged weights where the run keeps some. The data are not read yet.
let run = try Run.open(CommandLine.arguments.dropFirst().first ?? "runs/vae-strokes-1")
let rng = run.random(1)
print("\(run.settings.model) of examples \(run.facts.shape) at step \(run.checkpoint?.progress.step ?? 0)")
// snippet.end

// snippet.sampling
try run.samples(16, seed: 1).writeNPY(to: "samples.npy")  // [16] + the shape of one example
// snippet.end

// snippet.capability
// A model that has no codes is refused here, in a sentence that says what it has.
let decoder = try run.model(as: .decoder)
let z = decoder.prior.sample([4], using: rng)  // [4, latent]
let decoded = withoutGradients { decoder.decode(z, as: .means, using: rng) }
print("four examples, \(decoder.portrayal): shape \(decoded.shape)")
// snippet.end

// snippet.evaluation
var options = MeasuringOptions(place: run.place)
options.limit = 1000
let selection = try Selection(reportedOf: run.dataset())
let measured = try run.measure([.elbo(samples: 1), .iwae(samples: 100)], on: selection, options)
for value in measured.values {
  print(value.metric, value.value, "±", value.standardError ?? .nan, value.unit, "on", selection.name)
}
// snippet.end
