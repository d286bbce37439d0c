import Generative
import Torch

extension Metric {
  /// log p(x) as an integral over codes of at most two dimensions, nats; higher is better.
  public static let evidenceByQuadrature = Metric(
    "evidence:quadrature", unit: "nats", needs: .fewCodeDimensions, isPerExample: true
  ) { model, subject, rng in
    let examples = try subject.examples()
    let x = try withoutGradients {
      Tensor.concatenated(
        try RowBlocks.ranges(examples.count, size: 500).map { try examples.batch($0, using: rng).x })
    }
    let found = try EvidenceQuadrature()(model, x, progress: subject.report("evidence:quadrature"))
    return [Finding(Estimate(found.logEvidence), found.conventions)]
  }
}

extension EvidenceQuadrature.Values {
  /// What a reader needs to get the same numbers.
  public var conventions: [(key: String, value: Convention)] {
    [
      ("rule", .text("midpoints of a grid over [\(side.lowerBound), \(side.upperBound)]")), ("cells", .count(cells)),
      ("change_on_finer_grid", .number(change)),
    ]
  }
}

extension MetricForm {
  static let evidenceByQuadrature = MetricForm(
    "evidence[:quadrature]", "log p(x) as an integral over a latent plane, in nats",
    example: .evidenceByQuadrature
  ) { $0.isEmpty || $0 == ["quadrature"] ? .evidenceByQuadrature : nil }
}
