import ArgumentParser
import Evaluation
import Probability
import Torch

/// Where numbers per row go.
struct RowOutput: ParsableArguments {
  @Option(help: "File for the numbers, one per row (.npy).") var out: String?
  @OptionGroup var output: MetricOutput

  func validate() throws { if let out { try checkOutput(out, ".npy") } }

  /// Writes the rows and shows their mean, in nats.
  func show(_ metric: String, _ rows: Tensor, _ more: MetricResult.Conventions = []) throws {
    if let out { try rows.writeNPY(to: out) }
    try output.show(
      MetricResult(
        metric: metric, value: rows.mean().item(),
        conventions: [("unit", .text("nats per row")), ("n", .count(rows.count))] + more))
  }
}

extension MetricInput {
  /// Several matrices that must have one shape; the first gives it.
  func alike(_ metric: String, _ paths: [(name: String, path: String)]) throws -> [Tensor] {
    let matrices = try paths.map { try matrix($0.path) }
    for (matrix, (name, _)) in zip(matrices, paths) where matrix.shape != matrices[0].shape {
      throw MetricError(
        "\(metric): expected \(name) of the shape of \(paths[0].name), \(matrices[0].shape), got \(matrix.shape)")
    }
    return matrices
  }
}

extension MetricCommand {
  /// `helmholtz metric gaussian-kl --mu mu.npy --logvar logvar.npy`
  struct GaussianKL: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "gaussian-kl", abstract: "KL of diagonal Gaussians to N(0, I) or to other Gaussians.",
      discussion: "Example:  helmholtz metric gaussian-kl --mu mu.npy --logvar logvar.npy --out kl.npy")

    @Option(help: "Means of the first Gaussians.") var mu: String
    @Option(help: "Log variances of the first Gaussians.") var logvar: String
    @Option(help: "Means of the second Gaussians (default: N(0, I)).") var mu2: String?
    @Option(help: "Log variances of the second Gaussians; belongs to --mu2.") var logvar2: String?
    @OptionGroup var arrays: ArrayOptions
    @OptionGroup var output: RowOutput

    func validate() throws {
      if (mu2 == nil) != (logvar2 == nil) { throw ValidationError("--mu2 and --logvar2 are given together") }
    }

    func run() throws {
      var paths = [(name: "mu", path: mu), (name: "logvar", path: logvar)]
      if let mu2, let logvar2 { paths += [("mu2", mu2), ("logvar2", logvar2)] }
      let input = try arrays.input(paths.map(\.path))
      let matrices = try input.alike("gaussian-kl", paths)
      let q = DiagonalGaussian(mean: matrices[0], logScale: matrices[1] * 0.5)
      let rows =
        matrices.count == 2
        ? kl(q, StandardNormal(matrices[0].size(1), dtype: .float64))
        : kl(q, DiagonalGaussian(mean: matrices[2], logScale: matrices[3] * 0.5))
      try output.show("gaussian-kl", rows, [("second", .text(matrices.count == 2 ? "N(0, I)" : "given"))])
    }
  }

  /// `helmholtz metric gaussian-logprob --x x.npy --mu mu.npy --logvar logvar.npy`
  struct GaussianLogProb: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "gaussian-logprob", abstract: "Log density of diagonal Gaussians.",
      discussion: "Example:  helmholtz metric gaussian-logprob --x x.npy --mu mu.npy --logvar logvar.npy")

    @Option(help: "Values to score.") var x: String
    @Option(help: "Means of the Gaussians.") var mu: String
    @Option(help: "Log variances of the Gaussians.") var logvar: String
    @OptionGroup var arrays: ArrayOptions
    @OptionGroup var output: RowOutput

    func run() throws {
      let input = try arrays.input([x, mu, logvar])
      let matrices = try input.alike("gaussian-logprob", [("x", x), ("mu", mu), ("logvar", logvar)])
      try output.show(
        "gaussian-logprob", DiagonalGaussian(mean: matrices[1], logScale: matrices[2] * 0.5).logProb(matrices[0]))
    }
  }

  /// `helmholtz metric bernoulli-logprob --x x.npy --logits logits.npy`
  struct BernoulliLogProb: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "bernoulli-logprob", abstract: "Log probability of independent bits.",
      discussion: "Example:  helmholtz metric bernoulli-logprob --x x.npy --logits logits.npy")

    @Option(help: "Values in [0, 1] to score.") var x: String
    @Option(help: "Logits, one per value.") var logits: String
    @OptionGroup var arrays: ArrayOptions
    @OptionGroup var output: RowOutput

    func run() throws {
      let input = try arrays.input([x, logits])
      let matrices = try input.alike("bernoulli-logprob", [("x", x), ("logits", logits)])
      guard matrices[0].min().item() >= 0, matrices[0].max().item() <= 1 else {
        throw MetricError("bernoulli-logprob: expected x in [0, 1]")
      }
      try output.show(
        "bernoulli-logprob", Bernoulli(logits: matrices[1]).logProb(matrices[0]),
        [("values_between", .text("scored by the cross entropy"))])
    }
  }

  /// `helmholtz metric categorical-logprob --x classes.npy --logits logits.npy`
  struct CategoricalLogProb: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "categorical-logprob", abstract: "Log probability of classes.",
      discussion: "Example:  helmholtz metric categorical-logprob --x classes.npy --logits logits.npy")

    @Option(help: "Class numbers from 0, one per row.") var x: String
    @Option(help: "Logits of all classes, one row per class number.") var logits: String
    @OptionGroup var arrays: ArrayOptions
    @OptionGroup var output: RowOutput

    func run() throws {
      let input = try arrays.input([x, logits])
      let (classes, logits) = (try input.matrix(x), try input.matrix(logits))
      guard classes.shape == [logits.size(0), 1] else {
        throw MetricError(
          "categorical-logprob: expected one class for each of \(logits.size(0)) rows of logits, got \(classes.shape)")
      }
      let count = logits.size(1)
      guard classes.array(Double.self).allSatisfy({ $0 >= 0 && $0 < Double(count) && $0 == $0.rounded() }) else {
        throw MetricError("categorical-logprob: expected whole class numbers from 0 to \(count - 1)")
      }
      try output.show(
        "categorical-logprob", Categorical(logits: logits).logProb(classes.squeezed(1)), [("classes", .count(count))])
    }
  }
}

extension MetricCommand {
  /// `helmholtz metric dmol-logprob --x images.npy --params params.npy --mixtures 10`
  struct DMOLLogProb: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "dmol-logprob", abstract: "Log probability under a discretized mixture of logistics.",
      discussion: "Example:  helmholtz metric dmol-logprob --x images.npy --params params.npy --mixtures 10")

    @Option(help: "Images [n, 1 or 3, h, w] of 256 levels in [-1, 1].") var x: String
    @Option(help: "Parameters [n, 3 or 10 times the mixtures, h, w] in PixelCNN++'s order.") var params: String
    @Option(help: "Number of components.") var mixtures: Int
    @OptionGroup var arrays: ArrayOptions
    @OptionGroup var output: RowOutput

    func run() throws {
      let input = try arrays.input([x, params])
      let (images, parameters) = (try input.tensor(x), try input.tensor(params))
      let shape = images.shape
      guard mixtures >= 1, shape.count == 4, images.count > 0, shape[1] == 1 || shape[1] == 3 else {
        throw MetricError("dmol-logprob: expected --mixtures of at least 1 and x [n, 1 or 3, h, w], got x \(shape)")
      }
      let expected = [shape[0], mixtures * (shape[1] == 1 ? 3 : 10), shape[2], shape[3]]
      guard parameters.shape == expected else {
        throw MetricError("dmol-logprob: expected params of shape \(expected), got \(parameters.shape)")
      }
      let level = (images + 1) * 127.5
      guard parameters.isFinite().all().item() == 1,
        ((level - level.round()).abs() .<= 1e-3).all().item() == 1, images.abs().max().item() <= 1
      else { throw MetricError("dmol-logprob: expected finite params, and x of 2 i / 255 - 1, i = 0...255") }
      let rows = DiscretizedLogisticMixture(parameters: parameters, channels: shape[1], mixtures: mixtures)
        .logProb(images)
      try output.show("dmol-logprob", rows, [("mixtures", .count(mixtures)), ("levels", .count(256))])
    }
  }
}
