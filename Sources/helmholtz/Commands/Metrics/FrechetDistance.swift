import ArgumentParser
import Evaluation
import Torch

extension MetricCommand {
  /// `helmholtz metric fid --x real.npy --y generated.npy`
  struct FrechetDistance: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "fid", abstract: "Frechet distance of two sets of features, or of images.",
      discussion: """
        Examples:

          helmholtz metric fid --x real.npy --y generated.npy
          helmholtz metric fid --features inception.safetensors --x real --y generated
        """)

    @Option(help: "Features, one row an example, or images.") var x: String
    @Option(help: "What to compare with.") var y: String
    @OptionGroup var choice: FeatureOptions
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let rows = try choice.pair(x, y)
      try MetricResult(
        metric: "fid", value: frechetDistance(rows.x, rows.y),
        conventions: [
          ("n", .count(rows.x.size(0))), ("m", .count(rows.y.size(0))), ("dimension", .count(rows.x.size(1))),
          ("ddof", .count(1)),
        ] + rows.conventions
      ).show(json: json)
    }
  }
}
