import ArgumentParser
import Evaluation

extension MetricCommand {
  /// `helmholtz metric pca --x codes.npy --dim 2 --out scores.npy`
  struct PCA: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "pca", abstract: "Principal components: the variance kept, and the scores in a file.",
      discussion: "Example:  helmholtz metric pca --x codes.npy --dim 2 --out scores.npy")

    @Option(help: "Rows to project, [n, d].") var x: String
    @Option(help: "How many components.") var dim: Int
    @Option(help: "Where the scores go, a .npy file [n, dim].") var out: String
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let rows = try MetricInput.matrix(x, atLeast: 2)
      let pca = try PrincipalComponents(rows, dimension: dim)
      try pca.scores.writeNPY(to: out)
      try MetricResult(
        metric: "pca", value: pca.fractionKept,
        conventions: [
          ("unit", .text("fraction of variance kept")), ("n", .count(rows.size(0))),
          ("dimension", .count(rows.size(1))), ("components", .count(dim)), ("scaling", .text("centred only")),
          ("sign", .text("largest loading positive")), ("out", .text(out)),
        ]
      ).show(json: json)
    }
  }
}
