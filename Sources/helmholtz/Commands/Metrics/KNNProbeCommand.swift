import ArgumentParser
import Evaluation

extension MetricCommand {
  /// `helmholtz metric knn-probe --train-x a.npy --train-y b.npy --test-x c.npy --test-y d.npy --k 5`
  struct KNNProbe: MetricSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "knn-probe", abstract: "Error rate of a nearest-neighbour classifier.",
      discussion: """
        Example:  helmholtz metric knn-probe --train-x a.npy --train-y b.npy --test-x c.npy --test-y d.npy --k 5
        """)

    @OptionGroup var arrays: ProbeOptions
    @Option(help: "Number of neighbours that vote.") var k = 5
    @OptionGroup var output: MetricOutput

    func result() throws -> MetricResult {
      let (train, test) = try arrays.rows(name: "knn-probe")
      return try MetricResult.probe(
        "knn-probe", knnProbe(train: train, test: test, k: k), train, test,
        [("k", .count(k)), ("distance", .text("Euclidean")), ("ties", .text("the class with the nearer voter"))])
    }
  }
}
