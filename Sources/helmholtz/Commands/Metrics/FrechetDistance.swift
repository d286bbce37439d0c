import ArgumentParser
import Evaluation
import Torch

extension MetricCommand {
  /// `helmholtz metric fid --x real.npy --y generated.npy`
  struct FrechetDistance: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "fid", abstract: "Frechet distance of two sets of features.",
      discussion: "Example:  helmholtz metric fid --x real.npy --y generated.npy")

    @Option(help: "Features, one row an example.") var x: String
    @Option(help: "Features to compare with.") var y: String
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let (x, y) = (try MetricInput.matrix(x, atLeast: 2), try MetricInput.matrix(y, atLeast: 2))
      try MetricResult(
        metric: "fid", value: frechetDistance(x, y),
        conventions: [
          ("n", .count(x.size(0))), ("m", .count(y.size(0))), ("dimension", .count(x.size(1))),
          ("ddof", .count(1)),
        ]
      ).show(json: json)
    }
  }
}
