import ArgumentParser
import Evaluation

extension MetricCommand {
  /// `helmholtz metric trustworthiness --x data.npy --y map.npy`
  struct Trustworthiness: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "trustworthiness", abstract: "Whether neighbours in an embedding were neighbours before.",
      discussion: "Example:  helmholtz metric trustworthiness --x data.npy --y map.npy --k 12")

    @Option(help: "Original rows, [n, d].") var x: String
    @Option(help: "Embedded rows, [n, e].") var y: String
    @Option(help: "How many neighbours.") var k = 12
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let (original, embedded) = (try MetricInput.matrix(x), try MetricInput.matrix(y))
      try MetricResult(
        metric: "trustworthiness", value: trustworthiness(original: original, embedded: embedded, k: k),
        conventions: [
          ("k", .count(k)), ("n", .count(original.size(0))), ("x_dimension", .count(original.size(1))),
          ("y_dimension", .count(embedded.size(1))), ("distance", .text("Euclidean")),
        ]
      ).show(json: json)
    }
  }
}
