import Datasets
import Foundation
import Testing
import Torch

@Suite("Adversarial variational Bayes from the command line")
struct AdversarialBayesCommandTests {
  /// `x.npy`: 41 binary images of 8 x 8, one more than four batches of 10, and what trains a small model on them.
  private static func train(_ tool: Tool, _ model: String) throws -> [String] {
    try RandomSource(seed: 3).bernoulli(.full([41, 1, 8, 8], 0.4)).to(.uint8).writeNPY(to: tool.path("x.npy"))
    let changes = [
      "encoder.channels=[2, 3]", "encoder.strides=[2, 2]", "decoder.channels=[3, 2]", "decoder.strides=[2, 2]",
      "encoder.noiseSize=3", "latent.dimensions=4", "critic.hidden=[8]", "critic.features=5", "training.batchSize=10",
      "data.validation=0",
    ]
    return ["train", model, "--data", "x.npy", "--threads", "1", "--quiet", "--steps", "6"]
      + changes.flatMap { ["--set", $0] } + (model == "avb-ac" ? ["--set", "encoder.basisCount=3"] : [])
  }

  @Test(
    "trained, they draw, reconstruct, interpolate and encode, are measured and described, and go on to the same bits",
    arguments: [
      ("avb", []), ("avb-ac", []), ("avb", ["moves=alternating", "critic.steps=2", "critic.pretrainSteps=2"]),
    ])
  func uses(_ model: String, _ changes: [String]) throws {
    try Tool.run { tool in
      let train = try Self.train(tool, model) + changes.flatMap { ["--set", $0] }
      try tool.succeed(train + ["--run", "r"])
      try tool.succeed(train + ["--run", "short", "--steps", "3"])
      try tool.succeed("resume", "short", "--steps", "6", "--quiet")
      #expect(try tool.state("short") == tool.state("r"))
      try tool.succeed("sample", "r", "--count", "3", "--out", "s.npy")
      try tool.succeed("reconstruct", "r", "--data", "x.npy", "--count", "3", "--out", "y.npy")
      try tool.succeed("interpolate", "r", "--pairs", "2", "--steps", "3", "--data", "x.npy", "--out", "i.npy")
      // One draw of q(z|x): another seed, another code.
      try tool.succeed("encode", "r", "--data", "x.npy", "--limit", "5", "--out", "z.npy")
      try tool.succeed("encode", "r", "--data", "x.npy", "--limit", "5", "--out", "w.npy", "--seed", "2")
      let codes = try ["z", "w"].map { try DataArray(contentsOf: tool.path("\($0).npy"), .npy) }
      #expect(codes[0].shape == [5, 4] && codes[0].bytes != codes[1].bytes)
      let evaluate = ["evaluate", "r", "--data", "x.npy", "--limit", "5", "--json", "--metrics"]
      let found = try tool.succeed(evaluate + ["elbo,ais,active-units", "--temperatures", "10"])
      let values = try #require(try JSONSerialization.jsonObject(with: Data(found.output.utf8)) as? [[String: Any]])
      #expect(values.count == 3 && values.allSatisfy { ($0["mean"] as? Double)?.isFinite == true }, "\(found.output)")
      #expect(values[0]["approximate"] as? Bool == true)
      for metric in ["iwae:8", "kl", "bpd:8"] {
        let refused = try tool(evaluate + [metric])
        #expect(
          refused.status == 1 && refused.errors.contains("\(model) has a posterior without a density; ask elbo, "))
      }
      let described = try tool.succeed("describe", "r").output
      #expect(described.contains("implicit, 2x - 1, convolutions 1x8x8 to 2-3 maps"))
      #expect(described.contains(model == "avb" ? "(V(x, z))" : "(V(x, z~) + log r(z|x) - log p(z))"))
      let log = try String(contentsOfFile: tool.path("r/metrics.jsonl"), encoding: .utf8)
      #expect(log.contains("critic_saturated_fraction") && !log.contains("\"validation\""))
    }
  }

  @Test(
    "what these posteriors cannot have is refused in a sentence, and no directory is made",
    arguments: [
      (
        "avb", ["critic.objective=wasserstein"],
        "adversary.objective: critic-kl needs an objective whose critic tells log q/p (jensen-shannon, non-saturating, "
          + "minimax, kl, reverse-kl, pearson, hellinger), got wasserstein"
      ),
      (
        "avb", ["regularizer.contrast=adaptive", "contrast.samples=1"],
        "contrast.samples: an adaptive contrast has no deviation of one draw: expected at least 2, got 1"
      ),
      (
        "avb-ac", ["training.batchSize=1"],
        "training.batchSize: expected at least 2 examples in a batch, got 1: an adaptive contrast has no deviation of one draw"
      ),
      (
        "avb", ["regularizer.divergence=kl"],
        "regularizer.divergence: expected one that needs no density of q(z|x) (none, mmd, stein, ksd, adversarial, critic-kl), "
          + "as encoder.noise is layers, got kl"
      ),
      (
        "avb", ["training.patience=3"],
        "training.patience: avb has no score on validation examples; the last checkpoint "
          + "is the best"
      ),
      ("vae", ["contrast.samples=3"], "--set: contrast.samples: has no effect: there is no adaptive contrast"),
      (
        "avb", ["posterior.family=iaf"],
        "--set: posterior.family: has no effect: encoder.noise is layers"
      ),
    ])
  func refusals(_ model: String, _ changes: [String], _ message: String) throws {
    try Tool.run { tool in
      // A critic's keys would be refused first where there is no critic.
      let hasCritic = model != "vae" && changes != ["regularizer.divergence=kl"]
      let small = try Self.train(tool, model)
      let base = hasCritic ? small : ["train", model, "--data", "x.npy", "--quiet"]
      let finished = try tool(base + changes.flatMap { ["--set", $0] } + ["--run", "r"])
      #expect(finished.status == 1 && !tool.exists("r"))
      #expect(finished.errors.split(separator: "\n").last.map(String.init) == "Error: " + message)
    }
  }

  @Test("an encoder of noise under a divergence without a bound trains to its report")
  func withoutBound() throws {
    try Tool.run { tool in
      try RandomSource(seed: 3).normal([40, 2]).writeNPY(to: tool.path("x.npy"))
      let changes = [
        "encoder.network=mlp", "encoder.hidden=[8]", "decoder.network=mlp", "decoder.hidden=[8]",
        "likelihood.family=gaussian", "regularizer.divergence=mmd", "training.batchSize=10",
      ]
      try tool.succeed(
        ["train", "avb", "--data", "x.npy", "--quiet", "--steps", "2", "--run", "r"]
          + changes.flatMap { ["--set", $0] })
      #expect(tool.exists("r/report.html"))
    }
  }

  @Test("counts beyond any use, and data for an experiment that reads none, are refused")
  func limits() throws {
    try Tool.run { tool in
      let infer = ["infer", "torus", "--method", "nuts", "--out", "s.npy"]
      for (option, most) in [("--samples", "10000000"), ("--thin", "1000000"), ("--iterations", "1000000000")] {
        let finished = try tool(infer + [option, "9223372036854775807"])
        #expect(finished.status == 2)
        #expect(finished.errors.contains("\(option): expected at most \(most), got 9223372036854775807"))
      }
      let finished = try tool("reproduce", "avb/figure-1", "--scale", "smoke", "--data", "x.npy", "--out", "r")
      #expect(finished.status == 1 && !tool.exists("r"))
      #expect(finished.errors == "Error: --data has no effect: avb/figure-1 reads no examples\n")
    }
  }
}
