import Datasets
import Foundation
import Testing
import Torch

@Suite("Posteriors beyond a Gaussian from the command line")
struct RichPosteriorCommandTests {
  /// `x.npy`: 41 grey images of 8 x 8, one more than four batches of 10, and what trains a small model on them.
  private static func train(_ tool: Tool, _ model: String) throws -> [String] {
    try (RandomSource(seed: 3).uniform([41, 1, 8, 8]) * 255).to(.uint8).writeNPY(to: tool.path("x.npy"))
    let hamiltonian = ["hamiltonian.steps=3", "hamiltonian.hidden=[8]", "encoder.network=conv", "decoder.network=conv"]
    let changes =
      ["encoder.hidden=[8]", "decoder.hidden=[8]", "latent.dimensions=4", "training.batchSize=10", "data.validation=0"]
      + (model == "hvi"
        ? hamiltonian + ["encoder.channels=[2, 3]", "decoder.channels=[3, 2]"] : ["posterior.length=3"])
    return ["train", model, "--data", "x.npy", "--threads", "1", "--quiet", "--steps", "6"]
      + changes.flatMap { ["--set", $0] }
  }

  @Test(
    "trained, they draw, reconstruct, interpolate and encode, are measured and described, and go on to the same bits",
    arguments: ["vae-planar", "vae-iaf", "hvi"])
  func uses(_ model: String) throws {
    try Tool.run { tool in
      let train = try Self.train(tool, model)
      try tool.succeed(train + ["--run", "r"])
      try tool.succeed(train + ["--run", "short", "--steps", "3"])
      try tool.succeed("resume", "short", "--steps", "6", "--quiet")
      #expect(try tool.state("short") == tool.state("r"))
      try tool.succeed("sample", "r", "--count", "3", "--out", "s.npy")
      try tool.succeed("reconstruct", "r", "--data", "x.npy", "--count", "3", "--out", "y.npy")
      try tool.succeed("interpolate", "r", "--pairs", "2", "--steps", "3", "--data", "x.npy", "--out", "i.npy")
      try tool.succeed("encode", "r", "--data", "x.npy", "--limit", "5", "--out", "z.npy")
      #expect(try DataArray(contentsOf: tool.path("z.npy"), .npy).shape == [5, 4])
      let evaluate = ["evaluate", "r", "--data", "x.npy", "--limit", "5", "--json", "--metrics"]
      let found = try tool.succeed(evaluate + ["elbo:4,iwae:8,ais,active-units,bpd:4", "--temperatures", "10"])
      let values = try #require(try JSONSerialization.jsonObject(with: Data(found.output.utf8)) as? [[String: Any]])
      #expect(values.count == 5 && values.allSatisfy { ($0["mean"] as? Double)?.isFinite == true }, "\(found.output)")
      let kl = try tool(evaluate + ["kl"])
      #expect(kl.status == (model == "hvi" ? 1 : 0))
      if model == "hvi" { #expect(kl.errors.hasPrefix("Error: kl: hvi has no density of its posterior; ask elbo, ")) }
      #expect(try tool.succeed("describe", "r").output.contains(model == "hvi" ? "3 leapfrog steps" : "then 3 "))
      let config = try tool.succeed("config", model).output
      #expect(config.contains(model == "hvi" ? "\nhamiltonian:\n  steps: 16" : "\nposterior:\n  family: "))
    }
  }

  @Test("inverse autoregressive layers of one number are refused in a sentence, and no directory is made")
  func oneDimension() throws {
    try Tool.run { tool in
      let finished = try tool(Self.train(tool, "vae-iaf") + ["--set", "latent.dimensions=1", "--run", "r"])
      #expect(finished.status == 1 && !tool.exists("r"))
      #expect(
        finished.errors.split(separator: "\n").last
          == "Error: latent.dimensions: posterior.family iaf needs at least 2 dimensions, got 1")
    }
  }
}
