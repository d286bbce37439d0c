import ArgumentParser
import Evaluation

extension MetricCommand {
  /// `helmholtz metric logdet-cov --x codes.npy`
  struct LogDetCovariance: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "logdet-cov", abstract: "log det of the covariance, by dimension.",
      discussion: "Example:  helmholtz metric logdet-cov --x codes.npy")

    @Option(help: "Rows to measure.") var x: String
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let rows = try MetricInput.matrix(x, atLeast: 2)
      try MetricResult(
        metric: "logdet-cov", value: logDetCovariance(rows),
        conventions: [
          ("n", .count(rows.size(0))), ("dimension", .count(rows.size(1))), ("ddof", .count(1)),
        ]
      ).show(json: json)
    }
  }
}
