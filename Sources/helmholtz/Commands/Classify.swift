import ArgumentParser
import Datasets
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

      The table has a line for each example, in the order of the data: its index, its file where it has one, the most \
      probable class, its probability, the entropy of all probabilities in nats, and the probability of every class. \
      Probabilities are averaged over draws of the auxiliary variable.

      Labels are matched with the classes of the model by name, so that a test folder may lack some of them.
      """)

  @OptionGroup var target: RunChoice
  @OptionGroup var source: ExampleSource
  @Option(help: "Classify only the first N examples.") var limit: Int?
  @Option(help: "Number of draws of the auxiliary variable (default: \(ClassPredictions.draws)).") var draws: Int?
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
    try checkOutput(out, ".csv", ".npy")
  }

  func run() throws {
    let run = try target.open(source.place)
    let model = try run.model(as: .classes)
    if draws != nil, !model.isClassifiedByDraws {
      throw ValidationError("--draws has no effect: \(run.settings.model) has no auxiliary variable to draw")
    }
    let selection = try source.selection(run)
    let stored = try run.examples(selection.split, of: selection.dataset, limit: limit)
    let examples = try run.onDevice(stored, for: .coding)
    let meter = Meter("classifying")
    let found = try withTensorErrors {
      try ClassPredictions(
        of: model, on: examples, samples: draws ?? ClassPredictions.draws, seed: seed.seed,
        progress: { meter.show($0, examples.count) })
    }
    meter.finish()
    if hasEnding(out, ".npy") {
      try found.probabilities.writeNPY(to: out)
    } else {
      let names = run.facts.classNames ?? (0..<model.classCount).map(String.init)
      try AtomicFile.write(Array(Self.table(found, names: names, files: stored.exampleNames).utf8), to: out)
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

  /// A line for each example under a line of names.
  private static func table(_ found: ClassPredictions, names: [String], files: [String]?) -> String {
    let heading =
      ["index"] + (files == nil ? [] : ["file"]) + ["class", "probability", "entropy"] + names.map { "p(\($0))" }
    let probabilities = found.probabilities.array(Double.self)
    let entropies = found.entropies
    let lines = found.classes.indices.map { index in
      let row = probabilities[index * names.count..<(index + 1) * names.count]
      let numbers = [found.confidences[index], entropies[index]] + row
      return [String(index)] + (files.map { [$0[index]] } ?? []) + [names[found.classes[index]]]
        + numbers.map { String(format: "%.6f", $0) }
    }
    return ([heading] + lines).map(csvLine).joined()
  }
}
