import Datasets
import Foundation
import TestSupport
import Testing
import Torch

@Suite("Helmholtz machines and predictability minimization from the command line")
struct HelmholtzMachineCommandTests {
  /// `x.npy`: 41 grey images of 4 x 4, one more than four batches of 10, and what trains a small model on them.
  private static func train(_ tool: Tool, _ model: String) throws -> [String] {
    try (RandomSource(seed: 3).uniform([41, 1, 4, 4]) * 255).to(.uint8).writeNPY(to: tool.path("x.npy"))
    let small =
      model == "pm"
      ? ["encoder.hidden=[8]", "decoder.hidden=[8]", "latent.dimensions=4", "adversary.hidden=[4]"]
      : ["layers.sizes=[4, 3]"] + (model == "rws" ? ["particles=3"] : [])
    return ["train", model, "--data", "x.npy", "--threads", "1", "--quiet", "--steps", "6"]
      + (small + ["training.batchSize=10", "data.validation=8"]).flatMap { ["--set", $0] }
  }

  private func values(_ finished: Finished) throws -> [String: Double] {
    let rows = try #require(try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [[String: Any]])
    return Dictionary(
      uniqueKeysWithValues: try rows.map {
        (try #require($0["metric"] as? String), try #require($0["mean"] as? Double))
      })
  }

  @Test(
    "trained, they draw, reconstruct and encode, are measured and described, and go on to the same bits",
    arguments: ["wake-sleep", "rws", "pm"])
  func uses(_ model: String) throws {
    try Tool.run { tool in
      let train = try Self.train(tool, model)
      try tool.succeed(train + ["--run", "r"])
      try tool.succeed(train + ["--run", "short", "--steps", "3"])
      try tool.succeed("resume", "short", "--steps", "6", "--quiet")
      #expect(try tool.state("short") == tool.state("r"))
      try tool.succeed("sample", "r", "--count", "3", "--out", "s.npy")
      #expect(try DataArray(contentsOf: tool.path("s.npy"), .npy).shape == [3, 1, 4, 4])
      try tool.succeed("reconstruct", "r", "--data", "x.npy", "--count", "3", "--out", "y.npy")
      try tool.succeed("encode", "r", "--data", "x.npy", "--limit", "5", "--out", "z.npy")
      #expect(try DataArray(contentsOf: tool.path("z.npy"), .npy).shape == [5, model == "pm" ? 4 : 7])
      let evaluate = ["evaluate", "r", "--data", "x.npy", "--limit", "5", "--json", "--metrics"]
      let bounds = model == "pm" ? "iwae:2000:prior" : "elbo:500,iwae:500"
      let found = try values(tool.succeed(evaluate + ["evidence:enumeration,active-units,\(bounds)"]))
      let evidence = try #require(found["evidence:enumeration"])
      if model == "pm" {
        expectClose(try #require(found["iwae:2000:prior"]), evidence, absolute: 0.2, relative: 0)
      } else {
        #expect(try #require(found["elbo:500"]) < evidence)
        expectClose(try #require(found["iwae:500"]), evidence, absolute: 0.2, relative: 0)
      }
      let refused = try tool(evaluate + ["ais"])
      #expect(
        refused.status == 1
          && refused.errors.hasPrefix("Error: ais: \(model) has codes of zeros and ones, which have no gradient; ask "))
      let described = try tool.succeed("describe", "r").output
      #expect(described.contains(model == "pm" ? "deterministic, MLP 16-8-4, batch norm, sigmoid" : "q(h2|h1)"))
      let config = try tool.succeed("config", model).output
      #expect(config.contains(model == "pm" ? "latent:\n  dimensions: 16" : "layers:\n  sizes: [200, 200, 10]"))
      let log = String(decoding: try tool.bytes("r/metrics.jsonl"), as: UTF8.self)
      #expect(log.contains(model == "pm" ? "log_likelihood_nats" : "bound_nats"))
    }
  }

  @Test("the bound of the score rises where layers learn, and a wide machine has too many codes to sum over")
  func refusals() throws {
    try Tool.run { tool in
      let train = try Self.train(tool, "wake-sleep")
      try tool.succeed(train + ["--run", "wide", "--set", "layers.sizes=[20, 5]"])
      let refused = try tool("evaluate", "wide", "--data", "x.npy", "--metrics", "evidence:enumeration")
      #expect(
        refused.status == 1
          && refused.errors.hasPrefix(
            "Error: evidence:enumeration: wake-sleep has 2^25 codes, and enumeration takes at most 2^20; ask elbo, iwae, "
          ))
      let one = try tool(Self.train(tool, "rws") + ["--run", "one", "--set", "particles=1"])
      #expect(one.status == 1 && !tool.exists("one"))
      #expect(
        one.errors.hasSuffix(
          "particles: recognition both needs at least 2, got 1: one particle has nothing to be weighed against\n"))
    }
  }

  @Test("loglik sums over the codes of a decoder of fair bits, and refuses what it cannot sum over")
  func imported() throws {
    try Tool.run { tool in
      let w = [0.8, -1.2, 0.5, 2]
      try Safetensors(tensors: [
        "w": Tensor(w, shape: [2, 2]), "b": Tensor([0.1, -0.3]),
      ]).write(to: tool.path("w.safetensors"))
      func arch(_ prior: String, _ more: String = "") throws {
        let text =
          "{\"likelihood\": \"bernoulli\", \(prior)\"decoder\": [{\"weight\": \"w\", \"bias\": \"b\"}]\(more)}"
        try Data(text.utf8).write(to: URL(fileURLWithPath: tool.path("arch.json")))
      }
      try arch("\"prior\": \"bernoulli\", ")
      try Tensor([1.0, 0, 1, 1], shape: [2, 2]).writeNPY(to: tool.path("x.npy"))
      let command = ["loglik", "--weights", "w.safetensors", "--arch", "arch.json", "--x", "x.npy", "--method"]
      try tool.succeed(command + ["enumeration", "--out", "l.npy"])
      func likelihood(_ x: [Double], _ z: [Double]) -> Double {
        let logits = [w[0] * z[0] + w[1] * z[1] + 0.1, w[2] * z[0] + w[3] * z[1] - 0.3]
        return zip(x, logits).reduce(1) { $0 / (1 + exp($1.0 == 1 ? -$1.1 : $1.1)) }
      }
      let codes: [[Double]] = [[0, 0], [1, 0], [0, 1], [1, 1]]
      let expected = [[1.0, 0], [1, 1]].map { x in log(codes.map { likelihood(x, $0) }.reduce(0, +) / 4) }
      expectClose(try DataArray(contentsOf: tool.path("l.npy"), .npy).doubles(), expected, absolute: 1e-12)
      for (method, why) in [
        ("ais", "ais: the decoder has codes of zeros and ones, which have no gradient; enumeration sums over them"),
        (
          "quadrature",
          "quadrature: the decoder has the prior Bernoulli(0.5), 2 dimensions, and quadrature takes N(0, I) or a uniform one; ais takes any"
        ),
      ] {
        let refused = try tool(command + [method])
        #expect(refused.status == 1 && refused.errors == "Error: \(why)\n", "\(refused.errors)")
      }
      #expect(try tool(command + ["enumeration", "--samples", "3"]).status == 2)
      try arch("")
      #expect(
        try tool(command + ["enumeration"]).errors
          == "Error: enumeration: the decoder has the prior N(0, I), 2 dimensions, and enumeration takes codes of zeros and ones\n"
      )
      try arch("\"prior\": \"bernoulli\", ", ", \"encoder\": [{\"weight\": \"w\"}]")
      #expect(
        try tool(command + ["enumeration"]).errors
          == "Error: arch.json: encoder: expected none with a prior of zeros and ones, as an encoder gives Gaussians\n")
    }
  }

  @Test("modes of eight Gaussians are measured from samples, and refused for other data")
  func modes() throws {
    try Tool.run { tool in
      let train = ["train", "gan", "--steps", "2", "--quiet", "--data"]
      try tool.succeed(train + ["eight-gaussians", "--run", "g"])
      let found = try values(tool.succeed("evaluate", "g", "--metrics", "modes", "--samples", "100", "--json"))
      #expect(Set(found.keys) == ["modes:found", "modes:near"] && found.values.allSatisfy { (0...1).contains($0) })
      try tool.succeed(train + ["rings", "--run", "r"])
      #expect(
        try tool("evaluate", "r", "--metrics", "modes").errors.hasSuffix(
          "Error: modes: expected data whose modes are known (eight-gaussians, four-points), got rings\n"))
    }
  }
}
