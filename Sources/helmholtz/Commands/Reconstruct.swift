import ArgumentParser
import Runs

/// `helmholtz reconstruct RUN`
struct Reconstruct: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Encode examples and decode them again.",
    discussion: "Example:  helmholtz reconstruct runs/vae-mnist-1 --data mnist --out r.png")

  @OptionGroup var target: RunChoice
  @OptionGroup var source: ExampleSource
  @Option(help: "Number of examples.") var count = 32
  @Option(help: "File for a picture of pairs (.png) or an array of reconstructions (.npy).") var out: String
  @OptionGroup var seed: SeedOption

  func validate() throws {
    try check(count, "--count")
    try checkOutput(out, ".png", ".npy")
  }

  func run() throws {
    let run = try target.open(source.place)
    let x = try source.tensor(run, limit: count)
    try writeExamples(run.reconstructions(of: x, seed: seed.seed), besides: run.scaling.intensities(x), to: out)
  }
}
