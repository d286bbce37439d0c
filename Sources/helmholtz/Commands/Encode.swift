import ArgumentParser
import Runs
import Torch

/// `helmholtz encode RUN`
struct Encode: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the codes of examples.",
    discussion: "Example:  helmholtz encode runs/vae-mnist-1 --data mnist --out z.npy")

  @OptionGroup var target: RunChoice
  @OptionGroup var source: ExampleSource
  @Option(help: "Encode only the first N examples.") var limit: Int?
  @Option(help: "File for the codes, [n, latent] (.npy).") var out: String
  @OptionGroup var seed: SeedOption

  func validate() throws {
    try check(limit, "--limit", in: 1...Int.max)
    try checkEnding(out, ".npy")
  }

  func run() throws {
    let run = try target.open(source.place)
    let selection = try source.selection(run)
    let examples = try run.examples(selection.split, of: selection.dataset, limit: limit)
    let codes = try run.codes(of: examples, using: run.random(seed.seed))
    try codes.writeNPY(to: out)
    print("\(out): codes of \(examples.count) examples, \(codes.size(1)) dimensions")
  }
}
