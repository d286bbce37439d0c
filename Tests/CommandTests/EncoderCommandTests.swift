import Datasets
import Foundation
import Testing
import Torch

@Suite("Informative encoders from the command line")
struct EncoderCommandTests {
  /// `x.npy`: 41 grey images of 8 x 8 with a dark frame, one more than four batches of 10, `labels.csv` beside it, and
  /// what trains a small model on them.
  private static func train(_ tool: Tool, _ model: String) throws -> [String] {
    let inner = RandomSource(seed: 3).uniform([41, 1, 6, 6]).padded([(1, 1), (1, 1)])
    try inner.to(.float32).writeNPY(to: tool.path("x.npy"))
    let labels = ["index,class"] + (0..<41).map { "\($0),\($0 % 2)" }
    try labels.joined(separator: "\n").write(toFile: tool.path("labels.csv"), atomically: true, encoding: .utf8)
    let changes =
      ["encoder.channels=[2, 3, 3]", "encoder.hidden=[6]", "latent.dimensions=4", "training.batchSize=10"]
      + (model == "mi" ? ["decoder.channels=[3, 2, 2]"] : ["information.units=8", "critic.hidden=[5]"])
    return [
      "train", model, "--data", "x.npy", "--labels", "labels.csv", "--threads", "1", "--quiet", "--steps", "8", "--set",
      "data.validation=2",
    ] + changes.flatMap { ["--set", $0] }
  }

  @Test("trained, they encode and are probed and described, and go on to the same bits", arguments: ["mi", "infomax"])
  func uses(_ model: String) throws {
    try Tool.run { tool in
      let train = try Self.train(tool, model)
      try tool.succeed(train + ["--run", "r"])
      try tool.succeed(train + ["--run", "short", "--steps", "3"])
      try tool.succeed("resume", "short", "--steps", "8", "--quiet")
      #expect(try tool.state("short") == tool.state("r"))
      try tool.succeed("encode", "r", "--data", "x.npy", "--limit", "5", "--out", "z.npy")
      try tool.succeed("encode", "r", "--data", "x.npy", "--limit", "5", "--out", "w.npy", "--seed", "2")
      let codes = try ["z", "w"].map { try DataArray(contentsOf: tool.path("\($0).npy"), .npy) }
      // A code of mi is a draw, one of infomax is a function of its example.
      #expect(codes[0].shape == [5, 4] && (codes[0].bytes == codes[1].bytes) == (model == "infomax"))
      let found = try tool.succeed("evaluate", "r", "--metrics", "probe:knn", "--split", "validation", "--json")
      #expect(found.output.contains("probe"))
      let described = try tool.succeed("describe", "r").output
      #expect(described.contains("convolutions 1x8x8 to 2-3-3 maps") && tool.exists("r/report.html"))
      let log = try tool.text("r/metrics.jsonl")
      let samples = try tool("sample", "r", "--count", "3", "--out", "s.npy")
      if model == "mi" {
        #expect(samples.status == 0 && log.contains("\"objective\""))
        try tool.succeed("reconstruct", "r", "--data", "x.npy", "--count", "3", "--out", "y.npy")
        let made = try DataArray(contentsOf: tool.path("y.npy"), .npy)
        #expect(made.shape.suffix(3) == [1, 8, 8])
      } else {
        #expect(samples.status == 1 && !tool.exists("s.npy"))
        #expect(samples.errors == "Error: infomax draws no samples; it has an encoder\n")
        #expect(log.contains("local_information_nats") && log.contains("global_information_nats"))
        let refused = try tool("evaluate", "r", "--data", "x.npy", "--metrics", "elbo")
        #expect(refused.status == 1 && refused.errors.contains("infomax has no likelihood"))
      }
    }
  }

  @Test("both train on points with the networks of points, and describe says that places are not looked at")
  func points() throws {
    try Tool.run { tool in
      try RandomSource(seed: 3).normal([40, 3]).writeNPY(to: tool.path("x.npy"))
      for (model, changes) in [("mi", [String]()), ("infomax", ["--set", "information.units=8"])] {
        let train = ["train", model, "--data", "x.npy", "--quiet", "--steps", "3", "--set", "points.hidden=[8]"]
        try tool.succeed(train + changes + ["--run", model])
        try tool.succeed("encode", model, "--data", "x.npy", "--out", "\(model).npy")
        #expect(try DataArray(contentsOf: tool.path("\(model).npy"), .npy).shape == [40, 2])
        try tool.succeed(train + changes + ["--run", "again", "--steps", "2"])
        try tool.succeed("resume", "again", "--steps", "3", "--quiet")
        #expect(try tool.state("again") == tool.state(model))
        try FileManager.default.removeItem(atPath: tool.path("again"))
      }
      #expect(try tool.succeed("describe", "./infomax").output.contains("global term only"))
      try tool.succeed("sample", "mi", "--count", "5", "--out", "s.npy")
      let refused = try tool("train", "infomax", "--data", "x.npy", "--set", "information.local=1", "--run", "none")
      #expect(refused.status == 1 && !tool.exists("none"))
      #expect(
        refused.errors
          == "Error: information.local: expected 0 or null, as examples of shape [3] are no images and have "
          + "the global term only, got 1.0\n")
    }
  }

  @Test("a batch of one under the mean over pairs is refused, and a rest of one joins the batch before it")
  func single() throws {
    try Tool.run { tool in
      let train = try Self.train(tool, "mi")
      let refused = try tool(train + ["--set", "training.batchSize=1", "--run", "r"])
      #expect(refused.status == 1 && !tool.exists("r"))
      #expect(
        refused.errors == "Error: training.batchSize: expected at least 2 examples in a batch, got 1: "
          + "regularizer.estimator unbiased takes pairs of different codes\n")
      // 39 examples of which 38 are two batches of 19, one is left.
      try tool.succeed(train + ["--set", "training.batchSize=19", "--run", "r", "--set", "training.epochs=2"])
    }
  }
}
