import Generative
import Torch

extension Metric {
  /// The squared error of what a model makes of an example's code, the mean over its numbers, in the examples' units.
  public static let squaredError = Metric(
    "squared-error", unit: "units of x^2", needs: .codesAndPrior, isPerExample: true
  ) { model, subject, rng in
    let examples = try subject.examples()
    var errors: [Double] = []
    for range in pairBlocks(examples.count, size: reconstructedAtOnce) {
      let x = try examples.batch(range, using: rng).x
      withoutGradients {
        let again = model.decode(model.encode(x, using: rng), as: .means, using: rng)
        errors += (x - again).square().flattened(from: 1).mean(1).to(.float64).array(Double.self)
      }
    }
    return [Finding(Estimate(errors), [("codes", .text("means, or draws where there are none"))])]
  }

  private static let reconstructedAtOnce = 500
}

extension MetricForm {
  static let squaredError = MetricForm(.squaredError, "squared error of a reconstruction, a mean over its numbers")
}
