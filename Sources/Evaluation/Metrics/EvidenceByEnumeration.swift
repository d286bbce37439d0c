import Generative
import Torch

extension Metric {
  /// log p(x) as a sum over all codes of zeros and ones, nats; higher is better.
  public static let evidenceByEnumeration = Metric(
    "evidence:enumeration", unit: "nats", needs: .countableCodes, isPerExample: true
  ) { model, subject, rng in
    let examples = try subject.examples()
    let x = try withoutGradients {
      Tensor.concatenated(
        try RowBlocks.ranges(examples.count, size: 500).map { try examples.batch($0, using: rng).x })
    }
    let found = EvidenceEnumeration()(model, x, progress: subject.report("evidence:enumeration"))
    return [Finding(Estimate(found), [("codes", .count(1 << model.prior.dimension))])]
  }
}

extension MetricForm {
  static let evidenceByEnumeration = MetricForm(
    "evidence:enumeration", "log p(x) as a sum over all binary codes, in nats",
    example: .evidenceByEnumeration, advice: "evidence:enumeration"
  ) { $0 == ["enumeration"] ? .evidenceByEnumeration : nil }
}
