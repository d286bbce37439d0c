import ArgumentParser
import Evaluation
import Foundation

extension MetricCommand {
  /// `helmholtz metric kl-knn --x samples.npy --y data.npy`
  struct NeighbourKL: MetricSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "kl-knn", abstract: "KL(x, y) in nats, estimated from nearest neighbours.",
      discussion: "Example:  helmholtz metric kl-knn --x samples.npy --y data.npy --k 5")

    @Option(help: "Samples from the first distribution, one per row.") var x: String
    @Option(help: "Samples from the second distribution, one per row.") var y: String
    @Option(help: "Use the distance to the k-th neighbour.") var k = 1
    @OptionGroup var arrays: ArrayOptions
    @OptionGroup var output: MetricOutput

    func result() throws -> MetricResult {
      let input = try arrays.input([x, y])
      let (x, y) = (try input.matrix(x), try input.matrix(y))
      return try MetricResult(
        metric: "kl-knn", value: neighbourKL(x, y, k: k),
        conventions: [
          ("k", .count(k)), ("unit", .text("nats")), ("n", .count(x.size(0))), ("m", .count(y.size(0))),
          ("dimension", .count(x.size(1))),
        ])
    }
  }

  /// `helmholtz metric mutual-information --mu mu.npy --logvar logvar.npy --z z.npy`
  struct MutualInformation: MetricSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "mutual-information", abstract: "Mutual information I(x; z) under Gaussian posteriors, in nats.",
      discussion: "Example:  helmholtz metric mutual-information --mu mu.npy --logvar logvar.npy --z z.npy")

    @Option(help: "Means of q(z|x), one example per row.") var mu: String
    @Option(help: "Log variances of q(z|x), one example per row.") var logvar: String
    @Option(help: "Codes, one drawn from each q(z|x).") var z: String
    @OptionGroup var arrays: ArrayOptions
    @OptionGroup var output: MetricOutput

    func result() throws -> MetricResult {
      let input = try arrays.input([mu, logvar, z])
      let codes = try input.matrix(z)
      let value = try mutualInformation(
        mean: input.matrix(mu), logVariance: input.matrix(logvar), z: codes)
      return MetricResult(
        metric: "mutual-information", value: value,
        conventions: [
          ("unit", .text("nats")), ("marginal", .text("mean over all j, i included")),
          ("largest_possible", .number(log(Double(codes.size(0))))), ("n", .count(codes.size(0))),
          ("dimension", .count(codes.size(1))),
        ])
    }
  }

  /// `helmholtz metric class-ce --x counts.npy`
  struct ClassCrossEntropy: MetricSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "class-ce", abstract: "How far class frequencies are from the true ones, in nats.",
      discussion: "Example:  helmholtz metric class-ce --x counts.npy")

    @Option(help: "Counts or probabilities of the samples' classes.") var x: String
    @Option(help: "Counts or probabilities of the data's classes (default: uniform).") var y: String?
    @OptionGroup var arrays: ArrayOptions
    @OptionGroup var output: MetricOutput

    func result() throws -> MetricResult {
      let input = try arrays.input([x] + [y].compactMap(\.self))
      let classes = try input.matrix(x).array(Double.self)
      let truth = try y.map { try input.matrix($0).array(Double.self) } ?? classes.map { _ in 1 }
      let (value, entropy) = try classCrossEntropy(classes, truth)
      return MetricResult(
        metric: "class-ce", value: value,
        conventions: [
          ("unit", .text("nats")), ("formula", .text("-sum y (log x - log y)")),
          ("y", .text(y == nil ? "uniform" : "given")), ("entropy_of_y", .number(entropy)),
          ("classes", .count(classes.count)),
        ]
          + (value.isInfinite ? [("note", .text("infinite: x has probability 0 for a class that y has"))] : []))
    }
  }
}
