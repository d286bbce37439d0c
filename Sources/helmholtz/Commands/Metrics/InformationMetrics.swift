import ArgumentParser
import Evaluation
import Foundation

extension MetricCommand {
  /// `helmholtz metric kl-knn --x samples.npy --y data.npy`
  struct NeighbourKL: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "kl-knn", abstract: "KL(x, y) by nearest neighbours, nats.",
      discussion: "Example:  helmholtz metric kl-knn --x samples.npy --y data.npy --k 5")

    @Option(help: "Draws of the first distribution.") var x: String
    @Option(help: "Draws of the second.") var y: String
    @Option(help: "Which neighbour.") var k = 1
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let (x, y) = (try MetricInput.matrix(x), try MetricInput.matrix(y))
      try MetricResult(
        metric: "kl-knn", value: neighbourKL(x, y, k: k),
        conventions: [
          ("k", .count(k)), ("unit", .text("nats")), ("n", .count(x.size(0))), ("m", .count(y.size(0))),
          ("dimension", .count(x.size(1))),
        ]
      ).show(json: json)
    }
  }

  /// `helmholtz metric mutual-information --mu mu.npy --logvar logvar.npy --z z.npy`
  struct MutualInformation: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "mutual-information", abstract: "I(x; z) of Gaussian posteriors, nats.",
      discussion: "Example:  helmholtz metric mutual-information --mu mu.npy --logvar logvar.npy --z z.npy")

    @Option(help: "Means of q(z|x), a row per example.") var mu: String
    @Option(help: "Log variances.") var logvar: String
    @Option(help: "A draw of each.") var z: String
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let codes = try MetricInput.matrix(z)
      let value = try mutualInformation(
        mean: MetricInput.matrix(mu), logVariance: MetricInput.matrix(logvar), z: codes)
      try MetricResult(
        metric: "mutual-information", value: value,
        conventions: [
          ("unit", .text("nats")), ("marginal", .text("mean over all j, i included")),
          ("largest_possible", .number(log(Double(codes.size(0))))), ("n", .count(codes.size(0))),
          ("dimension", .count(codes.size(1))),
        ]
      ).show(json: json)
    }
  }

  /// `helmholtz metric class-ce --x counts.npy`
  struct ClassCrossEntropy: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "class-ce", abstract: "Cross entropy of class frequencies, nats.",
      discussion: "Example:  helmholtz metric class-ce --x counts.npy")

    @Option(help: "Counts or probabilities of the samples' classes.") var x: String
    @Option(help: "The same of the data; uniform where it is left out.") var y: String?
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let classes = try MetricInput.matrix(x).array(Double.self)
      let truth = try y.map { try MetricInput.matrix($0).array(Double.self) } ?? classes.map { _ in 1 }
      let (value, entropy) = try classCrossEntropy(classes, truth)
      try MetricResult(
        metric: "class-ce", value: value,
        conventions: [
          ("unit", .text("nats")), ("direction", .text("-sum y log x")), ("y", .text(y == nil ? "uniform" : "given")),
          ("entropy_of_y", .number(entropy)), ("kl_y_x", .number(value - entropy)), ("classes", .count(classes.count)),
        ]
          + (value.isInfinite ? [("note", .text("infinite: x has probability 0 for a class that y has"))] : [])
      ).show(json: json)
    }
  }
}
