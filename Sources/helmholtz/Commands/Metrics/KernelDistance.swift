import ArgumentParser
import Evaluation
import Torch

extension MetricCommand {
  /// `helmholtz metric kid --x real.npy --y generated.npy --subsets 100 --subset-size 1000`
  struct KernelDistance: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "kid", abstract: "Kernel distance of two sets of features, or of images: unbiased squared MMD.",
      discussion: """
        Examples:

          helmholtz metric kid --x real.npy --y generated.npy --subsets 100 --subset-size 1000
          helmholtz metric kid --features mnist --x mnist:test --y generated
        """)

    @Option(help: "Features, one row an example, or images.") var x: String
    @Option(help: "What to compare with.") var y: String
    @OptionGroup var choice: FeatureOptions
    @Option(help: "Average over so many random subsets; 0 takes the whole sets.") var subsets = 0
    @Option(help: "Rows in a subset.") var subsetSize = 1000
    @Option(help: "Seed of the subsets.") var seed: UInt64 = 0

    func validate() throws {
      guard subsets >= 0 else { throw ValidationError("--subsets: expected 0 or more, got \(subsets)") }
    }
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let rows = try choice.pair(x, y)
      let (x, y) = (rows.x, rows.y)
      var conventions: [(key: String, value: MetricResult.Convention)] = [
        ("n", .count(x.size(0))), ("m", .count(y.size(0))), ("dimension", .count(x.size(1))),
        ("estimator", .text("unbiased")), ("kernel", .text("(x.y / dimension + 1)^3")), ("subsets", .count(subsets)),
      ]
      let value: Double
      if subsets == 0 {
        value = try kernelDistance(x, y)
      } else {
        let result = try kernelDistance(x, y, subsets: subsets, size: subsetSize, using: RandomSource(seed: seed))
        value = result.mean
        conventions += [
          ("subset_size", .count(subsetSize)), ("seed", .text("\(seed)")),
          ("standard_deviation", .number(result.standardDeviation)), ("standard_deviation_ddof", .count(0)),
        ]
      }
      try MetricResult(metric: "kid", value: value, conventions: conventions + rows.conventions).show(json: json)
    }
  }
}
