import Datasets
import Torch

extension Metric {
  /// The exact 1-Wasserstein distance between draws of p(x) and examples as the model sees them, in units of x.
  ///
  /// It asks for nothing but samples, of images or of points. Where there are fewer examples than samples it is above 0
  /// even for the true distribution, by what two finite sets of it differ.
  public static let wasserstein = Metric("wasserstein1", unit: "units of x", needs: .samples) { model, subject, rng in
    if let asked = subject.options.samples, asked > mostDrawn {
      throw MetricError("wasserstein1: expected at most \(mostDrawn) samples, got \(asked)")
    }
    let examples = try subject.examples()
    let count = min(examples.count, mostTransported)
    let x = try examples.batch(0..<count, using: rng).x
    let drawn = subject.drawn(from: model, subject.options.samples ?? count, as: .draws, using: rng)
    func rows(_ x: Tensor) -> Tensor { x.to(.cpu).to(.float64).flattened(from: 1) }  // [n, values of an example]
    let conventions: [(key: String, value: Convention)] = [
      ("data_examples", .count(count)), ("distance", .text("Euclidean, examples as the model sees them")),
      ("samples", .text("draws of p(x)")),
    ]
    return [Finding(try Evaluation.wasserstein1(rows(drawn), rows(x)), count: drawn.size(0), conventions)]
  }

  /// The same distance between these examples and as many of the training set, drawn without replacement out of its first
  /// 10,000: what a perfect model would have. Generated sets have their classes in turn, so that the first of them would be
  /// nearer than independent draws are.
  public static let wassersteinFloor = Metric("wasserstein1:floor", unit: "units of x", needs: .samples) {
    _, subject, rng in
    let examples = try subject.examples()
    let known = try subject.trainingExamples(mostDrawn)
    let count = min(examples.count, known.count, mostTransported)
    func rows(_ x: Tensor) -> Tensor { x.to(.cpu).to(.float64).flattened(from: 1) }  // [n, values of an example]
    let chosen = rng.permutation(known.count).narrowed(0, 0..<count)
    let (drawn, x) = try (known.batch(chosen, using: rng).x, examples.batch(0..<count, using: rng).x)
    return [
      Finding(
        try Evaluation.wasserstein1(rows(drawn), rows(x)), count: count,
        [
          ("data", .text("\(subject.split.rawValue) examples and draws of training examples")),
          ("distance", .text("Euclidean, examples as the model sees them")),
        ])
    ]
  }

  /// Examples that are transported at most: exact transport of more takes minutes.
  private static let mostTransported = 2000
  /// Samples at most: transport keeps the distance of each to each example.
  private static let mostDrawn = 10_000
}

extension MetricForm {
  static let wasserstein = MetricForm(
    "wasserstein1[:floor]", "exact 1-Wasserstein distance of samples to data", example: .wasserstein
  ) { parameters in
    parameters.isEmpty ? .wasserstein : parameters == ["floor"] ? .wassersteinFloor : nil
  }
}
