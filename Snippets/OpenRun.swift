// Open a run that `helmholtz train` made: draw from its model and measure it.
//
//     swift run -c release OpenRun runs/vae-strokes-1@best

import Datasets
import Evaluation
import Runs
import Torch

// snippet.opening
let run = try Run.open(CommandLine.arguments.dropFirst().first ?? "runs/vae-strokes-1")
let rng = run.random(1)
// snippet.end

// snippet.sampling
let samples = try run.samples(16, using: rng)  // [16] + the shape of one example
try samples.writeNPY(to: "samples.npy")
// snippet.end

// snippet.evaluation
var options = MeasuringOptions(place: .fromEnvironment())
options.limit = 1000
let test = Selection(reportedOf: try run.dataset())
for found in try run.measure([.iwae(samples: 100)], on: test, options).values {
  print(found.metric, found.value, found.unit)
}
// snippet.end
