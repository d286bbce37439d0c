import Foundation
import Testing
import Torch

@Suite("A GAN from the command line")
struct GANCommandTests {
  /// `pixels.npy`: grey images of 4 x 4, one more than a batch of 32.
  private static func pixels(_ tool: Tool) throws -> [String] {
    let x = RandomSource(seed: 2).uniform([33, 4, 4]) * 255
    try x.to(.uint8).writeNPY(to: tool.path("pixels.npy"))
    return [
      "train", "gan", "--data", "pixels.npy", "--set", "data.validation=0", "--set", "generator.channels=[4, 3]",
      "--set", "adversary.channels=[3, 4]", "--set", "latent.dimensions=3", "--threads", "1", "--quiet", "--steps", "4",
    ]
  }

  @Test("a GAN trains on images, shows what it learns, draws, and goes on after a kill to the same bits")
  func images() throws {
    try Tool.run { tool in
      let train = try Self.pixels(tool) + ["--set", "training.batchSize=11", "--set", "training.average=0.9"]
      try tool.succeed(train + ["--run", "r"])
      #expect(String(decoding: try events(tool, "r"), as: UTF8.self).contains("samples"))
      #expect(tool.exists("r/figures/samples.png") && !tool.exists("r/figures/terms-none.svg"))
      try tool.succeed("sample", "r", "--count", "3", "--out", "x.npy")
      try tool.succeed(train + ["--run", "short", "--steps", "2"])
      try tool.succeed("resume", "short", "--steps", "4", "--quiet")
      #expect(try tool.state("short") == tool.state("r"))
    }
  }

  private func events(_ tool: Tool, _ run: String) throws -> [UInt8] {
    try FileManager.default.contentsOfDirectory(atPath: tool.path(run + "/events"))
      .flatMap { try tool.bytes("\(run)/events/\($0)") }
  }

  @Test("a last batch of one image, which has no variance, joins the batch before it")
  func single() throws {
    try Tool.run { tool in
      try tool.succeed(Self.pixels(tool) + ["--set", "training.batchSize=32", "--run", "r"])
      let refused = try tool(Self.pixels(tool) + ["--set", "training.batchSize=1", "--run", "one"])
      #expect(refused.status == 1 && refused.errors.hasPrefix("Error: training.batchSize: "), "\(refused.errors)")
    }
  }

  @Test("what it cannot answer is refused, and what is offered instead it can")
  func refusals() throws {
    try Tool.run { tool in
      try tool.succeed("train", "gan", "--data", "eight-gaussians", "--limit", "100", "--steps", "2", "--run", "g")
      #expect(
        try tool("evaluate", "g", "--metrics", "elbo").errors
          == "Error: elbo: gan has no likelihood; ask wasserstein1, modes\n")
      #expect(
        try tool("evaluate", "g", "--metrics", "fid").errors
          == "Error: fid: gan draws no images; ask wasserstein1, modes\n")
      // Eight modes at a distance of 2.8 from the middle, where two rounds leave all samples.
      let measured = try tool.succeed("evaluate", "g", "--metrics", "wasserstein1", "--limit", "50")
      let line = measured.lines.first { $0.hasPrefix("wasserstein1 ") } ?? ""
      let distance = line.split(separator: " ").dropFirst().first.flatMap { Double($0) }
      #expect((1...5).contains(distance ?? 0), "\(measured.output)")
      #expect(
        try tool("evaluate", "g", "--metrics", "wasserstein1", "--limit", "50", "--samples", "10001").errors
          .hasSuffix("wasserstein1: expected at most 10000 samples, got 10001\n"))
      #expect(
        try tool("evaluate", "g").errors
          == "Error: gan reports no metric of its own; name some with --metrics\n")
      try tool.succeed(Self.pixels(tool) + ["--set", "training.batchSize=11", "--run", "i"])
      #expect(
        try tool("evaluate", "i", "--data", "pixels.npy", "--metrics", "elbo").errors
          == "Error: elbo: gan has no likelihood; ask fid, kid, prdc, is, class-ce, memorization, "
          + "sharpness:samples, wasserstein1, modes\n"
      )
      #expect(
        try tool("evaluate", "i", "--metrics", "memorization", "--gather-norms", "--data", "pixels.npy").errors
          .hasSuffix("gan: statistics of batch norm are gathered by the score, and it has none\n"))
    }
  }

  @Test("a key that has no effect with the data is refused when the data are known, and no run is left behind")
  func effects() throws {
    try Tool.run { tool in
      let points = [
        "train", "gan", "--data", "eight-gaussians", "--limit", "50", "--steps", "1", "--run", "r", "--set",
      ]
      for (setting, reason) in [
        ("generator.channels=[3]", "generator.channels: has no effect: the network is mlp"),
        ("adversary.batchNorm=true", "adversary.batchNorm: has no effect: the network is mlp"),
        ("data.flips=true", "data.flips: has no effect: examples of shape [2] are no images"),
        (
          "training.patience=3",
          "training.patience: gan has no score on validation examples; the last checkpoint is the best"
        ),
      ] {
        let refused = try tool(points + [setting])
        #expect(refused.status == 1 && refused.errors.hasSuffix(reason + "\n"), "\(refused.errors)")
      }
      let refused = try tool(
        "train", "vae", "--data", "eight-gaussians", "--limit", "50", "--set", "likelihood.family=gaussian", "--set",
        "data.validation=0", "--set", "training.patience=3", "--run", "r")
      #expect(refused.errors == "Error: training.patience: there are no validation examples to score\n")
      #expect(!tool.exists("r"))
    }
  }
}
