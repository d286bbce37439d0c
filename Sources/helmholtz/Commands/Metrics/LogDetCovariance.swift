import ArgumentParser
import Evaluation

extension MetricCommand {
  /// `helmholtz metric logdet-cov --x codes.npy`
  struct LogDetCovariance: MetricSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "logdet-cov", abstract: "Log determinant of the covariance, divided by the dimension.",
      discussion: "Example:  helmholtz metric logdet-cov --x codes.npy")

    @Option(help: "Rows to measure.") var x: String
    @OptionGroup var arrays: ArrayOptions
    @OptionGroup var output: MetricOutput

    func result() throws -> MetricResult {
      let input = try arrays.input([x])
      let rows = try input.matrix(x, atLeast: 2)
      return try MetricResult(
        metric: "logdet-cov", value: logDetCovariance(rows),
        conventions: [
          ("n", .count(rows.size(0))), ("dimension", .count(rows.size(1))), ("ddof", .count(1)),
        ])
    }
  }
}
