import Datasets
import Foundation
import TestSupport
import Testing
import Torch

@Suite("Measuring a model from the command line")
struct EvaluateTests {
  private struct Row: Decodable {
    let metric, unit, split: String
    let mean: Double
    let standardError: Double?
    let examples: Int
  }

  private func rows(_ finished: Finished) throws -> [String: Row] {
    let rows = try JSONDecoder().decode([Row].self, from: Data(finished.output.utf8))
    return Dictionary(uniqueKeysWithValues: rows.map { ($0.metric, $0) })
  }

  @Test("codes, probes, annealing and memorization of a run on a user's labelled images")
  func metrics() throws {
    try Tool.run { tool in
      var train = try tool.images()
      try Tensor((0..<70).map { Int32($0 % 2) }).writeNPY(to: tool.path("images.labels.npy"))
      train += ["--epochs", "2", "--run", "run", "--quiet"]
      try tool.succeed(train)
      let found = try rows(
        tool.succeed(
          "evaluate", "run", "--metrics",
          "elbo,iwae:200,active-units,mi,mmd-prior,mmd-prior:rbf-2d,logdet,probe:linear,probe:svm:20,"
            + "probe:svm:20x3:draws,probe:knn,iwae:200:prior,iwae:200:mixture,memorization,ais,bdmc,"
            + "evidence:quadrature,kl-prior:knn",
          "--temperatures", "200", "--chains", "8", "--samples", "10", "--json"))
      #expect(found.count == 20)
      #expect(found.values.allSatisfy { $0.split == "validation" && $0.mean.isFinite })
      let (iwae, ais) = (try #require(found["iwae:200"]), try #require(found["ais"]))
      // Both are lower bounds of one number, and tight on two latent dimensions.
      #expect(abs(iwae.mean - ais.mean) < 0.1, "\(iwae.mean) \(ais.mean)")
      let evidence = try #require(found["evidence:quadrature"])
      #expect(abs(iwae.mean - evidence.mean) < 0.1 && evidence.standardError != nil, "\(evidence.mean)")
      #expect(ais.standardError != nil && ais.examples == iwae.examples)
      let gap = try #require(found["bdmc"])
      #expect(abs(gap.mean) < 0.2 && gap.examples == 100)
      expectClose(try #require(found["bdmc:upper"]).mean - #require(found["bdmc:lower"]).mean, gap.mean, absolute: 1e-9)
      #expect((0...2).contains(try #require(found["active-units"]).mean))
      #expect((0...1).contains(try #require(found["memorization"]).mean))
      // A model of two latent dimensions that has hardly been trained: 200 draws of the prior cover it.
      expectClose(try #require(found["iwae:200:mixture"]).mean, iwae.mean, absolute: 0.1, relative: 0)
      expectClose(try #require(found["iwae:200:prior"]).mean, iwae.mean, absolute: 0.1, relative: 0)
      for probe in ["probe:linear", "probe:svm:20", "probe:svm:20x3:draws", "probe:knn"] {
        let row = try #require(found[probe])
        #expect((0...1).contains(row.mean) && row.unit == "error rate")
      }
      #expect(tool.exists("run/figures/memorization.png"))
      // Nothing of a finished annealing is left.
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: tool.path("run")).allSatisfy { !$0.hasPrefix("ais-") })
      // What is measured beside a metric does not change it.
      let alone = try rows(
        tool.succeed("evaluate", "run", "--metrics", "mmd-prior", "--json"))
      #expect(try #require(alone["mmd-prior"]).mean == #require(found["mmd-prior"]).mean)
      let text = try tool.succeed("evaluate", "run", "--metrics", "active-units")
      #expect(text.lines.allSatisfy { $0.count <= 80 }, "\(text.output)")
      #expect(text.output.contains("threshold 0.01"))
    }
  }

  @Test("a number for each example and metric, as a table and as an array, whose mean is the value")
  func perExample() throws {
    try Tool.run { tool in
      try tool.succeed(try tool.points() + ["--epochs", "1", "--run", "run", "--quiet"])
      let command = ["evaluate", "run", "--split", "train", "--limit", "5", "--metrics", "elbo,iwae:20,kl", "--json"]
      let found = try rows(tool.succeed(command + ["--out", "per.csv"]))
      let lines = try tool.text("per.csv").split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
      #expect(lines[0] == ["index", "elbo_nats", "iwae:20_nats", "kl_nats"])
      #expect(lines.count == 6 && lines.dropFirst().map { $0[0] } == (0..<5).map(String.init))
      let iwae = try lines.dropFirst().map { try #require(Double($0[2])) }
      expectClose(iwae.reduce(0, +) / 5, try #require(found["iwae:20"]).mean, absolute: 1e-9)
      try tool.succeed(command + ["--out", "per.npy"])
      let array = try DataArray(contentsOf: tool.path("per.npy"), .npy)
      #expect(array.shape == [5, 3])
      expectClose(stride(from: 1, to: 15, by: 3).map { array.doubles()[$0] }, iwae, absolute: 0)
      func refusal(_ more: String...) throws -> (Int, String) {
        let finished = try tool(["evaluate", "run", "--split", "train"] + more)
        return (finished.status, finished.errors)
      }
      let whole = try refusal("--metrics", "elbo,logdet", "--out", "more.csv")
      #expect(
        whole == (
          1,
          "Error: logdet: expected a metric with a number for each example, got one of the whole set; ask elbo, iwae, "
            + "kl, reconstruction, squared-error, bpd, ais, evidence, probe\n"
        ))
      #expect(!tool.exists("more.csv"))
      let ending = try refusal("--out", "per.txt")
      #expect(ending.0 == 2 && ending.1.hasPrefix("Error: --out: expected a .csv or .npy file, got 'per.txt'\n"))
      let place = try refusal("--out", "none/per.csv")
      #expect(
        place.0 == 2
          && place.1.hasPrefix("Error: --out: there is no directory 'none' for 'none/per.csv'\n"))
    }
  }

  @Test("one example has no standard error: an empty place in the table, null in JSON")
  func oneExample() throws {
    try Tool.run { tool in
      try tool.succeed(try tool.points() + ["--epochs", "1", "--run", "run", "--quiet"])
      let command = ["evaluate", "run", "--split", "train", "--limit", "1", "--metrics", "elbo,iwae:5,kl"]
      let json = try tool.succeed(command + ["--json"]).output
      #expect(json.ranges(of: #""standardError" : null"#).count == 3 && !json.contains("nan"), "\(json)")
      let table = try tool.succeed(command).output
      #expect(!table.contains("nan"), "\(table)")
      #expect(table.contains("effective_samples"))
    }
  }

  @Test("samples are compared with data in the features of a named network")
  func features() throws {
    try Tool.run { tool in
      let train = try tool.images() + ["--epochs", "2", "--run", "run", "--quiet"]
      try Tensor((0..<70).map { Int32($0 % 2) }).writeNPY(to: tool.path("images.labels.npy"))
      try tool.succeed(train)
      let missing = try tool("evaluate", "run", "--metrics", "fid")
      #expect(missing.status == 1)
      #expect(
        missing.errors.hasSuffix("train one with 'helmholtz features train --data \(tool.path("images.npy"))'\n"),
        "\(missing.errors)")
      try tool.succeed(
        "features", "train", "--data", "images.npy", "--epochs", "1", "--threads", "1", "--set", "channels=[4, 8]",
        "--set",
        "batchSize=16")
      let output = try tool.succeed(
        "evaluate", "run", "--metrics", "fid,kid,prdc,is,class-ce", "--split", "train", "--samples", "40", "--json")
      let found = try rows(output)
      #expect(Set(found.keys) == ["fid", "kid", "precision", "recall", "density", "coverage", "is", "class-ce"])
      // Two classes of equal shares have an entropy of log 2, which is no part of it.
      #expect((0..<0.5).contains(try #require(found["class-ce"]).mean))
      #expect(try tool("evaluate", "run", "--metrics", "class-ce:counts", "--samples", "40").status == 0)
      #expect(try #require(found["fid"]).mean >= 0)
      #expect(try #require(found["is"]).mean >= 1)
      #expect(output.output.contains("residual-images"))
      let again = try tool.succeed(
        "evaluate", "run", "--metrics", "fid", "--split", "train", "--samples", "40", "--json")
      #expect(try #require(rows(again)["fid"]).mean == #require(found["fid"]).mean)
      #expect(again.output.contains(#""data_cached" : "yes""#))
    }
  }

  @Test("an annealing that is killed goes on and ends with the numbers of the unbroken one")
  func resumes() throws {
    try Tool.run { tool in
      try tool.succeed(try tool.points() + ["--epochs", "1", "--run", "run", "--quiet"])
      let command = [
        "evaluate", "run", "--split", "train", "--metrics", "ais", "--temperatures", "60", "--chains", "400", "--json",
      ]
      let whole = try #require(try rows(tool.succeed(command))["ais"])
      let running = try tool.start(command)
      func partial() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: tool.path("run")).filter {
          $0.hasPrefix("ais-") && $0.hasSuffix(".json")
        }
      }
      while running.isRunning, try partial().isEmpty { usleep(2000) }
      running.signal(SIGKILL)
      _ = try running.wait()
      #expect(try partial().count == 1)
      #expect(try rows(tool.succeed(command))["ais"]?.mean == whole.mean)
      #expect(try partial().isEmpty)
    }
  }
}
