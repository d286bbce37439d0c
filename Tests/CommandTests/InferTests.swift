import Foundation
import Testing
import Torch

@Suite("Inference from the command line")
struct InferTests {
  /// What a short run of a method takes.
  private static func quick(_ method: String) -> [String] {
    switch method {
    case "hmc", "nuts": ["--samples", "40", "--chains", "10", "--thin", "2", "--iterations", "20"]
    case "svgd": ["--samples", "20", "--iterations", "30"]
    case "avb", "avb-ac": ["--samples", "40", "--iterations", "2"]
    default: ["--samples", "40", "--iterations", "200"]
    }
  }

  @Test(
    "every method writes its draws, N rows, and a run with log, numbers and a report",
    arguments: ["avb", "avb-ac", "advi-meanfield", "advi-fullrank", "hmc", "nuts", "svgd"])
  func methods(_ method: String) throws {
    try Tool.run { tool in
      let command = ["infer", "eight-schools", "--method", method, "--out", "s.npy", "--quiet"] + Self.quick(method)
      let first = try tool.succeed(command)
      #expect(first.errors.isEmpty && first.output.contains("  -12.7108 nats"), "\(first.output)")
      #expect(first.lines.allSatisfy { $0.count <= 80 })
      let run = "runs/infer-eight-schools-\(method)-1"
      for name in ["config.yaml", "metrics.jsonl", "samples.npy", "result.json", "report.html", "figures/corner.svg"] {
        #expect(tool.exists("\(run)/\(name)"), "\(name)")
      }
      #expect(try tool.bytes("s.npy") == tool.bytes(run + "/samples.npy"))
      guard method.hasPrefix("advi") else { return }
      // Without --run a fresh one; the same settings, the same bits.
      let again = try tool.succeed(command + ["--json"])
      #expect(tool.exists("runs/infer-eight-schools-\(method)-2/result.json"))
      #expect(try tool.bytes("s.npy") == tool.bytes(run + "/samples.npy"))
      let result = try #require(JSONSerialization.jsonObject(with: Data(again.output.utf8)) as? [String: Any])
      #expect(result["samples"] as? Int == 40 && result["kl_to_reference"] is NSNull)
      #expect((result["modes"] as? [[String: Any]])?.count == 2)
    }
  }

  @Test("a reference gives both directions of KL and distances by column and of what is derived")
  func reference() throws {
    try Tool.run { tool in
      try RandomSource(seed: 1).normal([60, 10], dtype: .float64).writeNPY(to: tool.path("r.npy"))
      let command =
        ["infer", "eight-schools", "--method", "advi-fullrank", "--out", "s.npy", "--reference", "r.npy", "--quiet"]
        + Self.quick("advi")
      let shown = try tool.succeed(command + ["--run", "run"])
      #expect(shown.output.contains("nats (nearest neighbours, k = 1)"), "\(shown.output)")
      let result = try #require(
        try JSONSerialization.jsonObject(with: Data(tool.bytes("run/result.json"))) as? [String: Any])
      #expect(result["kl_to_reference"] is Double && result["kl_from_reference"] is Double)
      #expect((result["ks"] as? [String: Double])?.count == 10 + 9)
    }
  }

  @Test("a Gaussian and a logistic regression come out of the user's files, with names of columns")
  func files() throws {
    try Tool.run { tool in
      try Tensor([1.0, -1]).writeNPY(to: tool.path("m.npy"))
      try Tensor([1, 0.9, 0.9, 1], shape: [2, 2]).writeNPY(to: tool.path("S.npy"))
      let gaussian = try tool.succeed(
        [
          "infer", "gaussian", "--mean", "m.npy", "--covariance", "S.npy", "--method", "hmc", "--out", "s.npy",
          "--quiet",
        ]
          + Self.quick("hmc"))
      #expect(gaussian.output.contains("  0.0000 nats"), "\(gaussian.output)")
      let text = "age,size,sick\n1,0.5,0\n2,-1,1\n-1,0.3,0\n0.5,2,1\n"
      try Data(text.utf8).write(to: URL(fileURLWithPath: tool.path("f.csv")))
      let logistic = try tool.succeed(
        [
          "infer", "logistic", "--data", "f.csv", "--label", "sick", "--method", "hmc", "--out", "s.npy", "--json",
          "--quiet",
        ]
          + Self.quick("hmc"))
      let result = try #require(JSONSerialization.jsonObject(with: Data(logistic.output.utf8)) as? [String: Any])
      #expect(result["columns"] as? [String] == ["intercept", "age", "size"] && result["log_evidence"] is Double)
    }
  }

  @Test(
    "killed at any instants, the same command goes on to the bits of the unbroken run", arguments: ["hmc", "avb-ac"])
  func kill(_ method: String) throws {
    try Tool.run { tool in
      var command = ["infer", "torus", "--method", method, "--out", "s.npy", "--quiet", "--seed", "3"]
      command +=
        method == "hmc"
        ? ["--samples", "400", "--chains", "20", "--iterations", "100"] : ["--samples", "40", "--iterations", "12"]
      let clock = Date()
      try tool.succeed(command + ["--run", "whole"])
      let duration = Date().timeIntervalSince(clock)
      for share in [0.5, 0.8, 0.3] {
        let running = try tool.start(command + ["--run", "broken"])
        usleep(UInt32(share * duration * 1e6))
        running.signal(SIGKILL)
        _ = try running.wait()
      }
      // Killed before the directory was made there is nothing to go on with.
      let isThere = tool.exists("broken")
      try tool.succeed(command + ["--run", "broken"] + (isThere ? ["--resume"] : []))
      #expect(try tool.bytes("broken/samples.npy") == tool.bytes("whole/samples.npy"))
    }
  }

  @Test("Ctrl-C writes a checkpoint, leaves with 130 and says how to go on")
  func signal() throws {
    try Tool.run { tool in
      let command = [
        "infer", "torus", "--method", "hmc", "--out", "s.npy", "--quiet", "--samples", "40000", "--chains", "10",
        "--run",
        "run",
      ]
      let running = try tool.start(command)
      tool.waitForLog("run", running)
      running.signal(SIGINT)
      let stopped = try running.wait()
      #expect(stopped.status == 130)
      #expect(stopped.errors == "stopped; go on with the same command and --run run --resume\n")
      #expect(tool.exists("run/checkpoints/last.safetensors") && !tool.exists("s.npy"))
    }
  }

  private static let targets =
    "eight-schools, gaussian, torus, rosenbrock, u1, u2, u3, u4, funnel, logistic"
  private static let methods = "avb, avb-ac, advi-meanfield, advi-fullrank, hmc, nuts, svgd"

  @Test(
    "a wrong call leaves with 2",
    arguments: [
      ("torus", "hmc --samples 0", "--samples: expected at least 1, got 0"),
      ("torus", "advi-fullrank --iterations 0", "--iterations: expected at least 1, got 0"),
      ("torus", "hmc --thin 0", "--thin: expected at least 1, got 0"),
      ("torus", "hmc --samples 100 --chains 7", "--chains: expected a number that divides the 100 samples, got 7"),
      ("torus", "advi-fullrank --chains 2", "--chains has no effect with the method advi-fullrank"),
      ("torus", "avb --thin 2", "--thin has no effect with the method avb"),
      ("torus", "hmc --rule stan", "--rule has no effect with the method hmc"),
      ("torus", "hmc --variant div10", "--variant has no effect with the target torus; it belongs to eight-schools"),
      ("torus", "hmc --mean m.npy", "--mean has no effect with the target torus; it belongs to gaussian"),
      ("torus", "hmc --label y", "--label has no effect with the target torus; it belongs to logistic"),
      ("gaussian", "hmc", "the target gaussian needs --mean and --covariance"),
      ("logistic", "hmc --data f.csv", "the target logistic needs --data and --label"),
      ("torus", "hmc --resume", "--resume belongs to --run"),
      (
        "torus", "hmc --rule fast",
        "The value 'fast' is invalid for '--rule <rule>'. Please provide one of 'converge' and 'stan'."
      ),
    ])
  func usage(_ target: String, _ options: String, _ message: String) throws {
    try Tool.run { tool in
      let finished = try tool(
        ["infer", target, "--out", "s.npy", "--method"] + options.split(separator: " ").map(String.init))
      #expect(finished.status == 2 && finished.output.isEmpty)
      #expect(finished.errors.contains("Error: \(message)\n"), "\(finished.errors)")
      #expect(!tool.exists("runs"))
    }
  }

  @Test("what does not fit is refused in one line, before anything is made")
  func world() throws {
    try Tool.run { tool in
      func write(_ name: String, _ values: [Double], _ shape: [Int]) throws {
        try Tensor(values, shape: shape).writeNPY(to: tool.path(name))
      }
      func text(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: tool.path(name)))
      }
      func refuse(
        _ arguments: String, _ message: String, out: String = "s.npy", sourceLocation: SourceLocation = #_sourceLocation
      ) throws {
        let words = ["infer"] + arguments.split(separator: " ").map(String.init) + ["--out", out]
        let finished = try tool(words)
        #expect(finished.status == 1 && finished.output.isEmpty, sourceLocation: sourceLocation)
        #expect(finished.errors == "Error: \(message)\n", sourceLocation: sourceLocation)
        #expect(!tool.exists("runs"), sourceLocation: sourceLocation)
      }
      try refuse(
        "toros --method hmc", "unknown target 'toros'; there are \(Self.targets); did you mean 'torus'?")
      try refuse(
        "torus --method abv-ac", "unknown method 'abv-ac'; there are \(Self.methods); did you mean 'avb-ac'?")
      try refuse(
        "eight-schools --method hmc --variant author",
        "unknown variant 'author'; there are authors, div10, textbook; did you mean 'authors'?")
      try write("m.npy", [0, 0], [2])
      let gaussian = "gaussian --method hmc --mean m.npy --covariance S.npy"
      try write("S.npy", [1, 2, 3], [1, 3])
      try refuse(gaussian, "covariance: expected a square matrix, got shape [1, 3]")
      try write("S.npy", [1], [1, 1])
      try refuse(gaussian, "covariance: expected [2, 2] for a mean of 2 numbers, got shape [1, 1]")
      try write("S.npy", [1, 0.5, 0.2, 1], [2, 2])
      try refuse(
        gaussian, "covariance: expected a symmetric matrix, got 0.2 in row 1, column 0 and 0.5 in row 0, column 1")
      try write("S.npy", [1, 2, 2, 1], [2, 2])
      try refuse(gaussian, "covariance: expected a positive definite matrix, got the eigenvalue -1")
      try write("S.npy", [1, .nan, .nan, 1], [2, 2])
      try refuse(gaussian, "mean and covariance: expected finite numbers, got some that are not")
      let schools = "eight-schools --method hmc --reference r.npy"
      try write("r.npy", (0..<14).map(Double.init), [2, 7])
      try refuse(schools, "'r.npy': columns: expected 10 (mu, tau, eta1..eta8), got 7")
      try write("r.npy", (0..<10).map(Double.init) + (0..<10).map(Double.init), [2, 10])
      try refuse(
        schools, "'r.npy': expected rows that differ, got rows 0 and 1 equal; a distance of 0 has no logarithm")
      try write("r.npy", (0..<19).map(Double.init) + [.nan], [2, 10])
      try refuse(schools, "'r.npy': expected finite numbers, got nan in row 1, column 9")
      try write("r.npy", (0..<10).map(Double.init), [1, 10])
      try refuse(schools, "'r.npy': expected at least 2 rows, got 1")
      try refuse(
        "torus --method hmc --reference none.npy", "'none.npy': No such file or directory")
      let logistic = "logistic --method hmc --data f.csv --label sick"
      try text("f.csv", "age,sik\n1,0\n2,1\n")
      try refuse(logistic, "'f.csv': expected a column 'sick', got 'age', 'sik'; did you mean 'sik'?")
      try text("f.csv", "age,sick\n1,0\nold,1\n")
      try refuse(logistic, "'f.csv', line 3, column 1: expected a finite number, got 'old'")
      try text("f.csv", "age,sick\n1,0\nnan,1\n")
      try refuse(logistic, "'f.csv', line 3, column 1: expected a finite number, got 'nan'")
      try text("f.csv", "age,sick\n1,0\n2,2\n")
      try refuse(logistic, "'f.csv', line 3, column 2: expected a label 0 or 1, got 2.0")
      try text("f.csv", "age,sick\n1,1\n2,1\n")
      try refuse(logistic, "'f.csv', column 'sick': expected labels of both classes, 0 and 1, got 1 alone")
      try text("f.csv", "sick\n1\n0\n")
      try refuse(logistic, "'f.csv': expected columns beside 'sick', got none")
      try refuse("torus --method hmc --run none --resume", "none: no run here (no config.yaml)")
      try FileManager.default.createDirectory(atPath: tool.path("closed"), withIntermediateDirectories: false)
      try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: tool.path("closed"))
      // The superuser may write anywhere.
      if access(tool.path("closed"), W_OK) != 0 {
        try refuse(
          "torus --method hmc", "closed/s.npy: cannot write the file in 'closed': Permission denied",
          out: "closed/s.npy")
      }
    }
  }

  @Test("a run directory of another target is refused, and a run of inference is no run of a system")
  func otherRun() throws {
    try Tool.run { tool in
      let options = ["--out", "s.npy", "--run", "run", "--quiet"] + Self.quick("svgd")
      try tool.succeed(["infer", "torus", "--method", "svgd"] + options)
      let other = try tool(["infer", "rosenbrock", "--method", "svgd"] + options)
      #expect(other.status == 1)
      #expect(other.errors == "Error: run: expected a run with the target rosenbrock, found one with torus\n")
      for command in [["resume", "run"], ["sample", "run", "--out", "x.npy"], ["evaluate", "run"]] {
        let refused = try tool(command)
        #expect(refused.status == 1)
        #expect(
          refused.errors
            == "Error: run: expected a run of a system, found inference for the density 'torus'; it goes on with "
            + "'helmholtz infer torus', the same options and --run run\n")
      }
    }
  }
}
