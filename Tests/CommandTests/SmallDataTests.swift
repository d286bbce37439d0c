import Foundation
import TestSupport
import Testing
import Torch

/// What small data sets bring: last batches of one, one class, classes that a model does not know.
@Suite("Small data from the command line") struct SmallDataTests {
  /// 21 images of `side` with classes 0 to 2 in turn, in batches of 20: the last batch has one example.
  private static func images(_ tool: Tool, side: Int = 4, classes: Int = 3, name: String = "x") throws {
    let x = RandomSource(seed: 1).uniform([21, 1, side, side]) * 255
    try x.to(.uint8).writeNPY(to: tool.path("\(name).npy"))
    try Tensor((0..<21).map { Int64($0 % classes) }).writeNPY(to: tool.path("\(name).labels.npy"))
  }

  private static func train(_ model: String, _ settings: String...) -> [String] {
    ["train", model, "--data", "x.npy", "--steps", "3", "--threads", "1", "--quiet", "--run", "r"]
      + (["training.batchSize=20", "data.validation=0"] + settings).flatMap { ["--set", $0] }
  }

  private static let dcgan = ["encoder.network=dcgan", "encoder.channels=[4, 4]"]

  @Test(
    "a last batch of one joins the one before, so that batch norm and pairs of codes have what they need",
    arguments: [
      train("adgm", "labels.perClass=2", "encoder.hidden=[8]", "decoder.hidden=[8]"),
      train("sdgm", "labels.perClass=7", "labels.batchSize=20", "encoder.hidden=[8]", "decoder.hidden=[8]"),
      train("avae", "encoder.hidden=[8]", "decoder.hidden=[8]"),
      train("vae", "encoder.network=dcgan", "decoder.network=dcgan"), train("gan"),
      train("classifier", "encoder.network=dcgan", "labels.perClass=7", "labels.batchSize=20"),
      train("mmd-vae", "regularizer.estimator=unbiased"), train("vae"),
    ])
  func lastBatch(_ arguments: [String]) throws {
    try Tool.run { tool in
      try Self.images(tool)
      try tool.succeed(arguments)
    }
  }

  @Test("a batch size of one is refused in a sentence, and no directory is made")
  func batchSize() throws {
    try Tool.run { tool in
      try Self.images(tool)
      let finished = try tool(Self.train("adgm", "labels.perClass=2", "labels.batchSize=1"))
      #expect(finished.status == 1 && !tool.exists("r"))
      #expect(
        finished.errors.split(separator: "\n").last
          == "Error: labels.batchSize: expected at least 2 examples in a batch, got 1: batch norm has no variance of one"
      )
    }
  }

  @Test("labels of one class are refused before anything is made, whatever number the class has", arguments: [0, 2])
  func oneClass(_ number: Int64) throws {
    try Tool.run { tool in
      try Self.images(tool)
      try Tensor([Int64](repeating: number, count: 21)).writeNPY(to: tool.path("x.labels.npy"))
      for model in ["classifier", "m2", "adgm"] {
        let finished = try tool(Self.train(model, "labels.perClass=null"))
        #expect(finished.status == 1 && !tool.exists("r"))
        #expect(
          finished.errors.split(separator: "\n").last == "Error: labels: expected labels of at least 2 classes, got 1")
      }
    }
  }

  @Test("classes that the model does not know are refused in words by classify and evaluate")
  func moreClasses() throws {
    try Tool.run { tool in
      try Self.images(tool)
      try Self.images(tool, classes: 5, name: "more")
      try tool.succeed(Self.train("classifier", "encoder.hidden=[8]"))
      let words = "Error: more.npy, classes: expected classes out of 0, 1, 2, got 3, 4"
      for command in [["classify", "r", "--out", "p.csv"], ["evaluate", "r", "--metrics", "confusion"]] {
        let finished = try tool(command + ["--data", "more.npy"])
        #expect(finished.status == 1 && finished.errors.split(separator: "\n").last.map(String.init) == words)
      }
    }
  }

  @Test("a run is described with the shape and the classes of its data")
  func describe() throws {
    try Tool.run { tool in
      try Self.images(tool, side: 6)
      try tool.succeed(Self.train("m2", "labels.perClass=2", "encoder.hidden=[8]", "decoder.hidden=[8]"))
      let shown = try tool.succeed("describe", "r").output
      #expect(shown.contains("one of 3 classes, all equal") && shown.contains("MLP (36)-8"))
      for name in ["r@best", "r@last", "r/config.yaml", "./r"] {
        #expect(try tool.succeed("describe", name).output == shown, "\(name)")
      }
      let refused = try tool("describe", "r", "--shape", "1x8x8")
      #expect(refused.errors.hasPrefix("Error: --shape: a run has the shape of its data; leave it out\n"))
      #expect(refused.status == 2)
    }
  }

  @Test("what an autoencoder without a bound is compared by has a name of its own, and MMD no unit")
  func units() throws {
    try Tool.run { tool in
      try Self.images(tool)
      let train = { (model: String) in
        ["train", model, "--data", "x.npy", "--steps", "2", "--threads", "1", "--run", model, "--set"]
          + ["training.logEvery=1", "--set", "encoder.hidden=[8]", "--set", "decoder.hidden=[8]"]
      }
      for (model, key, words) in [
        ("vae", "\"bound_nats\"", #/validation bound -\d+\.\d+ nats\n/#),
        ("mmd-vae", "\"objective\"", #/validation objective -\d+\.\d+\n/#),
        ("aae", "\"log_likelihood_nats\"", #/validation log likelihood -\d+\.\d+ nats\n/#),
      ] {
        let finished = try tool.succeed(train(model))
        let log = try tool.text(model + "/metrics.jsonl")
        #expect(log.split(separator: "\n").contains { $0.contains("validation") && $0.contains(key) })
        #expect(finished.errors.contains(words), "\(finished.errors)")
        #expect(log.contains("\"regularizer_nats\"") == (model == "vae") && log.contains("\"reconstruction_nats\""))
      }
      #expect(try tool.text("mmd-vae/report.html").contains("best validation objective"))
      #expect(try tool.text("vae/report.html").contains("each beside its reconstruction: means of p(x|z)."))
    }
  }

  @Test("a lack of memory in a step is an error that names the step, and the last checkpoint stays")
  func memory() throws {
    try Tool.run { tool in
      try Self.images(tool, side: 28)
      let train = Self.train("vae", "encoder.hidden=[8]", "decoder.network=pixelcnn", "decoder.maps=8")
      try tool.succeed(train)
      let last = try tool.bytes("r/checkpoints/last.safetensors")
      try tool.text("r/config.yaml").replacing("samples: 1 ", with: "samples: 2000 ")
        .write(toFile: tool.path("r/config.yaml"), atomically: true, encoding: .utf8)
      // A map of 2000 draws for each of 20 examples has a gigabyte.
      let finished = try tool.shell("ulimit -v 2500000; exec \"$TOOL\" resume r --steps 6 --quiet")
      #expect(finished.status == 1)
      #expect(
        finished.errors.contains(
          #/Error: step 3: .*: not enough memory for a result of \d+ bytes; smaller batches or networks need less; the last checkpoint stays\n/#
        ), "\(finished.errors)")
      #expect(try tool.bytes("r/checkpoints/last.safetensors") == last)
    }
  }
}
