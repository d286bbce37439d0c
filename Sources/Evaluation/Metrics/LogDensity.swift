import Datasets
import Generative
import Torch

extension Metric {
  /// log p(x) of a model that knows it, nats; higher is better.
  public static let logDensity = Metric("log-density", unit: "nats", needs: .exactDensity, isPerExample: true) {
    model, subject, _ in
    [Finding(Estimate(try exactLogDensities(model, subject, "log-density")))]
  }

  /// log p(x) of the subject's examples.
  static func exactLogDensities(_ model: any DensityModel, _ subject: Subject, _ name: String) throws -> [Double] {
    let examples = try subject.examples()
    return try logDensities(model, on: examples, seed: subject.options.seed) {
      subject.progress(name, $0, examples.count)
    }.array(Double.self)
  }
}

/// Examples that go through a density at once, unless one of them takes much memory.
private let mostRows = 4096

/// log p(x) of a whole set of examples, in blocks.
///
/// - Parameters:
///   - seed: of binarization, for a model of zeros and ones.
///   - progress: called with the number of examples that are done.
/// - Returns: nats, `[examples]`, in the type that the model computes in.
public func logDensities(
  _ model: any DensityModel, on examples: DeviceExamples, seed: UInt64, progress: (Int) -> Void = { _ in }
) throws -> Tensor {
  let pixels = RandomSource.derived(seed: seed, 1, device: examples.device)
  return try withoutGradients {
    let one = try examples.batch(0..<1, using: RandomSource(seed: seed, device: examples.device)).x
    let rows = RowBlocks.rows(upTo: mostRows) { _ = model.logProb(one) }
    return .concatenated(
      try RowBlocks.ranges(examples.count, size: rows).map { range in
        let found = model.logProb(try examples.batch(range, using: pixels).x)
        progress(range.upperBound)
        return found
      })
  }
}

extension MetricForm {
  static let logDensity = MetricForm(.logDensity, "exact log density of examples, in nats")
}
