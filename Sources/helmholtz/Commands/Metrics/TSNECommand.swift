import ArgumentParser
import Evaluation
import Torch

extension MetricCommand {
  /// `helmholtz metric tsne --x codes.npy --perplexity 30 --seed 1 --out map.npy`
  struct TSNE: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "tsne", abstract: "A map of the rows to the plane; its divergence and trustworthiness.",
      discussion: "Example:  helmholtz metric tsne --x codes.npy --perplexity 30 --seed 1 --out map.npy")

    @Option(help: "Rows to map, [n, d].") var x: String
    @Option(help: "The effective number of neighbours.") var perplexity = 30.0
    @Option(help: "Seed of the start's noise.") var seed: UInt64 = 1
    @Option(help: "Where the points go, a .npy file [n, 2].") var out: String
    @Flag(help: "Print JSON.") var json = false

    private static let neighbours = 12

    func run() throws {
      let rows = try MetricInput.matrix(x, atLeast: 2)
      let n = rows.size(0)
      let tsne = Evaluation.TSNE(perplexity: perplexity)
      let map = try tsne(rows, using: RandomSource(seed: seed))
      try map.points.writeNPY(to: out)
      // A map of fewer rows than 2k + 1 has no such value; k shrinks, and is shown.
      let k = min(Self.neighbours, (n - 1) / 2)
      try MetricResult(
        metric: "tsne", value: map.divergence,
        conventions: [
          ("unit", .text("KL divergence, nats")),
          ("trustworthiness", .number(trustworthiness(original: rows, embedded: map.points, k: k))),
          ("trustworthiness_k", .count(k)), ("n", .count(n)), ("dimension", .count(rows.size(1))),
          ("perplexity", .number(perplexity)), ("theta", .number(tsne.theta)), ("iterations", .count(tsne.iterations)),
          ("exaggeration", .number(tsne.exaggeration)), ("exaggerated_iterations", .count(tsne.exaggeratedIterations)),
          ("learning_rate", .number(tsne.stepSize(n))), ("start", .text("principal components scaled to 1e-4")),
          ("seed", .text("\(seed)")), ("out", .text(out)),
        ]
      ).show(json: json)
    }
  }
}
