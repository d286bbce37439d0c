import ArgumentParser
import Datasets
import Evaluation
import Runs
import Torch

/// `helmholtz decode RUN`
struct Decode: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Decode codes of your own, such as some that were changed.",
    discussion: """
      Example:  helmholtz decode runs/vae-mnist-1 --codes z.npy --out x.png

      Codes are rows of numbers as 'helmholtz encode' writes them.
      """)

  @OptionGroup var target: RunChoice
  @Option(help: "Array of codes, [n, latent].") var codes: String
  @OptionGroup var form: ArrayOptions
  @Flag(help: "Draw x from p(x|z) instead of showing its mean; a pixelcnn always does.") var noise = false
  @Option(help: "File for a picture (.png) or an array (.npy).") var out: String
  @OptionGroup var seed: SeedOption

  func validate() throws { try checkOutput(out, ".png", ".npy") }

  func run() throws {
    let run = try Run.open(target.reference)
    let length = try run.model(as: .decoder).prior.dimension
    let z = try form.input([codes]).matrix(codes)
    let shape = try form.input([codes]).tensor(codes).shape
    guard shape.count == 2, z.size(1) == length else {
      throw RunError.codes(codes, expected: "codes of \(length) numbers", found: "shape \(shape)")
    }
    try writeExamples(run.decoded(z.to(.float32).to(run.device), as: noise ? .draws : .means, seed: seed.seed), to: out)
  }
}
