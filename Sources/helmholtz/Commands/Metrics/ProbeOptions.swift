import ArgumentParser
import Evaluation

/// The four arrays of a probe.
struct ProbeOptions: ParsableArguments {
  @Option(help: "Features of the training examples, [n, d].") var trainX: String
  @Option(help: "Labels of the training examples, whole numbers, [n].") var trainY: String
  @Option(help: "Features of the test examples, [m, d].") var testX: String
  @Option(help: "Labels of the test examples, [m].") var testY: String
  @OptionGroup var arrays: ArrayOptions

  func rows(name: String) throws -> (train: LabelledRows, test: LabelledRows) {
    let input = try arrays.input([trainX, trainY, testX, testY])
    let train = try LabelledRows(
      x: input.matrix(trainX), y: input.tensor(trainY), name: "\(name), '\(trainX)' and '\(trainY)'")
    let test = try LabelledRows(
      x: input.matrix(testX), y: input.tensor(testY), name: "\(name), '\(testX)' and '\(testY)'")
    return (train, test)
  }
}

extension MetricResult {
  /// What every probe reports beside its error rate.
  static func probe(
    _ metric: String, _ value: Double, _ train: LabelledRows, _ test: LabelledRows,
    _ conventions: Conventions
  ) -> MetricResult {
    MetricResult(
      metric: metric, value: value,
      conventions: [
        ("unit", .text("error rate, a fraction")), ("train_n", .count(train.count)), ("test_n", .count(test.count)),
        ("dimension", .count(train.dimension)), ("classes", .count(train.classes.count)),
      ] + conventions)
  }
}
