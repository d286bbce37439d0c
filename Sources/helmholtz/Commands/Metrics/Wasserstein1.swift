import ArgumentParser
import Evaluation
import Torch

extension MetricCommand {
  /// `helmholtz metric wasserstein1 --x a.npy --y b.npy --method sinkhorn --epsilon 0.01`
  struct Wasserstein1: MetricSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "wasserstein1", abstract: "1-Wasserstein distance between two sets of points.",
      discussion: "Example:  helmholtz metric wasserstein1 --x a.npy --y b.npy --method sinkhorn --epsilon 0.01")

    enum Method: String, ExpressibleByArgument, CaseIterable { case exact, sinkhorn }

    @Option(help: "Points, one per row.") var x: String
    @Option(help: "Points to compare with, one per row.") var y: String
    @Option(help: "Solver; sinkhorn is for sets of more than about 10000 points.") var method = Method.exact
    @Option(help: "Regularization of sinkhorn as a fraction of the mean distance between the sets.") var epsilon = 0.01
    @OptionGroup var arrays: ArrayOptions
    @OptionGroup var output: MetricOutput

    func result() throws -> MetricResult {
      let input = try arrays.input([x, y])
      let (x, y) = (try input.matrix(x), try input.matrix(y))
      var conventions: MetricResult.Conventions = [
        ("n", .count(x.size(0))), ("m", .count(y.size(0))), ("dimension", .count(x.size(1))),
        ("cost", .text("Euclidean distance")), ("method", .text(method.rawValue)),
      ]
      let value: Double
      switch method {
      case .exact: value = try wasserstein1(x, y)
      case .sinkhorn:
        let found = try SinkhornDistance(x, y, epsilon: epsilon)
        value = found.value
        conventions += [
          ("epsilon", .number(epsilon)), ("epsilon_unit", .text("mean distance between the sets")),
          ("absolute_epsilon", .number(found.epsilon)), ("marginal_error", .number(found.marginalError)),
          ("iterations", .count(found.iterations)), ("plan", .text("rounded to exact marginals")),
        ]
      }
      return MetricResult(metric: "wasserstein1", value: value, conventions: conventions)
    }
  }
}
