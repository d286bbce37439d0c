import ArgumentParser
import Evaluation
import Torch

extension MetricCommand {
  /// `helmholtz metric fid --x real.npy --y generated.npy`
  struct FrechetDistance: MetricSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "fid", abstract: "Frechet distance between two sets of features or images.",
      discussion: """
        Examples:

          helmholtz metric fid --x real.npy --y generated.npy
          helmholtz metric fid --features inception.safetensors --x real --y generated
        """)

    @Option(help: "Features, one example per row, or images.") var x: String
    @Option(help: "Features or images to compare with.") var y: String
    @OptionGroup var choice: FeatureOptions
    @OptionGroup var output: MetricOutput

    func result() throws -> MetricResult {
      let rows = try choice.pair(x, y)
      return try MetricResult(
        metric: "fid", value: frechetDistance(rows.x, rows.y),
        conventions: [
          ("n", .count(rows.x.size(0))), ("m", .count(rows.y.size(0))), ("dimension", .count(rows.x.size(1))),
          ("ddof", .count(1)),
        ] + rows.conventions)
    }
  }
}
