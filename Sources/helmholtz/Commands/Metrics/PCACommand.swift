import ArgumentParser
import Evaluation

extension MetricCommand {
  /// `helmholtz metric pca --x codes.npy --dim 2 --out scores.npy`
  struct PCA: MetricSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "pca", abstract: "Principal components: the fraction of variance kept, and a file of scores.",
      discussion: "Example:  helmholtz metric pca --x codes.npy --dim 2 --out scores.npy")

    @Option(help: "Rows to project, [n, d].") var x: String
    @Option(help: "Number of components.") var dim: Int
    @Option(help: "File for the scores, [n, dim] (.npy).") var out: String
    @OptionGroup var arrays: ArrayOptions
    @OptionGroup var output: MetricOutput

    func validate() throws { try checkOutput(out, ".npy") }

    func result() throws -> MetricResult {
      let input = try arrays.input([x])
      let rows = try input.matrix(x, atLeast: 2)
      let pca = try PrincipalComponents(rows, dimension: dim)
      try pca.scores.writeNPY(to: out)
      return MetricResult(
        metric: "pca", value: pca.fractionKept,
        conventions: [
          ("unit", .text("fraction of variance kept")), ("n", .count(rows.size(0))),
          ("dimension", .count(rows.size(1))), ("components", .count(dim)), ("scaling", .text("centred only")),
          ("sign", .text("largest loading positive")), ("out", .text(out)),
        ])
    }
  }
}
