import ArgumentParser
import Runs
import Torch

/// `helmholtz interpolate RUN`
struct Interpolate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Decode the path between the codes of examples, or between draws from the prior.",
    discussion: """
      Example:  helmholtz interpolate runs/vae-mnist-1 --path spherical --out walk.png

      A row goes from one example to the next: from the first to the second, from the third to the fourth.
      """)

  @OptionGroup var target: RunChoice
  @OptionGroup var source: ExampleSource
  @Flag(help: "Go between draws from the prior instead of codes of examples.") var prior = false
  @Option(help: "Number of paths, one per row.") var pairs = 8
  @Option(help: "Number of points on each path, both ends included.") var steps = 10
  @Option(help: "Shape of the path: linear or spherical.") var path = InterpolationPath.linear
  @Option(help: "File for a picture (.png) or an array [pairs, steps, ...] (.npy).") var out: String
  @OptionGroup var seed: SeedOption

  func validate() throws {
    try check(pairs, "--pairs", in: 1...10_000)
    try check(steps, "--steps", in: 2...10_000)
    try checkOutput(out, ".png", ".npy")
    if prior { try source.refuse(because: "--prior goes between draws from the prior") }
  }

  func run() throws {
    let run = try target.open(source.place)
    // Two examples for every pair.
    let x = try prior ? nil : source.tensor(run, limit: 2 * pairs, atLeast: 2 * pairs)
    try writeRows(
      run.interpolation(pairs, steps: steps, path: path, of: x, seed: seed.seed), columns: steps, to: out)
  }
}

extension InterpolationPath: ExpressibleByArgument {}
