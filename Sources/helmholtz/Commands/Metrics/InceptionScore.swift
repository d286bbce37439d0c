import ArgumentParser
import Evaluation
import Torch

extension MetricCommand {
  /// `helmholtz metric inception-score --x probabilities.npy --splits 10`
  struct InceptionScore: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "inception-score", abstract: "Inception score of class probabilities, or of images.",
      discussion: """
        Examples:

          helmholtz metric inception-score --x probabilities.npy --splits 10
          helmholtz metric inception-score --features mnist --x generated
        """)

    @Option(help: "Class probabilities, one row an example, or images.") var x: String
    @OptionGroup var choice: FeatureOptions
    @Option(help: "Parts to score on their own, in the order of the rows.") var splits = 10
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let (rows, more) = try choice.probabilities(x)
      let (mean, deviation) = try inceptionScore(rows, splits: splits)
      try MetricResult(
        metric: "inception-score", value: mean,
        conventions: [
          ("standard_deviation", .number(deviation)), ("standard_deviation_ddof", .count(0)),
          ("splits", .count(splits)),
          ("n", .count(rows.size(0))), ("classes", .count(rows.size(1))),
        ] + more
      ).show(json: json)
    }
  }
}
