import ArgumentParser
import Evaluation

extension MetricCommand {
  /// `helmholtz metric trustworthiness --x data.npy --y map.npy`
  struct Trustworthiness: MetricSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "trustworthiness",
      abstract: "Degree to which neighbours in an embedding are neighbours in the original rows.",
      discussion: "Example:  helmholtz metric trustworthiness --x data.npy --y map.npy --k 12")

    @Option(help: "Original rows, [n, d].") var x: String
    @Option(help: "Embedded rows, [n, e].") var y: String
    @Option(help: "Number of neighbours.") var k = 12
    @OptionGroup var arrays: ArrayOptions
    @OptionGroup var output: MetricOutput

    func result() throws -> MetricResult {
      let input = try arrays.input([x, y])
      let (original, embedded) = (try input.matrix(x), try input.matrix(y))
      return try MetricResult(
        metric: "trustworthiness", value: trustworthiness(original: original, embedded: embedded, k: k),
        conventions: [
          ("k", .count(k)), ("n", .count(original.size(0))), ("x_dimension", .count(original.size(1))),
          ("y_dimension", .count(embedded.size(1))), ("distance", .text("Euclidean")),
        ])
    }
  }
}
