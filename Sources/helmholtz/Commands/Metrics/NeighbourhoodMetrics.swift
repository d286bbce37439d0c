import ArgumentParser
import Evaluation
import Torch

extension MetricCommand {
  /// `helmholtz metric prdc --x real.npy --y generated.npy --k 5`
  struct Neighbourhoods: MetricSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "prdc", abstract: "Precision, recall, density and coverage.",
      discussion: """
        Examples:

          helmholtz metric prdc --x real.npy --y generated.npy --k 5
          helmholtz metric prdc --features mnist --x mnist:test --y generated
        """)

    @Option(help: "Features of real examples, or real images.") var x: String
    @Option(help: "Features of generated examples, or generated images.") var y: String
    @OptionGroup var choice: FeatureOptions
    @Option(help: "Let each example's ball reach to its k-th neighbour.") var k = 5
    @OptionGroup var output: MetricOutput

    func result() throws -> MetricResult {
      let rows = try choice.pair(x, y)
      let (x, y) = (rows.x, rows.y)
      let found = try NeighbourhoodMetrics(real: x, generated: y, k: k)
      return MetricResult(
        metric: "prdc", value: found.precision,
        conventions: [
          ("precision", .number(found.precision)), ("recall", .number(found.recall)),
          ("density", .number(found.density)), ("coverage", .number(found.coverage)), ("k", .count(k)),
          ("neighbour", .text("k-th in its own set, itself not counted")), ("ball", .text("open, Euclidean")),
          ("x", .text("real")), ("y", .text("generated")),
          ("n", .count(x.size(0))), ("m", .count(y.size(0))), ("dimension", .count(x.size(1))),
        ] + rows.conventions)
    }
  }
}
