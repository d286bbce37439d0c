import Datasets
import Foundation
import TestSupport
import Testing
import Torch

@Suite("Densities from the command line")
struct DensityTests {
  /// `points.npy`, and what trains a small density on it.
  private static func train(_ tool: Tool, _ model: String) throws -> [String] {
    _ = try tool.points()
    let small = model == "gmm" ? ["components=4"] : ["couplings=3", "hidden=[8]", "training.learningRate=0.01"]
    return ["train", model, "--data", "points.npy", "--threads", "1", "--quiet", "--steps", "12"]
      + (small + ["training.batchSize=50", "data.validation=20", "training.logEvery=2"]).flatMap { ["--set", $0] }
  }

  private struct Result: Decodable {
    let metric: String
    let value: Double
    let n: Int
    let density: String
    let samples: Int?
  }

  private func result(_ finished: Finished) throws -> Result {
    try JSONDecoder().decode(Result.self, from: Data(finished.output.utf8))
  }

  private func rows(_ tool: Tool, _ name: String) throws -> DataArray {
    try DataArray(contentsOf: tool.path(name), .npy)
  }

  @Test(
    "trained, they draw, are measured and described, give a density for each row, and go on to the same bits",
    arguments: ["realnvp", "nice", "maf", "gmm"])
  func uses(_ model: String) throws {
    try Tool.run { tool in
      let train = try Self.train(tool, model)
      try tool.succeed(train + ["--run", "r"])
      try tool.succeed(train + ["--run", "short", "--steps", "5"])
      try tool.succeed("resume", "short", "--steps", "12", "--quiet")
      #expect(try tool.state("short") == tool.state("r"))
      let log = String(decoding: try tool.bytes("r/metrics.jsonl"), as: UTF8.self)
      #expect(log.contains("\"log_likelihood_nats\"") && log.contains("\"loss_nats\""))
      #expect(log.contains("learning_rate") == (model != "gmm"))
      #expect(log.contains("log-density_nats"))
      try tool.succeed("sample", "r", "--count", "70", "--out", "s.npy")
      #expect(try rows(tool, "s.npy").shape == [70, 2])

      let density = ["density", "r", "--x", "points.npy"]
      let found = try result(tool.succeed(density + ["--out", "l.npy", "--json"]))
      let values = try rows(tool, "l.npy")
      #expect(values.shape == [130] && found.n == 130 && found.density == "exact" && found.samples == nil)
      #expect(values.element == (model == "gmm" ? .float64 : .float32))
      expectClose(values.doubles().reduce(0, +) / 130, found.value, absolute: 1e-5)
      let evaluated = try tool.succeed(
        "evaluate", "r", "--data", "points.npy", "--metrics", "log-density,bpd", "--out", "e.npy")
      #expect(evaluated.output.contains("log-density") && evaluated.output.contains("density exact"))
      let both = try rows(tool, "e.npy").doubles()
      let (nats, bits) = ((0..<130).map { both[2 * $0] }, (0..<130).map { both[2 * $0 + 1] })
      expectClose(nats, values.doubles(), absolute: 1e-4)
      let twoBits: Double = 2 * Foundation.log(2.0)
      expectClose(bits, values.doubles().map { -$0 / twoBits }, absolute: 1e-4)
      #expect(try tool.succeed(density + ["--limit", "7"]).output.contains("nats per row"))
      // Without --x the run's own data.
      try tool.succeed("density", "r", "--split", "validation", "--out", "v.npy")
      #expect(try rows(tool, "v.npy").shape == [20])

      #expect(try tool.succeed("describe", "r").output.contains("p(x)"))
      #expect(try tool.succeed("config", model).output.contains("learningRate") == (model != "gmm"))
      try Tensor.zeros([4, 3]).writeNPY(to: tool.path("wide.npy"))
      let wide = try tool("density", "r", "--x", "wide.npy")
      #expect(wide.status == 1)
      #expect(wide.errors == "Error: data 'wide.npy': the model takes examples of shape [2], these have [3]\n")
      let draws = try tool(density + ["--samples", "3"])
      #expect(draws.status == 2 && draws.errors.contains("--samples has no effect: the density of \(model) is exact"))
      let elbo = try tool("evaluate", "r", "--metrics", "elbo")
      #expect(elbo.errors.hasSuffix("elbo: \(model) has no codes; ask bpd, log-density, wasserstein1, modes\n"))
    }
  }

  @Test("a model with latent variables has a bound, which is called one; a gan has neither")
  func others() throws {
    try Tool.run { tool in
      let vae = try tool.points()
      try tool.succeed(vae + ["--steps", "5", "--quiet", "--threads", "1", "--run", "v"])
      let density = ["density", "v", "--x", "points.npy", "--limit", "9"]
      let found = try result(tool.succeed(density + ["--samples", "40", "--out", "l.npy", "--json"]))
      #expect(found.density == "importance-weighted lower bound" && found.samples == 40 && found.n == 9)
      #expect(try rows(tool, "l.npy").shape == [9])
      let evaluated = try tool.succeed(
        "evaluate", "v", "--data", "points.npy", "--limit", "9", "--metrics", "iwae:40", "--json")
      let rows = try #require(
        try JSONSerialization.jsonObject(with: Data(evaluated.output.utf8)) as? [[String: Any]])
      expectClose(try #require(rows[0]["mean"] as? Double), found.value, absolute: 1e-9)
      let plain = try tool(density)
      #expect(plain.status == 2)
      #expect(
        plain.errors.contains("--samples: vae has latent variables; give a number of codes to bound its density"))

      try tool.succeed(
        "train", "gan", "--data", "points.npy", "--steps", "2", "--quiet", "--threads", "1", "--run", "g")
      let gan = try tool("density", "g", "--x", "points.npy", "--samples", "3")
      #expect(gan.status == 1 && gan.errors == "Error: gan has no likelihood; it has samples and a decoder\n")
      let measured = try tool("evaluate", "g", "--metrics", "log-density")
      #expect(measured.errors.contains("log-density: gan has no likelihood; ask "))
    }
  }

  @Test("data without a density are refused in a sentence, and leave no checkpoint")
  func refusals() throws {
    try Tool.run { tool in
      let rng = RandomSource(seed: 3)
      func write(_ x: Tensor) throws { try x.writeNPY(to: tool.path("x.npy")) }
      func said(_ model: String, _ more: String...) throws -> String {
        let refused = try tool(
          [
            "train", model, "--data", "x.npy", "--run", "r-\(model)-\(more.count)-\(UUID())", "--steps", "300",
            "--quiet",
          ] + more)
        #expect(refused.status == 1)
        return refused.errors
      }
      try write(rng.normal([40, 1]))
      #expect(
        try said("realnvp")
          == "Error: flow: a coupling moves one half of the dimensions by the other and needs at least 2, got examples of "
          + "shape [1]; autoregressive takes one\n")
      try tool.succeed(
        "train", "maf", "--data", "x.npy", "--steps", "2", "--quiet", "--set", "hidden=[4]", "--run", "m")
      try write(Tensor.ones([40, 2]))
      for model in ["realnvp", "nice", "maf", "gmm"] {
        #expect(
          try said(model).hasPrefix(
            "Error: expected numbers that differ between examples, got the same in all of them in 2 of 2"))
      }
      try write(rng.normal([12, 2]))
      #expect(
        try said("gmm", "--set", "components=12", "--set", "data.validation=2")
          == "Error: data: expected at least 12 training examples, one for each component, got 10\n")
      let singular = try said("gmm", "--set", "components=9", "--set", "data.validation=2")
      #expect(
        singular.wholeMatch(
          of: /Error: iteration [0-9]+: component [1-9] of 9 (has a singular covariance|is empty): .*another seed\n/)
          != nil,
        "\(singular)")
      #expect(
        try said("gmm", "--set", "training.learningRate=0.1")
          == "Error: --set: training.learningRate: has no effect: this system learns without gradients\n")
    }
  }

  @Test("pixels are numbers: they have a density with noise of a level on them, and none where some never change")
  func images() throws {
    try Tool.run { tool in
      _ = try tool.images()
      let train = ["train", "realnvp", "--data", "images.npy", "--steps", "4", "--quiet", "--threads", "1"]
        .setting("hidden=[6]", "couplings=2", "training.batchSize=20")
      try tool.succeed(train.setting("data.dequantize=true") + ["--run", "d"])
      try tool.succeed("density", "d", "--data", "images.npy", "--out", "l.npy")
      #expect(try rows(tool, "l.npy").shape == [70])
      #expect(try tool.succeed("evaluate", "d", "--metrics", "bpd").output.contains("bits/dimension"))
      try tool.succeed("sample", "d", "--count", "3", "--out", "s.png")
      let black = Tensor.concatenated(
        [Tensor.zeros([30, 4, 4]), RandomSource(seed: 1).uniform([30, 4, 4]) * 200], axis: 2)
      try black.to(.uint8).writeNPY(to: tool.path("black.npy"))
      let refused = try tool(["train", "realnvp", "--data", "black.npy", "--steps", "2", "--quiet", "--run", "b"])
      #expect(refused.status == 1)
      #expect(
        refused.errors
          == "Error: expected numbers that differ between examples, got the same in all of them in 16 of 32 dimensions, the first "
          + "of which is 0, counted from 0; a density needs others, or noise on them (data.dequantize for pixels)\n")
    }
  }
}
