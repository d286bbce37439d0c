import Foundation
import TestSupport
import Testing
import Torch

@Suite("Reproductions from the command line")
struct ReproduceTests {
  private struct Report: Decodable {
    struct Judgement: Decodable {
      struct Number: Decodable {
        struct Mean: Decodable { let value: Double }
        let cell, metric: String
        let paper: Double?
        let here: Mean?
      }
      let claim: String
      let verdict: String?
      let numbers: [Number]
    }
    struct Cell: Decodable {
      struct Value: Decodable { let value: Double }
      let name: String
      let steps: Int
      let numbers: [String: Value]
    }
    let experiment, scale, machine, commit: String
    let claims: [Judgement]
    let cells: [Cell]

    init(_ output: String) throws {
      let decoder = JSONDecoder()
      decoder.nonConformingFloatDecodingStrategy = .convertFromString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      self = try decoder.decode(Report.self, from: Data(output.utf8))
    }
  }

  @Test("a table's smoke run trains, measures, compares with the paper, and repeats nothing after a kill")
  func table() throws {
    try Tool.run { tool in
      let command = ["reproduce", "info/table-1", "--scale", "smoke", "--out", "r", "--threads", "1"]
      let running = try tool.start(command)
      while running.isRunning, !tool.exists("r/vae-seed1/cell.json") { usleep(5000) }
      running.signal(SIGKILL)
      _ = try running.wait()
      let first = try tool.bytes("r/vae-seed1/checkpoints/last.safetensors")
      let finished = try tool.succeed(command + ["--json"])
      #expect(try tool.bytes("r/vae-seed1/checkpoints/last.safetensors") == first)
      let report = try Report(finished.output)
      #expect(report.experiment == "info/table-1" && report.scale == "smoke")
      #expect(report.cells.map(\.name) == ["vae", "authors-vae", "mmd-vae", "stein-vae", "aae"])
      #expect(report.cells.allSatisfy { $0.steps == 8 })
      let claim = try #require(report.claims.first)
      #expect(claim.numbers.first { $0.cell == "mmd-vae" }?.paper == -80.76)
      #expect(Set(claim.numbers.map(\.cell)) == ["authors-vae", "mmd-vae", "stein-vae", "aae"])
      #expect(claim.numbers.allSatisfy { $0.here != nil } && claim.verdict == nil)
      #expect(tool.exists("r/result.json") && tool.exists("r/report.html"))
      let refused = try tool("reproduce", "info/table-1", "--scale", "cpu", "--out", "r")
      #expect(refused.status == 1)
      #expect(
        refused.errors
          == "Error: r: holds info/table-1 at scale smoke, not info/table-1 at scale cpu; choose another --out\n")
      let again = try tool.succeed(command + ["--quiet"])
      #expect(again.errors.isEmpty)
      for words in ["\nclaim 1: no verdict\n", "paper   here", "std. error  seeds", "\nverdicts  3 no verdict; "] {
        #expect(again.output.contains(words), "\(again.output)")
      }
      #expect(again.lines.allSatisfy { $0.count <= 80 }, "\(again.output)")
    }
  }

  /// Experiments with their cells, some of their files and the number of their claims.
  private static let fewLabels: [(name: String, cells: [String], files: [String], claims: Int)] = [
    (
      "adgm/figure-2cd", ["adgm/half-moons-clear", "m2/half-moons-clear", "adgm/half-moons", "m2/half-moons"],
      ["error.svg", "adgm-half-moons-seed1/figures/surface.svg", "adgm-half-moons-seed1/figures/auxiliary.svg"], 2
    ),
    (
      "adgm/figure-2ab",
      [
        "u1/gaussian", "u1/auxiliary", "u2/gaussian", "u2/auxiliary", "u3/gaussian", "u3/auxiliary",
        "u4/gaussian", "u4/auxiliary",
      ], ["bound.svg", "u1-auxiliary-seed1/figures/samples.svg"], 1
    ),
    ("adgm/table-1", ["vae", "avae", "avae-2"], ["avae-2-seed1/figures/samples.png"], 3),
    ("adgm/table-2-mnist", ["m2", "adgm", "sdgm", "m1", "m1+m2", "classifier"], ["error.svg"], 4),
    ("adgm/table-2-svhn", ["adgm", "sdgm"], ["sdgm-seed1/figures/samples.png"], 2),
    ("adgm/figure-5", ["sdgm", "adgm", "m2", "deterministic"], ["error.svg"], 3),
    ("adgm/table-2-norb", ["adgm", "sdgm"], ["adgm-seed1/figures/samples.png"], 2),
    ("adgm/figure-3", ["sdgm"], ["sdgm-seed1/figures/analogies.png", "sdgm-seed1/figures/classes.png"], 0),
    ("adgm/figure-4", ["sdgm"], ["sdgm-seed1/figures/units.svg", "sdgm-seed1/figures/auxiliary.svg"], 1),
  ]

  /// The same of the unified view.
  private static let unified: [(name: String, cells: [String], files: [String], claims: Int)] = [
    ("uni/table-2-left", ["gan/mnist", "iwgan/mnist"], ["iwgan-mnist-seed1/figures/samples.png"], 3),
    ("uni/table-2-middle", ["cgan/mnist", "iwcgan/mnist"], ["cgan-mnist-seed1/figures/samples.png"], 2),
    (
      "uni/table-3", ["vae", "aavae", "cvae", "aacvae", "svae", "aasvae"].map { $0 + "/1" },
      ["aavae-1-seed1/figures/samples.png"], 5
    ),
    ("uni/table-4", ["svae/1", "aasvae/1"], ["aasvae-1-seed1/figures/samples.png"], 2),
  ]

  /// The same of auxiliary supervised learning.
  private static let supervised: [(name: String, cells: [String], files: [String], claims: Int)] = [
    (
      "asl/figure-2", ["asl/eight-gaussians", "asl/swiss-roll-3d"],
      ["asl-eight-gaussians-seed1/figures/points.svg", "asl-swiss-roll-3d-seed1/figures/data.svg"], 0
    ),
    (
      "asl/figure-3", ["asl", "vae", "flow"].flatMap { ["\($0)/eight-gaussians", "\($0)/swiss-roll-3d"] },
      ["eight-gaussians.svg", "swiss-roll-3d.svg"], 2
    ),
    ("asl/figure-4", ["vae", "mi"], ["mi-seed1/figures/map.svg"], 2),
    ("asl/figure-5", ["vae-asl", "mi-asl"], ["mi-asl-seed1/figures/reconstructions.png"], 2),
    ("asl/figure-6", ["vae", "two-stage-vae", "vae-asl", "mi-asl"], ["two-stage-vae-seed1/figures/samples.png"], 1),
    (
      "asl/table-1", ["vae", "two-stage-vae", "vae-asl", "mi-asl"].map { $0 + "/fashion-mnist" },
      ["mi-asl-fashion-mnist-seed1/figures/samples.png"], 2
    ),
    ("asl/figure-7", ["mi-asl"], ["mi-asl-seed1/figures/samples.png", "mi-asl-seed1/figures/reconstructions.png"], 0),
    (
      "asl/figure-8", ["vae", "flow"].flatMap { ["\($0)/eight-gaussians", "\($0)/swiss-roll-3d"] },
      ["flow-swiss-roll-3d-seed1/figures/points.svg"], 0
    ),
    ("asl/figure-9", ["vae", "two-stage-vae", "vae-asl", "mi-asl"], ["vae-seed1/figures/samples.png"], 1),
    ("asl/figure-10", ["mi-asl", "vae-asl"], ["vae-asl-seed1/figures/samples.png"], 0),
    ("asl/figure-11", ["mi-asl"], ["mi-asl-seed1/figures/interpolations.png"], 0),
  ]

  /// The same of adversarial variational Bayes.
  private static let adversarial: [(name: String, cells: [String], files: [String], claims: Int)] = [
    ("avb/table-1", ["vae", "avb"], ["avb-seed1/figures/codes.svg", "avb-seed1/figures/division.svg"], 4),
    ("avb/figure-6", ["vae", "avb"], ["vae-seed1/figures/codes.svg"], 1),
    (
      "avb/table-2",
      [
        "avb/8", "avb-ac/8", "avb-ac/32", "vae/8", "vae/32", "vae-planar/32", "vae-iaf/32", "hvi/32", "avae/32",
      ], ["avb-ac-32-seed1/figures/samples.png"], 5
    ),
    ("avb/figure-7", ["avb-ac/32"], ["avb-ac-32-seed1/figures/samples.png"], 0),
    ("avb/fixed-decoder", ["vae", "avae", "vae-iaf", "avb-ac"], ["vae-iaf-seed1/figures/samples.png"], 2),
    ("avb/figure-9", ["avb"], ["avb-seed1/figures/samples.png"], 0),
    ("avb/figure-10", ["avb"], ["avb-seed1/figures/interpolations.png"], 0),
  ]

  @Test(
    "experiments with few labels, and of posteriors without a density, train, measure and draw",
    arguments: fewLabels + adversarial + unified + supervised)
  func trained(name: String, cells: [String], files: [String], claims: Int) throws {
    try Tool.run { tool in
      let command = ["reproduce", name, "--scale", "smoke", "--out", "r", "--threads", "1", "--json", "--quiet"]
      let finished = try tool.succeed(command)
      // A cell whose result was lost is measured again, not trained again: a kill in between loses nothing.
      let cell = "r/" + cells[0].replacing("/", with: "-") + "-seed1"
      let file = log(tool, cell)
      let log = try tool.bytes(file)
      try FileManager.default.removeItem(atPath: tool.path(cell + "/cell.json"))
      try tool.succeed(command)
      #expect(try tool.bytes(file) == log)
      let report = try Report(finished.output)
      #expect(report.cells.map(\.name) == cells)
      for file in files { #expect(tool.exists("r/" + file), "\(file)") }
      #expect(report.claims.count == claims && report.claims.allSatisfy { $0.verdict == nil })
    }
  }

  /// The log of a cell; of one that is made of stages, that of its first.
  private func log(_ tool: Tool, _ cell: String) -> String {
    [cell + "/metrics.jsonl", cell + "/encoder/metrics.jsonl"].first(where: tool.exists) ?? cell
  }

  @Test("the four points are drawn")
  func fourPoints() throws {
    try Tool.run { tool in
      try tool.succeed("reproduce", "avb/figure-5", "--scale", "smoke", "--out", "r", "--quiet")
      #expect(tool.exists("r/examples-seed1/figures/examples.png"))
    }
  }

  @Test("an experiment takes a folder of the user's in the place of its own images")
  func ownData() throws {
    try Tool.run { tool in
      try (RandomSource(seed: 3).uniform([60, 3, 16, 16]) * 255).to(.uint8).writeNPY(to: tool.path("faces.npy"))
      let finished = try tool.succeed(
        "reproduce", "avb/figure-10", "--scale", "smoke", "--data", "faces.npy", "--out", "r", "--json", "--quiet")
      #expect(try Report(finished.output).cells.map(\.name) == ["avb"])
      #expect(tool.exists("r/avb-seed1/figures/interpolations.png"))
      #expect(try tool.text("r/avb-seed1/config.yaml").contains("faces.npy"))
    }
  }

  /// The same of densities: experiments with their cells, some of their files, numbers and the number of their claims.
  private static let densities: [(name: String, cells: [String], files: [String], numbers: Set<String>, claims: Int)] =
    [
      (
        "avb/figure-1", ["avb", "avb-ac", "advi-fullrank"],
        ["avb-ac-seed1/figures/draws.svg", "avb-ac-seed1/figures/corner.svg"], ["kl", "kl-from", "bound", "ks", "r2"], 2
      ),
      (
        "avb/figure-3", ["avb", "avb-ac", "advi-meanfield", "advi-fullrank"], ["kl.svg"],
        ["kl", "kl@00002", "kl@00020", "imbalance", "ks-tau", "ks-theta"], 3
      ),
      (
        "avb/figure-4", ["avb-ac", "advi-fullrank", "hmc"],
        ["hmc-seed1/figures/mu-tau.svg", "avb-ac-seed1/figures/tau-eta1.svg"], ["imbalance", "ks-tau"], 2
      ),
      (
        "uni/figure-2", ["kl", "opposite-kl"], ["kl-seed1/figures/before.svg", "opposite-kl-seed1/figures/after.svg"],
        ["mean", "deviation", "mode", "posterior-mode", "jsd", "jsd-before", "gap"], 4
      ),
      ("uni/evaluation", ["mnist"], ["mnist-seed1/network.safetensors"], ["accuracy", "is"], 2),
      (
        "asl/figure-12", ["mi-asl"], ["mi-asl-seed1/figures/losses.svg"],
        ["rise:encoder", "rise:density", "rise:regression"], 3
      ),
    ]

  @Test(
    "figures of densities are inferred, measured and drawn, and a cell that was finished is not begun again",
    arguments: densities)
  func densityFigures(name: String, cells: [String], files: [String], numbers: Set<String>, claims: Int) throws {
    try Tool.run { tool in
      let command = ["reproduce", name, "--scale", "smoke", "--out", "r", "--threads", "1", "--json", "--quiet"]
      var report = try Report(tool.succeed(command).output)
      if claims == 3 {
        let file = log(tool, "r/\(cells[0])-seed1")
        let log = try tool.bytes(file)
        try FileManager.default.removeItem(atPath: tool.path("r/\(cells[0])-seed1/cell.json"))
        report = try Report(tool.succeed(command).output)
        #expect(try tool.bytes(file) == log)
      }
      #expect(report.cells.map(\.name) == cells)
      for file in files { #expect(tool.exists("r/" + file), "\(file)") }
      for cell in report.cells { #expect(numbers.isSubset(of: cell.numbers.keys), "\(cell)") }
      #expect(report.claims.count == claims && report.claims.allSatisfy { $0.verdict == nil })
    }
  }

  /// Experiments with the number of their cells and some of their files.
  private static let figures: [(name: String, cells: Int, files: [String])] = [
    (
      "info/figure-1", 4,
      [
        "information.svg", "reconstruction.svg", "vae-seed1/figures/samples.png",
        "mmd-vae-seed1/figures/markov-chain.png",
      ]
    ),
    ("info/figure-2", 2, ["kl.svg", "reconstruction.svg", "ae-seed1/figures/markov-chain.png"]),
    ("info/figure-3", 4, ["mmd.svg", "logdet.svg", "class-ce.svg", "svm.svg", "convergence.svg"]),
    ("info/figure-4", 5, ["aae-10-seed1/figures/samples.png"]),
    ("info/figure-5", 3, ["stein-vae-10-seed1/figures/samples.png"]),
  ]

  @Test("figures of InfoVAE train, measure and draw", arguments: figures)
  func info(name: String, cells: Int, files: [String]) throws {
    try Tool.run { tool in
      let command = ["reproduce", name, "--scale", "smoke", "--out", "r", "--threads", "1", "--json", "--quiet"]
      let report = try Report(tool.succeed(command).output)
      #expect(report.cells.count == cells && report.cells.allSatisfy { $0.steps > 0 })
      for file in files { #expect(tool.exists("r/" + file), "\(file)") }
    }
  }

  @Test("an experiment that is not known is named beside those that are, and the nearest")
  func unknown() throws {
    try Tool.run { tool in
      // The tests above run each of them.
      let tested = Set(
        (Self.fewLabels + Self.adversarial + Self.unified + Self.supervised).map(\.name) + Self.figures.map(\.name)
          + Self.densities.map(\.name)
          + ["info/table-1", "avb/figure-5"])
      let all =
        "there are info/figure-1, info/figure-2, info/figure-3, info/figure-4, info/figure-5, info/table-1, "
        + "adgm/figure-2ab, adgm/figure-2cd, adgm/table-1, adgm/table-2-mnist, adgm/table-2-svhn, adgm/table-2-norb, "
        + "adgm/figure-3, adgm/figure-4, adgm/figure-5, avb/figure-1, avb/figure-3, avb/figure-4, avb/table-1, "
        + "avb/figure-5, avb/figure-6, avb/table-2, avb/figure-7, avb/fixed-decoder, avb/figure-9, avb/figure-10, "
        + "uni/figure-2, uni/evaluation, uni/table-2-left, uni/table-2-middle, uni/table-3, uni/table-4, "
        + "asl/figure-2, asl/figure-3, asl/figure-4, asl/figure-5, asl/figure-6, asl/table-1, asl/figure-7, asl/figure-8, "
        + "asl/figure-9, asl/figure-10, asl/figure-11, asl/figure-12"
      #expect(Set(all.dropFirst("there are ".count).components(separatedBy: ", ")) == tested)
      for (name, hint) in [("zzz/1", ""), ("adgm/tabel-1", "; did you mean 'adgm/table-1'?")] {
        let finished = try tool("reproduce", name, "--scale", "smoke")
        #expect(finished.status == 1)
        #expect(finished.errors == "Error: unknown experiment '\(name)'; \(all)\(hint)\n")
      }
    }
  }

  @Test("wrong input of reproduce is refused in a sentence before anything is done")
  func refusals() throws {
    try Tool.run { tool in
      let command = ["reproduce", "adgm/figure-2ab", "--scale", "smoke", "--quiet"]
      let none = try tool(command + ["--seeds", "0"])
      #expect(none.status == 2)
      #expect(none.errors.hasPrefix("Error: --seeds: expected 1 to 1000, got 0\n"), "\(none.errors)")
      try Data().write(to: URL(fileURLWithPath: tool.path("notes.txt")))
      let file = try tool(command + ["--out", "notes.txt/r"])
      #expect(
        file.status == 1 && file.errors == "Error: notes.txt/r: expected a directory, but 'notes.txt' is a file\n")
      let here = try tool(command + ["--out", "."])
      #expect(here.status == 1)
      #expect(
        here.errors == "Error: .: expected a new directory, an empty one or one of adgm/figure-2ab, got one that has "
          + "'notes.txt' in it; choose another --out\n")
    }
  }

  @Test("two shares and a call that gathers them; the list has a line for each, and the page every published number")
  func shares() throws {
    try Tool.run { tool in
      let command = ["reproduce", "uni/figure-2", "--scale", "smoke", "--quiet"]
      let list = try tool.succeed("reproduce", "--list", "--scale", "smoke")
      let lines = list.lines.filter { !$0.isEmpty }
      #expect(lines.count > 40 && lines.allSatisfy { $0.hasSuffix("not run") })
      #expect(lines.allSatisfy { $0.split(separator: " ").first?.contains("/") == true })
      let first = try tool.succeed(command + ["--shard", "1/2"])
      #expect(first.output == "1 of 2 cells are finished; others have their shares\n")
      let part = try tool.succeed("reproduce", "--list", "--scale", "smoke")
      #expect(part.lines.first { $0.hasPrefix("uni/figure-2 ") }?.hasSuffix("1 of 2 cells") == true)
      // Under a launcher its process's share is the default.
      let second = try tool.start(
        command + ["--jobs", "2"],
        with: ["RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500"]
      ).wait()
      #expect(second.output == "2 of 2 cells are finished; the command without --shard gathers them\n")
      #expect(!tool.exists("reproductions/uni-figure-2-smoke/result.json"))
      try tool.succeed(command + ["--jobs", "2"])
      #expect(tool.exists("reproductions/uni-figure-2-smoke/result.json"))
      let report = try tool.succeed("report", "--all", "--scale", "smoke")
      #expect(report.lines.first == "numbers   168 published, 0 with ours beside them", "\(report.output)")
      #expect(report.lines.allSatisfy { $0.count <= 80 })
      #expect(tool.exists("reproductions/results.html") && tool.exists("reproductions/results.json"))
    }
  }

  @Test(
    "calls of reproduce and report that say too little or too much are refused",
    arguments: [
      (["reproduce"], "expected an experiment, --all or --list"),
      (["reproduce", "uni/figure-2", "--all", "--scale", "smoke"], "expected an experiment, --all or --list"),
      (["reproduce", "uni/figure-2"], "Missing expected argument '--scale <scale>'"),
      (["reproduce", "--all"], "Missing expected argument '--scale <scale>'"),
      (["reproduce", "--all", "--scale", "smoke", "--data", "mnist"], "--data is for one experiment"),
      (["reproduce", "--list", "--jobs", "2"], "--list takes --scale and --out alone"),
      (["reproduce", "uni/figure-2", "--scale", "smoke", "--jobs", "0"], "--jobs: expected 1 to 4096, got 0"),
      (["report"], "expected --all"),
    ])
  func wrongCalls(_ arguments: [String], _ words: String) throws {
    try Tool.run { tool in
      let refused = try tool(arguments)
      #expect(refused.status == 2)
      #expect(refused.errors.hasPrefix("Error: \(words)"), "\(refused.errors)")
    }
  }

  @Test("a share that there is none of is refused", arguments: ["3/2", "0/2", "2", "1/2/3", "a/b"])
  func noShare(_ share: String) throws {
    try Tool.run { tool in
      let refused = try tool(["reproduce", "uni/figure-2", "--scale", "smoke", "--shard", share])
      #expect(
        refused.status == 2 && refused.errors.contains("'\(share)' is invalid for '--shard <shard>'"),
        "\(refused.errors)")
    }
  }

  @Test("the help says what verdicts mean")
  func help() throws {
    try Tool.run { tool in
      let help = try tool.succeed("reproduce", "--help").output
      for words in ["holds           true by more than two standard errors", "does not hold   false by more than two"] {
        #expect(help.contains(words), "\(help)")
      }
    }
  }

  @Test("Markov chains are drawn as rows of successive states; their options need them")
  func chains() throws {
    try Tool.run { tool in
      try tool.succeed(try tool.images() + ["--epochs", "1", "--run", "run", "--quiet"])
      try tool.succeed(
        "sample", "run", "--markov-chain", "3", "--burn-in", "2", "--from", "data", "--count", "4", "--out", "c.npy")
      try tool.succeed("sample", "run", "--markov-chain", "3", "--count", "4", "--out", "c.png")
      let bytes = try tool.bytes("c.npy")
      #expect(String(decoding: bytes.prefix(128), as: UTF8.self).contains("(4, 3, 1, 8, 8)"))
      let refused = try tool("sample", "run", "--burn-in", "2", "--out", "c.png")
      #expect(refused.status == 2)
      #expect(refused.errors.hasPrefix("Error: --burn-in and --from belong to --markov-chain\n"))
    }
  }
}
