import ArgumentParser
import Evaluation
import Foundation
import Runs
import Torch

/// `helmholtz classify RUN`
struct Classify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Predict the class of examples, with its probability.",
    discussion: """
      Example:  helmholtz classify runs/adgm-mnist-1 --data photos --image-size 28 --out predictions.csv

      The table has a line for each example: its index, the most probable class, its probability, and the entropy of \
      all probabilities in nats. Probabilities are averaged over draws of the auxiliary variable.
      """)

  @OptionGroup var target: RunChoice
  @OptionGroup var source: ExampleSource
  @Option(help: "Classify only the first N examples.") var limit: Int?
  @Option(help: "Number of draws of the auxiliary variable.") var draws = ClassPredictions.draws
  @Option(help: "File for a table (.csv) or for all probabilities, [n, classes] (.npy).") var out: String
  @OptionGroup var seed: SeedOption
  @Flag(help: "Print the error rate as JSON.") var json = false

  private struct Summary: Encodable {
    let out: String
    let examples: Int
    let labelled: Int
    let errorRate: Double?
  }

  func validate() throws {
    try check(limit, "--limit", in: 1...Int.max)
    try check(draws, "--draws", in: 1...100_000)
    try checkEnding(out, ".csv", ".npy")
  }

  func run() throws {
    let run = try target.open(source.place)
    let model = try run.model(as: .classes)
    let selection = try source.selection(run)
    let examples = try run.examples(selection.split, of: selection.dataset, limit: limit)
    let meter = Meter("classifying")
    let found = try ClassPredictions(
      of: model, on: examples, samples: draws, using: run.random(seed.seed),
      progress: { meter.show($0, examples.count) })
    meter.finish()
    if out.lowercased().hasSuffix(".npy") {
      try found.probabilities.writeNPY(to: out)
    } else {
      let entropies = found.entropies
      let rows = found.classes.indices.map { index in
        "\(index),\(found.classes[index]),\(String(format: "%.6f,%.6f", found.confidences[index], entropies[index]))"
      }
      let table = (["index,class,probability,entropy"] + rows).joined(separator: "\n") + "\n"
      try AtomicFile.write(Array(table.utf8), to: out)
    }
    let result = Summary(
      out: out, examples: examples.count, labelled: found.labelledCount,
      errorRate: found.labelledCount > 0 ? found.errorRate : nil)
    if json { return try printJSON(result) }
    print("\(out): classes of \(result.examples) examples")
    if let error = result.errorRate {
      print(String(format: "error   %.2f %% of the %d that have a label", 100 * error, result.labelled))
    }
  }
}
