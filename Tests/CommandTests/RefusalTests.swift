import Foundation
import Systems
import Testing
import Torch

@Suite("Refusals")
struct RefusalTests {
  private static let metrics =
    "elbo, iwae:K[:prior|mixture], kl, reconstruction, squared-error, bpd:K, log-density, ais, bdmc, "
    + "evidence[:quadrature], evidence:enumeration, active-units, mi, mmd-prior[:rbf-2d][:biased], kl-prior[:knn[:K]], logdet, "
    + "probe:linear|svm|knn[:LABELS][:draws], tsne:knn, fid[:floor], kid, prdc, is, class-ce[:counts], "
    + "conditional-accuracy, code-information, memorization, sharpness, sharpness:samples, wasserstein1[:floor], "
    + "modes, error, ece, confusion, target-error, domain-accuracy"

  private static let systems = Catalog.systems.map(\.name).joined(separator: ", ")

  /// A command line and the line it must leave on standard error.
  struct Case: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let message: String
    var testDescription: String { arguments.joined(separator: " ") }

    init(_ arguments: String, _ message: String) {
      self.arguments = arguments.split(separator: " ").map(String.init)
      self.message = message
    }
  }

  @Test(
    "a wrong call leaves with 2 and says what is wrong",
    arguments: [
      Case("train vae --bogus", "Unknown option '--bogus'"),
      Case("bogus", "Unexpected argument 'bogus'"),
      Case("train", "Missing expected argument '<model>'"),
      Case("train vae --epochs 3 --steps 4", "Give --epochs or --steps, not both."),
      Case("train cyclegan --data x --source y", "Give --data or --source, not both."),
      Case("train vae --source x", "--source has no effect: vae has one set of examples; give --data"),
      Case("train gan --target x", "--target has no effect: gan has one set of examples; give --data"),
      Case("train vae --data x --target y", "--target has no effect: vae has one set of examples; give --data"),
      Case("translate run --to b --out x.png", "--out: expected a folder or a .npy file, got 'x.png'"),
      Case(
        "translate run --to c --out x",
        "The value 'c' is invalid for '--to <to>'. Please provide one of 'a' and 'b'."),
      Case("train vae --epochs many", "The value 'many' is invalid for '--epochs <epochs>'"),
      Case("sample run", "Missing expected argument '--out <out>'"),
      Case("sample run --out x.jpg", "--out: expected a .png or .npy file, got 'x.jpg'"),
      Case("sample run --out x.png --count 0", "--count: expected 1 to 1000000, got 0"),
      Case("sample run --out x.png --count 99999999999", "--count: expected 1 to 1000000, got 99999999999"),
      Case("reconstruct run --out x", "--out: expected a .png or .npy file, got 'x'"),
      Case("reconstruct run --count=-1 --out x.png", "--count: expected 1 to 1000000, got -1"),
      Case("interpolate run --out x.gif", "--out: expected a .png or .npy file, got 'x.gif'"),
      Case("interpolate run --steps 1 --out x.png", "--steps: expected 2 to 10000, got 1"),
      Case("interpolate run --pairs 0 --out x.png", "--pairs: expected 1 to 10000, got 0"),
      Case(
        "interpolate run --path round --out x.png",
        "The value 'round' is invalid for '--path <path>'. Please provide one of 'linear' and 'spherical'."),
      Case("density run --out l.csv", "--out: expected a .npy file, got 'l.csv'"),
      Case("density run --samples 0", "--samples: expected 1 to 1000000, got 0"),
      Case("density run --x x.npy --data y.npy", "Give --x or --data, not both."),
      Case("density run --x x.npy --split test", "--split has no effect: --x takes all rows"),
      Case("encode run --out z.png", "--out: expected a .npy file, got 'z.png'"),
      Case("encode run --limit 0 --out z.npy", "--limit: expected at least 1, got 0"),
      Case("evaluate run --temperatures 0", "--temperatures: expected 1 to 1000000, got 0"),
      Case("evaluate run --chains 0", "--chains: expected 1 to 10000, got 0"),
      Case("evaluate run --step-size 0", "--step-size: expected a number above 0, got 0.0"),
      Case("evaluate run --samples 1", "--samples: expected 2 to 1000000, got 1"),
      Case("evaluate run --limit 0", "--limit: expected at least 1, got 0"),
      Case(
        "evaluate run --split dev",
        "The value 'dev' is invalid for '--split <split>'. Please provide one of 'train', 'validation' or 'test'."),
      Case("describe vae --shape 0x3", "--shape: expected lengths such as 1x28x28, got '0x3'"),
      Case("describe vae --shape ax3", "--shape: expected lengths such as 1x28x28, got 'ax3'"),
      Case("describe vae --shape 1xx3", "--shape: expected lengths such as 1x28x28, got '1xx3'"),
      Case(
        "describe vae --shape 99999x99999x99999", "--shape: expected lengths such as 1x28x28, got '99999x99999x99999'"),
    ])
  func usage(_ refused: Case) throws {
    try Tool.run { tool in
      let finished = try tool(refused.arguments)
      #expect(finished.status == 2)
      #expect(finished.output.isEmpty)
      #expect(finished.errors.contains("Error: " + refused.message + "\n"), "\(finished.errors)")
      // The usage is that of the command, whether the parser or the command found out.
      let command = ["bogus"].contains(refused.arguments[0]) ? "<subcommand>" : refused.arguments[0]
      #expect(finished.errors.contains("Usage: helmholtz \(command)"), "\(finished.errors)")
    }
  }

  @Test(
    "an error of the world leaves with 1 and one line",
    arguments: [
      Case(
        "train bam",
        "model: expected one of \(systems), got \"bam\""
      ),
      Case(
        "train vaee",
        "model: expected one of \(systems), got \"vaee\"; did you mean 'vae'?"
      ),
      Case(
        "train vae --data bam",
        "unknown data set 'bam': expected a file, a folder or one of mnist, fashion-mnist, binarized-mnist, "
          + "cifar-10, svhn, norb, celeba, strokes, mnist-shifted, strokes-shifted, two-moons, swiss-roll, rings, rings-thin, eight-gaussians, pinwheel, checkerboard, "
          + "swiss-roll-3d, s-curve-3d, half-moons, half-moons-clear, four-points"),
      Case("train vae --data none.npy", "'none.npy': No such file or directory"),
      Case(
        "train vae --data two-moons --limit 9",
        "likelihood.family: bernoulli needs values from 0 to 1, got numbers from * in two-moons train"),
      Case(
        "train vae --set latent.dimension=3",
        "--set: latent.dimension: unknown key; did you mean 'dimensions'? (allowed: dimensions, "
          + "initialScale)"),
      Case("train vae --set latent", "--set: expected key.path=value, got \"latent\""),
      Case(
        "train vae --epochs 0",
        "--epochs: training.epochs: expected a whole number from 1 to 1000000, or null, got \"0\""),
      Case(
        "train vae --precision half",
        "--precision: training.precision: expected one of float32, bf16, float64, got \"half\""),
      Case("train none.yaml", "none.yaml: *"),
      Case(
        "describe bam",
        "model: expected one of \(systems), got \"bam\""
      ),
      Case(
        "config bam",
        "model: expected one of \(systems), got \"bam\""
      ),
      Case("data info bam", "unknown data set 'bam': *"),
      Case("resume none", "none: no run here (no config.yaml)"),
      Case("sample none --out x.npy", "none: no run here (no config.yaml)"),
      Case("reconstruct none --out x.npy", "none: no run here (no config.yaml)"),
      Case("interpolate none --out x.npy", "none: no run here (no config.yaml)"),
      Case("encode none --out x.npy", "none: no run here (no config.yaml)"),
      Case("evaluate none", "none: no run here (no config.yaml)"),
      Case("evaluate none --metrics bam", "unknown metric 'bam'; there are \(metrics)"),
      Case("evaluate none --metrics elbo,", "unknown metric ''; there are \(metrics)"),
      Case("evaluate none --metrics probe:tree", "metric 'probe:tree': expected probe:linear, probe:svm or probe:knn"),
      Case("evaluate none --metrics probe:svm:1", "metric 'probe:svm:1': expected 2 to 1000000 labels, got '1'"),
      Case("evaluate none --metrics iwae:0", "metric 'iwae:0': expected 1 to 1000000 samples, got '0'"),
      Case("evaluate none@worst", "none@worst: no run here (no config.yaml)"),
    ])
  func world(_ refused: Case) throws {
    try Tool.run { tool in try expect(tool(refused.arguments), refused.message) }
  }

  @Test("what a run cannot do is told in one line")
  func ofARun() throws {
    try Tool.run { tool in
      let train = try tool.points()
      _ = try tool.images()
      try tool.succeed(train + ["--epochs", "1", "--run", "run", "--quiet"])
      func refusal(
        _ arguments: String, _ message: String, sourceLocation: SourceLocation = #_sourceLocation
      ) throws {
        try expect(tool(arguments.split(separator: " ").map(String.init)), message, sourceLocation: sourceLocation)
      }
      try expect(
        tool(train + ["--run", "run"]),
        "run: the directory holds a run already; continue it with 'helmholtz resume' or name another one")
      try refusal(
        "sample run@7 --out x.npy",
        "run: no checkpoint 'step-7.safetensors' (there are best.safetensors, last.safetensors)")
      try refusal("sample run --out x.png", "examples of shape [2] are no images; write arrays with --out x.npy")
      let points = tool.path("points.npy")
      try refusal("evaluate run --split test", "\(points): expected a split out of train, validation, got test")
      try refusal(
        "interpolate run --pairs 9 --split validation --out x.npy",
        "data '\(points)', validation: expected at least 18 examples, got 11; ask for fewer, or take another --data or "
          + "--split")
      for command in ["evaluate run", "reconstruct run --out x.npy", "encode run --out x.npy"] {
        try refusal(
          command + " --data images.npy",
          "data 'images.npy': the model takes examples of shape [2], these have [1, 8, 8]")
      }
      try expect(
        tool(train + ["--run", "points.npy/run"]), "points.npy/run: cannot make the directory: Not a directory")
      #expect(!tool.exists("x.npy") && !tool.exists("x.png"))
    }
  }

  @Test("a checkpoint that is damaged or of another model is refused by name, and the log stays as it is")
  func checkpoints() throws {
    try Tool.run { tool in
      try tool.succeed(try tool.points() + ["--epochs", "1", "--run", "run", "--quiet"])
      let log = try tool.bytes("run/metrics.jsonl")
      let whole = try tool.bytes("run/checkpoints/last.safetensors")
      for file in ["best", "last"] {
        try AtomicFile.write(Array(whole.prefix(whole.count / 2)), to: tool.path("run/checkpoints/\(file).safetensors"))
      }
      try expect(tool("sample", "run", "--out", "x.npy"), "run/checkpoints/best.safetensors: *")
      try expect(tool("resume", "run"), "run/checkpoints/last.safetensors: *")
      for file in ["best", "last"] {
        try AtomicFile.write(
          Array("garbage, and not even short".utf8), to: tool.path("run/checkpoints/\(file).safetensors"))
      }
      try expect(
        tool("resume", "run"),
        "run/checkpoints/last.safetensors: expected a safetensors file, got one whose header claims *")
      for file in ["best", "last"] {
        try AtomicFile.write(whole, to: tool.path("run/checkpoints/\(file).safetensors"))
      }
      let configuration = try tool.text("run/config.yaml")
      try configuration.replacingOccurrences(of: "dimensions: 2", with: "dimensions: 3")
        .write(toFile: tool.path("run/config.yaml"), atomically: true, encoding: .utf8)
      try expect(
        tool("sample", "run", "--out", "x.npy"),
        "run/checkpoints/best.safetensors: tensor 'qz.heads.weight': expected shape [6, 16], found [4, 16]")
      try expect(
        tool("resume", "run"),
        "run/checkpoints/last.safetensors: tensor 'qz.heads.weight': expected shape [6, 16], found [4, 16]")
      try configuration.write(toFile: tool.path("run/config.yaml"), atomically: true, encoding: .utf8)
      for text in ["{}", "no json", "{\"shape\": [0], \"examples\": 3}"] {
        try AtomicFile.write(Array(text.utf8), to: tool.path("run/facts.json"))
        try expect(tool("sample", "run", "--out", "x.npy"), "run/facts.json: expected *")
      }
      #expect(try tool.bytes("run/metrics.jsonl") == log)
    }
  }

  /// Expects exit code 1 and one line; a `*` in it stands for anything.
  private func expect(
    _ finished: Finished, _ message: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(finished.status == 1, "\(finished.errors)", sourceLocation: sourceLocation)
    #expect(finished.output.isEmpty, sourceLocation: sourceLocation)
    let parts = ("Error: " + message + "\n").split(separator: "*", maxSplits: 1).map(String.init)
    let fits =
      parts.count == 1
      ? finished.errors == parts[0] : finished.errors.hasPrefix(parts[0]) && finished.errors.hasSuffix(parts[1])
    #expect(fits, "\(finished.errors)", sourceLocation: sourceLocation)
    #expect(finished.errors.filter { $0 == "\n" }.count == 1, "\(finished.errors)", sourceLocation: sourceLocation)
  }
}
