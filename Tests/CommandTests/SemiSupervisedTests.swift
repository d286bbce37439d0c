import Foundation
import Systems
import TestSupport
import Testing
import Torch

@Suite("Few labels from the command line")
struct SemiSupervisedTests {
  private static let small = [
    "--data", "two-moons", "--limit", "300", "--threads", "1", "--quiet", "--epochs", "3", "--set",
    "likelihood.family=gaussian", "--set", "labels.batchSize=8", "--set", "encoder.hidden=[12]", "--set",
    "decoder.hidden=[12]", "--set", "latent.dimensions=2", "--set", "training.batchSize=50",
  ]

  @Test("a model trained on a few labels classifies, is measured, and draws each class", arguments: ["adgm", "m2"])
  func classes(_ model: String) throws {
    try Tool.run { tool in
      try tool.succeed(["train", model] + Self.small + ["--set", "labels.perClass=5", "--run", "r"])
      // The weight of the classification loss, beta N / N_l, comes from these when the model is built.
      let facts = try #require(
        try JSONSerialization.jsonObject(with: Data(tool.bytes("r/facts.json"))) as? [String: Any])
      #expect(facts["examples"] as? Int == 300 && facts["labelled"] as? Int == 10 && facts["classes"] as? Int == 2)
      let classify = ["classify", "r", "--limit", "40", "--out", "p.csv"]
      if model == "m2" {
        let idle = try tool(classify + ["--draws", "5"])
        #expect(idle.errors.hasPrefix("Error: --draws has no effect: m2 has no auxiliary variable to draw\n"))
      }
      let found = try tool.succeed(classify + (model == "m2" ? [] : ["--draws", "5"]))
      #expect(found.output.hasPrefix("p.csv: classes of 40 examples\nerror   "))
      let table = try tool.text("p.csv").split(separator: "\n")
      #expect(table.count == 41 && table[0] == "index,class,probability,entropy,p(0),p(1)")
      for (index, row) in table.dropFirst().enumerated() {
        let fields = row.split(separator: ",").compactMap { Double($0) }
        #expect(fields.count == 6 && fields[0] == Double(index) && fields[2] >= 0.5 && fields[3] <= 0.6932)
        #expect(fields.count == 6 && abs(fields[4] + fields[5] - 1) < 2e-6 && fields[4 + Int(fields[1])] == fields[2])
      }
      let measured = try tool.succeed("evaluate", "r", "--metrics", "elbo,iwae:5,error,ece,confusion", "--limit", "50")
      #expect(measured.lines.contains { $0.hasPrefix("error ") } && measured.output.contains("class_0"))
      if model == "adgm" {
        // Statistics of the whole training set are other numbers than the running ones, and forget those.
        func elbo(_ more: String...) throws -> [String] {
          try tool.succeed(["evaluate", "r", "--limit", "50"] + more).lines.filter { $0.hasPrefix("elbo") }
        }
        #expect(try elbo() != elbo("--gather-norms") && elbo("--gather-norms") == elbo("--gather-norms"))
      } else {
        #expect(
          try tool("evaluate", "r", "--gather-norms").errors
            == "Error: m2: expected a model with batch norm, got one without\n")
      }
      try tool.succeed("sample", "r", "--class", "1", "--count", "6", "--out", "ones.npy")
      try tool.succeed("sample", "r", "--analogies", "--from", "noise", "--count", "3", "--out", "a.npy")
      #expect(String(decoding: try tool.bytes("a.npy").prefix(128), as: UTF8.self).contains("(3, 2, 2)"))
      let refused = try tool("sample", "r", "--class", "2", "--out", "x.npy")
      #expect(refused.errors.hasPrefix("Error: --class: expected 0 to 1, got 2\n"))
    }
  }

  @Test("a classifier learns from the labelled points alone, says classes, and is asked for nothing else")
  func classifier() throws {
    try Tool.run { tool in
      let train = [
        "train", "classifier", "--data", "two-moons", "--limit", "300", "--threads", "1", "--quiet", "--set",
        "labels.batchSize=8", "--set", "encoder.hidden=[30]", "--set", "training.batchSize=50",
      ]
      try tool.succeed(train + ["--labels-per-class", "20", "--epochs", "30", "--run", "r"])
      #expect(try tool.text("r/config.yaml").contains("perClass: 20 "))
      #expect(try tool.text("r/report.html").contains("test error"))
      let found = try tool.succeed("classify", "r", "--limit", "500", "--out", "p.csv")
      let line = found.lines.first { $0.hasPrefix("error ") } ?? ""
      let error = line.split(separator: " ").dropFirst().first.flatMap { Double($0) }
      // Chance is 50 %; a straight line through the moons errs on about 12 %.
      #expect((error ?? 100) < 20, "\(found.output)")
      let measured = try tool.succeed("evaluate", "r", "--metrics", "error,ece,confusion", "--limit", "50")
      #expect(measured.lines.contains { $0.hasPrefix("error ") } && measured.output.contains("class_1"))
      for (command, lack) in [
        (["sample", "r", "--out", "x.npy"], "draws no samples"), (["encode", "r", "--out", "z.npy"], "has no encoder"),
      ] {
        let refused = try tool(command)
        #expect(refused.status == 1 && refused.errors == "Error: classifier \(lack); it has predicted classes\n")
      }
      for (metrics, lack) in [
        ("elbo", "elbo: classifier has no likelihood"),
        ("error,active-units", "active-units: classifier has no encoder"),
      ] {
        let refused = try tool("evaluate", "r", "--metrics", metrics)
        #expect(refused.status == 1 && refused.output.isEmpty)
        #expect(refused.errors.hasSuffix("Error: \(lack); ask error, ece, confusion\n"), "\(refused.errors)")
      }
      // Killed after an epoch, it goes on to the same bits.
      try tool.succeed(train + ["--labels-per-class", "20", "--epochs", "1", "--run", "short"])
      try tool.succeed("resume", "short", "--epochs", "30", "--quiet")
      #expect(try tool.state("short") == tool.state("r"))
    }
  }

  /// What trains a small model on the file of strokes within seconds.
  private static let strokes = [
    "--data", "strokes.npy", "--limit", "300", "--threads", "1", "--quiet", "--steps", "20", "--set",
    "encoder.hidden=[12]",
    "--set", "decoder.hidden=[12]",
  ]

  @Test("M2 is trained on the codes of another run, classifies examples by them and is measured on them")
  func codes() throws {
    try Tool.run { tool in
      _ = try tool.strokes(400)
      try tool.succeed(["train", "vae"] + Self.strokes + ["--set", "latent.dimensions=5", "--run", "m1"])
      let stacked = [
        "train", "m2", "--labels-per-class", "5", "--set", "data.codes=m1", "--set", "likelihood.family=gaussian",
        "--set", "latent.dimensions=2",
      ]
      try tool.succeed(stacked + Self.strokes + ["--run", "m2"])
      let settings = try tool.text("m2/config.yaml")
      #expect(settings.contains("codes: \(tool.path("m1"))"))
      func shape(_ run: String) throws -> [Int]? {
        let facts = try JSONSerialization.jsonObject(with: Data(tool.bytes("\(run)/facts.json"))) as? [String: Any]
        return facts?["shape"] as? [Int]
      }
      #expect(try shape("m2") == [5])
      try tool.succeed("classify", "m2", "--limit", "30", "--out", "p.npy")
      try tool.succeed("evaluate", "m2", "--metrics", "elbo,error", "--limit", "30")
      // Codes of a model with classes go on whole, the class with them: 2 numbers and 10 classes.
      let top = ["train", "vae", "--set", "data.codes=m2", "--set", "likelihood.family=gaussian"]
      try tool.succeed(top + Self.strokes + ["--run", "top"])
      #expect(try shape("top") == [12])
    }
  }

  @Test("a run on codes is the run on the array that encode writes, bit for bit, in training and in classifying")
  func encoded() throws {
    try Tool.run { tool in
      // A Gaussian likelihood takes pixels as they are: codes need no draw.
      try tool.succeed(
        try tool.images() + ["--set", "likelihood.family=gaussian", "--epochs", "2", "--run", "m1", "--quiet"])
      try tool.succeed("encode", "m1@last", "--data", "images.npy", "--out", "z.npy")
      for name in ["images", "z"] {
        try Tensor((0..<70).map { Int64($0 % 3) }).writeNPY(to: tool.path(name + ".labels.npy"))
      }
      let train = [
        "train", "m2", "--labels-per-class", "5", "--set", "likelihood.family=gaussian", "--set", "latent.dimensions=2",
        "--set", "encoder.hidden=[12]", "--set", "decoder.hidden=[12]", "--quiet", "--threads", "1",
      ]
      let codes = train + ["--data", "images.npy", "--set", "data.codes=m1@last"]
      try tool.succeed(codes + ["--steps", "9", "--run", "stacked"])
      try tool.succeed(train + ["--data", "z.npy", "--steps", "9", "--run", "plain"])
      #expect(try tool.state("stacked") == tool.state("plain"))
      try tool.succeed("classify", "stacked", "--out", "p.npy")
      try tool.succeed("classify", "plain", "--out", "q.npy")
      #expect(try tool.bytes("p.npy") == tool.bytes("q.npy"))
      // Other data are encoded too.
      try tool.succeed("classify", "stacked", "--data", "./images.npy", "--out", "p.npy")
      #expect(try tool.bytes("p.npy") == tool.bytes("q.npy"))
      try tool.succeed(codes + ["--steps", "4", "--run", "short"])
      try tool.succeed("resume", "short", "--steps", "9", "--quiet")
      #expect(try tool.state("short") == tool.state("stacked"))
    }
  }

  @Test("codes of no run, of a run on other examples, of a classifier, and of a circle of runs are refused in one line")
  func noCodes() throws {
    try Tool.run { tool in
      func refusal(_ arguments: String...) throws -> String {
        let finished = try tool(
          ["train", "m2", "--set", "likelihood.family=gaussian", "--steps", "1", "--quiet"] + arguments + [
            "--run", "r",
          ])
        #expect(finished.status == 1 && !tool.exists("r"))
        return finished.errors
      }
      #expect(
        try refusal("--data", "two-moons", "--set", "data.codes=gone")
          == "Error: data.codes: gone: no run here (no config.yaml)\n")
      try tool.succeed(try tool.points() + ["--steps", "1", "--set", "latent.dimensions=3", "--run", "a", "--quiet"])
      #expect(
        try refusal("--data", "strokes", "--set", "data.codes=a@last")
          == "Error: data.codes: 'a@last' takes examples of shape [2], strokes has [1, 28, 28]\n")
      try tool.succeed(
        ["train", "classifier", "--data", "two-moons", "--limit", "50", "--steps", "1", "--run", "c", "--quiet"])
      #expect(
        try refusal("--data", "two-moons", "--set", "data.codes=c")
          == "Error: data.codes: classifier has no encoder; it has predicted classes\n")
      let settings = try tool.text("a/config.yaml")
      try settings.replacing("codes: null", with: "codes: ./a ").write(
        toFile: tool.path("a/config.yaml"), atomically: true, encoding: .utf8)
      #expect(
        try refusal("--data", "two-moons", "--set", "data.codes=a")
          == "Error: data.codes: expected runs that lead to examples, got './a', which leads to itself\n")
    }
  }

  @Test("a run with labelled batches that is killed goes on to the same bits")
  func resume() throws {
    try Tool.run { tool in
      let train = ["train", "sdgm"] + Self.small + ["--set", "labels.perClass=5"]
      try tool.succeed(train + ["--run", "whole"])
      try tool.succeed(train + ["--run", "short", "--epochs", "1"])
      try tool.succeed("resume", "short", "--epochs", "3", "--quiet")
      #expect(try tool.state("short") == tool.state("whole"))
    }
  }

  @Test("too few labels, none at all, and models without classes are refused")
  func refusals() throws {
    try Tool.run { tool in
      let few = try tool(["train", "adgm"] + Self.small + ["--set", "labels.perClass=200", "--run", "r"])
      #expect(few.status == 1)
      #expect(
        few.errors
          == "Error: two-moons train, class 0: expected at least 200 labelled examples (--labels-per-class takes fewer of each), got 150\n"
      )
      let none = try tool(["train", "adgm"] + Self.small + ["--data", "swiss-roll", "--run", "r"])
      #expect(none.status == 1)
      #expect(none.errors == "Error: swiss-roll train, labels: expected a class for some examples, got none\n")
      #expect(!tool.exists("r"))
      try tool.succeed(try tool.images() + ["--epochs", "1", "--run", "v", "--quiet"])
      let plain = try tool("classify", "v", "--out", "p.csv")
      #expect(
        plain.errors == "Error: vae predicts no classes; it has samples, a decoder, an encoder and a likelihood\n")
      let metric = try tool("evaluate", "v", "--metrics", "error")
      #expect(
        metric.errors.hasSuffix(
          "Error: error: vae predicts no classes; ask elbo, iwae, kl, reconstruction, squared-error, bpd, ais, bdmc, "
            + "evidence, active-units, mi, mmd-prior, kl-prior, logdet, probe, tsne:knn, fid, kid, prdc, is, class-ce, memorization, sharpness, "
            + "sharpness:samples, wasserstein1, modes\n"
        ),
        "\(metric.errors)")
    }
  }
}
