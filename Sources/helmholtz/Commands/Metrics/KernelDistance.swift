import ArgumentParser
import Evaluation
import Torch

extension MetricCommand {
  /// `helmholtz metric kid --x real.npy --y generated.npy --subsets 100 --subset-size 1000`
  struct KernelDistance: MetricSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "kid", abstract: "Kernel distance between two sets of features or images: unbiased squared MMD.",
      discussion: """
        Examples:

          helmholtz metric kid --x real.npy --y generated.npy --subsets 100 --subset-size 1000
          helmholtz metric kid --features mnist --x mnist:test --y generated
        """)

    @Option(help: "Features, one example per row, or images.") var x: String
    @Option(help: "Features or images to compare with.") var y: String
    @OptionGroup var choice: FeatureOptions
    @Option(help: "Average over N random subsets; 0 uses the whole sets.") var subsets = 0
    @Option(help: "Number of rows in a subset.") var subsetSize = 1000
    @Option(help: "Seed for the choice of the subsets.") var seed: UInt64 = 0
    @OptionGroup var output: MetricOutput

    func validate() throws {
      guard subsets >= 0 else { throw ValidationError("--subsets: expected 0 or more, got \(subsets)") }
    }

    func result() throws -> MetricResult {
      let rows = try choice.pair(x, y)
      let (x, y) = (rows.x, rows.y)
      var conventions: MetricResult.Conventions = [
        ("n", .count(x.size(0))), ("m", .count(y.size(0))), ("dimension", .count(x.size(1))),
        ("estimator", .text("unbiased")), ("kernel", .text("(x.y / dimension + 1)^3")), ("subsets", .count(subsets)),
      ]
      let value: Double
      if subsets == 0 {
        value = try kernelDistance(x, y)
      } else {
        let average = try kernelDistance(x, y, subsets: subsets, size: subsetSize, using: RandomSource(seed: seed))
        value = average.mean
        conventions += [
          ("subset_size", .count(subsetSize)), ("seed", .text("\(seed)")),
          ("standard_deviation", .number(average.standardDeviation)), ("standard_deviation_ddof", .count(0)),
        ]
      }
      return MetricResult(metric: "kid", value: value, conventions: conventions + rows.conventions)
    }
  }
}
