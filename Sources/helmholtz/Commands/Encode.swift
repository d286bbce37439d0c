import ArgumentParser
import Runs
import Torch

/// `helmholtz encode RUN`
struct Encode: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the codes of examples.",
    discussion: """
      Example:  helmholtz encode runs/vae-mnist-1 --data mnist --out z.npy

      A code is the mean of q(z|x), or a draw where that has none. Grey pixels are cut at one half for a model of binary \
      pixels, not drawn, so that a picture has one code wherever it stands (see data.testBinarization). Rows are in the \
      order of the data; files of a folder are in natural order, img2 before img10.
      """)

  @OptionGroup var target: RunChoice
  @OptionGroup var source: ExampleSource
  @Option(help: "Encode only the first N examples.") var limit: Int?
  @Option(help: "File for the codes, [n, latent] (.npy).") var out: String
  @OptionGroup var seed: SeedOption

  func validate() throws {
    try check(limit, "--limit", in: 1...Int.max)
    try checkOutput(out, ".npy")
  }

  func run() throws {
    let run = try target.open(source.place)
    let examples = try source.examples(run, limit: limit)
    let codes = try run.codes(of: examples, seed: seed.seed)
    try codes.writeNPY(to: out)
    print("\(out): codes of \(examples.count) examples, \(codes.size(1)) dimensions")
  }
}
