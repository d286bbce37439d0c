import ArgumentParser
import Evaluation
import Torch

extension MetricCommand {
  /// `helmholtz metric inception-score --x probabilities.npy --splits 10`
  struct InceptionScore: MetricSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "inception-score", abstract: "Inception score of class probabilities or images.",
      discussion: """
        Examples:

          helmholtz metric inception-score --x probabilities.npy --splits 10
          helmholtz metric inception-score --features mnist --x generated
        """)

    @Option(help: "Class probabilities, one example per row, or images.") var x: String
    @OptionGroup var choice: FeatureOptions
    @Option(help: "Number of consecutive parts of the rows; the value is the mean of their scores.") var splits = 10
    @OptionGroup var output: MetricOutput

    func result() throws -> MetricResult {
      let (rows, more) = try choice.probabilities(x)
      let (mean, deviation) = try inceptionScore(rows, splits: splits)
      return MetricResult(
        metric: "inception-score", value: mean,
        conventions: [
          ("standard_deviation", .number(deviation)), ("standard_deviation_ddof", .count(0)),
          ("splits", .count(splits)),
          ("n", .count(rows.size(0))), ("classes", .count(rows.size(1))),
        ] + more)
    }
  }
}
