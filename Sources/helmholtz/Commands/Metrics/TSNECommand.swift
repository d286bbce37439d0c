import ArgumentParser
import Evaluation
import Torch

extension MetricCommand {
  /// `helmholtz metric tsne --x codes.npy --perplexity 30 --seed 1 --out map.npy`
  struct TSNE: MetricSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "tsne", abstract: "Map of the rows in the plane, with its divergence and trustworthiness.",
      discussion: "Example:  helmholtz metric tsne --x codes.npy --perplexity 30 --seed 1 --out map.npy")

    @Option(help: "Rows to map, [n, d].") var x: String
    @Option(help: "Effective number of neighbours of each row.") var perplexity = 30.0
    @Option(help: "Seed for the noise of the starting map.") var seed: UInt64 = 1
    @Option(help: "File for the points, [n, 2] (.npy).") var out: String
    @OptionGroup var arrays: ArrayOptions
    @OptionGroup var output: MetricOutput

    private static let neighbours = 12

    func validate() throws { try checkOutput(out, ".npy") }

    func result() throws -> MetricResult {
      let input = try arrays.input([x])
      let rows = try input.matrix(x, atLeast: 2)
      let n = rows.size(0)
      let tsne = Evaluation.TSNE(perplexity: perplexity)
      let map = try tsne(rows, using: RandomSource(seed: seed))
      try map.points.writeNPY(to: out)
      // A map of fewer rows than 2k + 1 has no such value; k shrinks, and is shown.
      let k = min(Self.neighbours, (n - 1) / 2)
      return try MetricResult(
        metric: "tsne", value: map.divergence,
        conventions: [
          ("unit", .text("KL divergence, nats")),
          ("trustworthiness", .number(trustworthiness(original: rows, embedded: map.points, k: k))),
          ("trustworthiness_k", .count(k)), ("n", .count(n)), ("dimension", .count(rows.size(1))),
          ("perplexity", .number(perplexity)), ("theta", .number(tsne.theta)), ("iterations", .count(tsne.iterations)),
          ("exaggeration", .number(tsne.exaggeration)), ("exaggerated_iterations", .count(tsne.exaggeratedIterations)),
          ("learning_rate", .number(tsne.stepSize(n))), ("start", .text("principal components scaled to 1e-4")),
          ("seed", .text("\(seed)")), ("out", .text(out)),
        ])
    }
  }
}
