import Datasets
import Foundation
import Testing
import Torch

@Suite("Systems of the unified view from the command line")
struct UnifiedSystemsCommandTests {
  /// What trains a small model of a system on 40 labelled strokes for six steps.
  private func train(_ model: String, _ tool: Tool) throws -> [String] {
    var changes = ["training.batchSize=10", "data.validation=10"]
    switch model {
    case "iwgan", "cgan", "iwcgan", "infogan":
      changes = changes.filter { !$0.hasPrefix("data.validation") } + ["data.validation=0"]
      changes += [
        "generator.channels=[4, 3]", "generator.hidden=[6]", "adversary.channels=[3, 4]", "adversary.hidden=[6]",
        "latent.dimensions=3",
      ]
    case "vae-gan":
      changes += [
        "encoder.channels=[3, 4]", "encoder.hidden=[6]", "generator.channels=[4, 3]", "adversary.channels=[3, 4]",
        "adversary.hidden=[6]", "latent.dimensions=3", "reconstruction.layer=2", "reconstruction.margin=null",
      ]
      changes = changes.filter { $0 != "data.validation=10" } + ["data.validation=0"]
    default:
      changes += ["encoder.channels=[3, 4]", "decoder.channels=[4, 3]", "latent.dimensions=3"]
      if model != "aavae" { changes += ["encoder.hidden=[6]", "decoder.hidden=[6]"] }
      if model.hasSuffix("svae") { changes += ["labels.perClass=1", "labels.batchSize=5"] }
      if model.hasPrefix("aa") { changes += ["adversary.channels=[3, 4]"] }
    }
    return try ["train", model, "--data", tool.strokes(), "--limit", "40", "--threads", "1", "--quiet"]
      + changes.flatMap { ["--set", $0] }
  }

  @Test(
    "every system trains, draws, is described, and goes on to the same bits",
    arguments: [
      "iwgan", "cgan", "iwcgan", "infogan", "vae-gan", "cvae", "svae", "aavae", "aacvae", "aasvae",
    ])
  func uses(_ model: String) throws {
    try Tool.run { tool in
      try tool.succeed(train(model, tool) + ["--steps", "6", "--run", "r"])
      try tool.succeed(train(model, tool) + ["--steps", "3", "--run", "short"])
      try tool.succeed("resume", "short", "--steps", "6", "--quiet")
      #expect(try tool.state("short") == tool.state("r"))
      try tool.succeed("sample", "r", "--count", "3", "--out", "s.png")
      #expect(try tool.succeed("describe", "r").output.contains("critic") == !["cvae", "svae"].contains(model))
      try tool.succeed("config", model)
      let evaluate = ["evaluate", "r", "--limit", "20", "--json", "--metrics"]
      if model.contains("gan") {
        let refused = try tool(evaluate + ["elbo"])
        #expect(refused.status == 1 && refused.errors.contains("Error: elbo: \(model) has no likelihood; ask "))
      } else {
        let found = try tool.succeed(evaluate + ["elbo,iwae:3"])
        let values = try #require(try JSONSerialization.jsonObject(with: Data(found.output.utf8)) as? [[String: Any]])
        #expect(values.count == 2 && values.allSatisfy { ($0["mean"] as? Double)?.isFinite == true })
      }
      guard !model.hasSuffix("gan") || model == "vae-gan" else { return }
      try tool.succeed("encode", "r", "--limit", "4", "--out", "z.npy")
      try tool.succeed("reconstruct", "r", "--count", "2", "--out", "y.png")
      if model.hasSuffix("svae") || model.hasSuffix("cvae") {
        try tool.succeed("classify", "r", "--limit", "4", "--out", "p.csv")
        try tool.succeed("sample", "r", "--class", "1", "--count", "2", "--out", "c.png")
      }
      if model.hasPrefix("aa") {
        let log = try String(contentsOfFile: tool.path("r/metrics.jsonl"), encoding: .utf8)
        for key in ["weight_of_real_fraction", "weight_of_generated_fraction", "effective_samples_fraction"] {
          #expect(log.contains(key))
        }
      }
    }
  }

  @Test("a class is a part of the code that goes with others")
  func classWithCodes() throws {
    try Tool.run { tool in
      try tool.succeed(train("cgan", tool) + ["--set", "codes.categorical=[4]", "--steps", "2", "--run", "r"])
      let common = ["sample", "r", "--count", "2", "--traverse", "c1", "--out"]
      try tool.succeed(common + ["a.npy", "--class", "3"])
      try tool.succeed(common + ["b.npy", "--code", "class=3"])
      try tool.succeed(common + ["c.npy", "--class", "4"])
      #expect(try DataArray(contentsOf: tool.path("a.npy"), .npy).shape == [2, 4, 1, 28, 28])
      #expect(try tool.bytes("a.npy") == tool.bytes("b.npy"))
      #expect(try tool.bytes("a.npy") != tool.bytes("c.npy"))
      let refused = try tool(common + ["d.png", "--class", "3", "--code", "class=2"])
      #expect(refused.status == 2 && refused.errors.contains("each part of the code once"), "\(refused.errors)")
    }
  }

  @Test("named parts of a code are drawn with values and along one; others are refused with those there are")
  func namedCodes() throws {
    try Tool.run { tool in
      try tool.succeed(
        train("infogan", tool) + ["--set", "codes.categorical=[4]", "--steps", "2", "--run", "r"])
      try tool.succeed("sample", "r", "--traverse", "c1", "--count", "3", "--out", "a.npy")
      #expect(try DataArray(contentsOf: tool.path("a.npy"), .npy).shape == [3, 4, 1, 28, 28])
      try tool.succeed(
        "sample", "r", "--traverse", "c3", "--steps", "5", "--code", "c1=2", "--count", "2", "--out", "b.npy")
      #expect(try DataArray(contentsOf: tool.path("b.npy"), .npy).shape == [2, 5, 1, 28, 28])
      try tool.succeed("sample", "r", "--code", "c1=3", "--code", "c2=-0.5", "--count", "2", "--out", "c.png")
      for (arguments, message) in [
        (["--code", "c9=1"], "no part 'c9' of the code: expected c1, c2, c3"),
        (["--code", "c1=4"], "code c1: expected a whole number from 0 to 3, got 4"),
        (["--code", "c2=1.5"], "code c2: expected a number from -1 to 1, got 1.5"),
        (["--traverse", "colour"], "no part 'colour' of the code: expected c1, c2, c3"),
        (["--traverse", "c1", "--steps", "3"], "--steps has no effect: c1 is a class, and all classes are shown"),
        (["--steps", "3"], "--steps belongs to --traverse"),
        (
          ["--code", "c1=1", "--markov-chain", "2"],
          "expected one of --markov-chain, --analogies, and --class, --code or --traverse"
        ),
      ] {
        let refused = try tool(["sample", "r", "--count", "2", "--out", "d.png"] + arguments)
        // What the run alone can judge is no wrong call.
        let isUsage = !message.hasPrefix("no part") && !message.hasPrefix("code ")
        #expect(refused.errors.hasPrefix("Error: \(message)\n"), "\(refused.errors)")
        #expect(refused.status == (isUsage ? 2 : 1) && refused.errors.contains("Usage: helmholtz sample") == isUsage)
      }
      #expect(!tool.exists("d.png"))
      let found = try tool.succeed("evaluate", "r", "--json")
      let values = try #require(try JSONSerialization.jsonObject(with: Data(found.output.utf8)) as? [[String: Any]])
      #expect(
        values.compactMap { $0["metric"] as? String } == [
          "code-information", "code-information:c1", "code-information:c2", "code-information:c3",
        ])
      for (value, entropy) in zip(values.dropFirst(), [log(4.0), log(2), log(2)]) {
        #expect(value["mean"] as? Double ?? .infinity <= entropy)
      }
      let few = try tool.succeed("evaluate", "r", "--metrics", "code-information", "--samples", "50")
      #expect(few.output.contains("samples 50; entropy"), "\(few.output)")
      for option in [["--limit", "5"], ["--split", "train"]] {
        let idle = try tool(["evaluate", "r", "--metrics", "code-information"] + option)
        #expect(
          idle.errors.hasPrefix("Error: \(option[0]) has no effect: code-information looks at samples alone\n"),
          "\(idle.errors)")
      }
    }
  }

  @Test("a conditional GAN walks through its classes, and has no class beyond them")
  func classes() throws {
    try Tool.run { tool in
      try tool.succeed(train("cgan", tool) + ["--steps", "2", "--run", "r"])
      try tool.succeed("sample", "r", "--traverse", "class", "--count", "2", "--out", "a.npy")
      let shape = try DataArray(contentsOf: tool.path("a.npy"), .npy).shape
      #expect(shape.count == 5 && shape[0] == 2)
      let beyond = try tool("sample", "r", "--class", "12", "--count", "2", "--out", "b.png")
      #expect(beyond.status == 1 && beyond.errors == "Error: --class: expected 0 to 9, got 12\n", "\(beyond.errors)")
      let without = try tool("evaluate", "r", "--metrics", "conditional-accuracy", "--limit", "10")
      #expect(without.status == 1 && without.errors.contains("--features FILE"), "\(without.errors)")
    }
  }

  @Test("vae-gan takes images of 28 x 28 as it is, whose sides are no multiple of 8")
  func sides() throws {
    try Tool.run { tool in
      try tool.succeed(
        "train", "vae-gan", "--data", tool.strokes(), "--limit", "8", "--steps", "1", "--threads", "1", "--quiet",
        "--run",
        "r")
      try tool.succeed("reconstruct", "r", "--count", "2", "--out", "y.npy")
      #expect(try DataArray(contentsOf: tool.path("y.npy"), .npy).shape == [2, 1, 28, 28])
    }
  }

  @Test(
    "what these systems cannot have is refused in a sentence, and no directory is made",
    arguments: [
      ("cgan", "swiss-roll", [], "swiss-roll train, labels: expected a class for some examples, got none"),
      ("aacvae", "swiss-roll", ["likelihood.family=gaussian"], "labels: expected a class for some examples, got none"),
      (
        "iwgan", "strokes", ["adversary.objective=wasserstein"],
        "importance.weighted: weights are of an objective whose critic tells a probability (jensen-shannon, non-saturating, "
          + "minimax, kl, reverse-kl, pearson, hellinger), got wasserstein"
      ),
      (
        "iwgan", "strokes", ["importance.samples=200"],
        "importance.samples: expected at most the 128 examples of a batch (training.batchSize), got 200"
      ),
      (
        "ada", "strokes", ["reversal=true", "domains.weight=0"],
        "--set: reversal: has no effect: domains.weight is 0"
      ),
      (
        "ada", "strokes", ["reversal=true", "adversary.objective=hinge"],
        "--set: adversary.objective: has no effect: reversal is true"
      ),
      ("ada", "strokes", ["reversal=true", "moves=simultaneous"], "--set: moves: has no effect: reversal is true"),
      (
        "ada", "strokes", ["adversary.objective=wasserstein"],
        "adversary.objective: a discriminator tells domains under jensen-shannon, non-saturating, minimax, kl, reverse-kl, "
          + "pearson, hellinger, least-squares, hinge; that of wasserstein has no value that parts them"
      ),
      (
        "cyclegan", "strokes", ["adversary.smoothing=0.1", "adversary.objective=hinge"],
        "adversary.smoothing: labels are smoothed under jensen-shannon, non-saturating, minimax, least-squares, got hinge"
      ),
      (
        "aavae", "strokes", ["adversary.objective=hinge"],
        "adversary.objective: weights are of an objective whose critic tells a probability (jensen-shannon, non-saturating, "
          + "minimax, kl, reverse-kl, pearson, hellinger), got hinge"
      ),
      ("aavae", "strokes", ["activation.temperature=0"], "activation.temperature: expected a number above 0"),
      (
        "infogan", "strokes", ["training.batchSize=1"],
        "training.batchSize: expected at least 2 examples in a batch, got 1"
      ),
      (
        "aavae", "strokes", ["regularizer.divergence=adversarial"],
        "regularizer.divergence: the adversary weighs examples: expected a divergence without a critic of its own"
      ),
      (
        "gan", "strokes", ["adversary.objective=wasserstein", "adversary.smoothing=0.1"],
        "adversary.smoothing: labels are smoothed under jensen-shannon, non-saturating, minimax, least-squares, got wasserstein"
      ),
      (
        "vae-gan", "strokes", ["generator.channels=[4, 3]", "adversary.channels=[3, 4]"],
        "reconstruction.layer: expected at most the 2 stages of the critic, got 3"
      ),
    ])
  func refused(_ model: String, _ data: String, _ changes: [String], _ message: String) throws {
    try Tool.run { tool in
      let refused = try tool(
        [
          "train", model, "--data", data == "strokes" ? tool.strokes() : data, "--limit", "40", "--steps", "1",
          "--quiet",
        ]
          + ["--run", "r"]
          + changes.flatMap { ["--set", $0] })
      #expect(refused.status == 1 && refused.errors.contains(message), "\(refused.errors)")
      #expect(!tool.exists("r"))
    }
  }
}
