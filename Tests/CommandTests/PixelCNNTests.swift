import Foundation
import TestSupport
import Testing
import Torch

@Suite("A run with an autoregressive decoder")
struct PixelCNNRunTests {
  @Test(
    "it trains, samples, reconstructs, interpolates and evaluates",
    arguments: [
      ["decoder.network=pixelcnn"],
      ["decoder.network=pixelcnn", "likelihood.family=categorical", "likelihood.levels=4"],
      ["decoder.network=pixelcnnpp", "likelihood.family=logistic-mixture", "likelihood.mixtures=2"],
    ])
  func run(_ choice: [String]) throws {
    try Tool.run { tool in
      _ = try tool.images()
      let small =
        choice + [
          "encoder.hidden=[16]", "decoder.layers=2", "decoder.maps=3", "latent.dimensions=2", "training.batchSize=20",
        ]
      let settings = small.flatMap { ["--set", $0] }
      try tool.succeed(["train", "vae", "--data", "images.npy"] + settings + ["--epochs", "1", "--run", "run"])
      for name in ["report.html", "figures/samples.png", "figures/reconstructions.png"] {
        #expect(tool.exists("run/" + name), "\(name)")
      }
      try tool.succeed("sample", "run", "--count", "5", "--out", "s.npy")
      let bytes = Array(try tool.bytes("s.npy").suffix(5 * 64 * 4))
      let draws = bytes.withUnsafeBytes { Tensor(bytes: $0, shape: [5, 1, 8, 8], dtype: .float32) }
      let levels = choice.count == 1 ? 1.0 : choice[2].hasPrefix("likelihood.levels") ? 3.0 : 255.0
      let steps = draws * levels
      expectClose(steps, steps.round(), absolute: 1e-3)
      #expect(steps.min().item() >= 0 && steps.max().item() <= levels && steps.variance().item() > 0)
      try tool.succeed("reconstruct", "run", "--count", "3", "--out", "r.png")
      try tool.succeed("interpolate", "run", "--prior", "--pairs", "1", "--steps", "3", "--out", "walk.png")
      try tool.succeed("evaluate", "run")
    }
  }

  @Test("a likelihood that the decoder does not have is one line")
  func refusal() throws {
    try Tool.run { tool in
      _ = try tool.images()
      let refused = try tool(
        "train", "vae", "--data", "images.npy", "--set", "decoder.network=pixelcnn", "--set",
        "likelihood.family=gaussian")
      #expect(refused.status == 1)
      #expect(
        refused.errors.contains(
          "likelihood.family: decoder.network pixelcnn needs bernoulli or categorical, got gaussian"))
    }
  }
}
