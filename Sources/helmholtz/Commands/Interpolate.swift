import ArgumentParser
import Runs
import Torch

/// `helmholtz interpolate RUN`
struct Interpolate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Decode the path between the codes of examples, or between draws from the prior.",
    discussion: "Example:  helmholtz interpolate runs/vae-mnist-1 --path spherical --out walk.png")

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
    try checkEnding(out, ".png", ".npy")
  }

  func run() throws {
    let run = try target.open(source.place)
    let rng = run.random(seed.seed)
    let x = try prior ? nil : ends(run, rng)
    try writeRows(run.interpolation(pairs, steps: steps, path: path, of: x, using: rng), columns: steps, to: out)
  }

  /// Two examples for every pair.
  private func ends(_ run: Run, _ rng: RandomSource) throws -> Tensor {
    let selection = try source.selection(run)
    let examples = try run.examples(selection.split, of: selection.dataset, limit: 2 * pairs)
    guard examples.count == 2 * pairs else {
      throw RunError.tooFew("data '\(selection.dataset.info.name)'", expected: 2 * pairs, found: examples.count)
    }
    return try examples.batch(0..<2 * pairs, using: rng).x
  }
}

extension InterpolationPath: ExpressibleByArgument {}
