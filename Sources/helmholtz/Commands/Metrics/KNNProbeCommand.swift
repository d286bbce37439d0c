import ArgumentParser
import Evaluation

extension MetricCommand {
  /// `helmholtz metric knn-probe --train-x a.npy --train-y b.npy --test-x c.npy --test-y d.npy --k 5`
  struct KNNProbe: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "knn-probe", abstract: "Error rate of a vote of the nearest neighbours.",
      discussion: """
        Example:  helmholtz metric knn-probe --train-x a.npy --train-y b.npy --test-x c.npy --test-y d.npy --k 5
        """)

    @OptionGroup var arrays: ProbeOptions
    @Option(help: "How many neighbours vote.") var k = 5
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let (train, test) = try arrays.rows(name: "knn-probe")
      try MetricResult.probe(
        "knn-probe", knnProbe(train: train, test: test, k: k), train, test,
        [("k", .count(k)), ("distance", .text("Euclidean")), ("ties", .text("the class with the nearer voter"))]
      ).show(json: json)
    }
  }
}
