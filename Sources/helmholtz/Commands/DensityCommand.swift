import ArgumentParser
import Datasets
import Evaluation
import Foundation
import Runs
import Torch

/// `helmholtz density RUN`
struct DensityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "density", abstract: "Log density of examples under a model, in nats.",
    discussion: """
      Example:  helmholtz density runs/realnvp-mine-1 --x x.npy --out logp.npy

      More:

        helmholtz density runs/vae-mnist-1 --samples 1000 --limit 100 --json

      The density is that of examples as the model sees them: numbers as they are, pixels in the units of data.scaling. It is \
      exact for a flow or a mixture. Latent variables leave a lower bound from --samples codes of each example, iwae:K of \
      'helmholtz evaluate', and what is printed says so. A row of --out is an example, in the order of the data.
      """)

  @OptionGroup var target: RunChoice
  @Option(help: "File of rows, all of which are taken (default: the run's own data, or --data).") var x: String?
  @OptionGroup var source: ExampleSource
  @Option(help: "Use only the first N examples.") var limit: Int?
  @Option(help: "Number of codes drawn per example, for a model with latent variables.") var samples: Int?
  @OptionGroup var seed: SeedOption
  @OptionGroup var output: RowOutput

  func validate() throws {
    try check(limit, "--limit", in: 1...Int.max)
    try check(samples, "--samples")
    if x != nil, source.data != nil { throw ValidationError("Give --x or --data, not both.") }
    if x != nil, source.split != nil { throw ValidationError("--split has no effect: --x takes all rows") }
  }

  func run() throws {
    let run = try target.open(source.place)
    let density = try run.model(as: .logDensity)
    let name = run.settings.model
    switch (density, samples) {
    case (.exact, .some): throw ValidationError("--samples has no effect: the density of \(name) is exact")
    case (.bounded, nil):
      throw ValidationError("--samples: \(name) has latent variables; give a number of codes to bound its density")
    default: break
    }
    var source = source
    if let x {
      guard Dataset.isFile(x) else { throw ValidationError("--x: expected a file of rows, got '\(x)'") }
      source.data = x
    }
    let selection = try source.selection(run)
    let examples = try run.examples(selection.split, of: selection.dataset, limit: limit, for: .measuring)
    let meter = Meter("density")
    defer { meter.finish() }
    let (rows, kind): (Tensor, MetricResult.Conventions) = try withTensorErrors {
      let progress = { (done: Int) in meter.show(done, examples.count) }
      switch density {
      case .exact(let model):
        return (
          try logDensities(model, on: examples, seed: seed.seed, progress: progress), [("density", .text("exact"))]
        )
      case .bounded(let model):
        let bound = Bound.iwae(samples: samples!)
        let found = try evaluate([bound], of: model, on: examples, seed: seed.seed, progress: progress)[0]
        return (
          Tensor(found.bound.values),
          [("density", .text("importance-weighted lower bound")), ("samples", .count(samples!))]
        )
      }
    }
    meter.finish()
    let estimate = Estimate(rows.array(Double.self))
    try output.show(
      "density", rows,
      [("standard_error", Convention(estimate.standardError)), ("split", .text(selection.name))] + kind)
  }
}
