import Foundation
import Testing
import Torch

@Suite("Four points from the command line")
struct FourPointsTests {
  private struct Row: Decodable {
    let metric: String
    let mean: Double
    let approximate: Bool?
  }

  private func rows(_ finished: Finished) throws -> [String: Row] {
    let rows = try JSONDecoder().decode([Row].self, from: Data(finished.output.utf8))
    return Dictionary(uniqueKeysWithValues: rows.map { ($0.metric, $0) })
  }

  private static let small = [
    "--data", "four-points", "--set", "latent.dimensions=2", "--set", "encoder.hidden=[16]", "--set",
    "decoder.hidden=[16]",
    "--set", "data.validation=100", "--steps", "40", "--quiet", "--threads", "1", "--run", "r",
  ]

  @Test("a VAE of the plane has a bound below its evidence, which is at most -log 4")
  func vae() throws {
    try Tool.run { tool in
      try tool.succeed(["train", "vae"] + Self.small)
      let found = try rows(
        tool.succeed(
          "evaluate", "r", "--metrics", "elbo:20,evidence:quadrature,kl-prior:knn", "--limit", "400", "--json"))
      let (elbo, evidence) = (try #require(found["elbo:20"]), try #require(found["evidence:quadrature"]))
      #expect(elbo.approximate == nil && elbo.mean < evidence.mean && evidence.mean <= -log(4), "\(found)")
      #expect(try #require(found["kl-prior:knn"]).mean.isFinite)
      let many = try tool("train", "vae", "--data", "four-points", "--steps", "2", "--quiet", "--run", "wide")
      #expect(many.status == 0)
      let refused = try tool("evaluate", "wide", "--metrics", "evidence:quadrature")
      #expect(
        refused.errors.hasPrefix(
          "Error: evidence:quadrature: vae has codes of 50 dimensions, and quadrature takes at most 2; ask elbo, "),
        "\(refused.errors)")
    }
  }

  @Test("AVB's bound is printed as approximate; iwae, kl and bpd are refused, as its posterior has no density")
  func avb() throws {
    try Tool.run { tool in
      try tool.succeed(
        ["train", "avb"] + Self.small + [
          "--set", "encoder.network=mlp", "--set", "encoder.noise=input", "--set", "decoder.network=mlp",
          "--set", "adversary.network=residual", "--set", "adversary.width=16", "--set", "adversary.blocks=1",
        ])
      let metrics = ["evaluate", "r", "--limit", "400", "--metrics"]
      let asked = "elbo,evidence:quadrature,reconstruction,kl-prior:knn"
      let found = try rows(tool.succeed(metrics + [asked, "--json"]))
      #expect(try #require(found["elbo"]).approximate == true)
      #expect(found.values.filter { $0.approximate != nil }.count == 1)
      #expect(try #require(found["evidence:quadrature"]).mean <= -log(4))
      let text = try tool.succeed(metrics + [asked])
      #expect(text.output.contains("elbo (approximate)"), "\(text.output)")
      for metric in ["iwae:20", "kl", "bpd"] {
        let refused = try tool(metrics + [metric])
        #expect(refused.status == 1)
        #expect(
          refused.errors.hasPrefix(
            "Error: \(metric): avb has a posterior without a density; ask elbo, reconstruction, squared-error, ais, "),
          "\(refused.errors)")
      }
      let warned = try tool.succeed(
        metrics + ["elbo,ais", "--temperatures", "2", "--chains", "1", "--start", "prior", "--json"])
      let both = try rows(warned)
      let excess = try #require(both["elbo"]).mean - #require(both["ais"]).mean
      #expect(warned.errors.contains("above ais: the estimate is no bound here") == (excess > 0), "\(warned.errors)")
    }
  }

  @Test(
    "avb's table and figures of four points train, measure and draw", arguments: ["table-1", "figure-5", "figure-6"])
  func reproduce(_ name: String) throws {
    try Tool.run { tool in
      let finished = try tool.succeed(
        "reproduce", "avb/\(name)", "--scale", "smoke", "--out", "r", "--threads", "1", "--quiet")
      #expect(finished.errors.isEmpty && tool.exists("r/report.html"))
      let files =
        name == "figure-5"
        ? ["examples-seed1/figures/examples.png"]
        : ["vae-seed1/figures/codes.svg", "avb-seed1/figures/division.svg", "avb-seed1/figures/codes.svg"]
      for file in files { #expect(tool.exists("r/" + file), "\(file)") }
    }
  }
}
