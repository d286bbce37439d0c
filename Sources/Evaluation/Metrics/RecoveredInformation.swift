import Datasets
import Generative
import Torch

extension Capability where Model == any CodeRecovering {
  /// Named parts of a code that are recovered from examples.
  public static var recoveredCodes: Self {
    Self("parts of its code that are recovered", lack: "recovers no parts of its code") { model in
      (model as? any CodeRecovering).flatMap { $0.namedCodes.isEmpty ? nil : $0 }
    }
  }
}

extension Metric {
  /// What samples tell of the parts of their code: I(c; x) >= H(c) + E log q(c|x), nats, at most H(c). Its parts are
  /// those of the code, and its value their sum. Chen et al. 2016, Eq. 5.
  public static let codeInformation = Metric("code-information", unit: "nats", needs: .recoveredCodes) {
    model, subject, rng in
    let parts = model.namedCodes
    let count = subject.options.samples ?? informationSamples
    let logProbs = try withoutGradients {
      try Tensor.concatenated(
        RowBlocks.ranges(count, size: informationRows).map { rows in
          let code = model.prior.sample([rows.count], using: rng)
          guard let found = model.recoveredLogProbs(model.decode(code, as: .draws, using: rng), code, using: rng) else {
            throw MetricError("code-information: expected parts of a code that are recovered, got none")
          }
          subject.progress("code-information", rows.upperBound, count)
          return found  // [parts, rows]
        }, axis: 1)
    }
    let rows = zip(parts, logProbs.split(parts.count, axis: 0)).map { part, row in
      (part, row.array(Double.self).map { $0 + part.entropy })
    }
    let total = (0..<count).map { index in rows.reduce(0) { $0 + $1.1[index] } }
    let conventions: [(key: String, value: Convention)] = [("samples", .count(count))]
    return [summary(nil, total, parts.reduce(0) { $0 + $1.entropy }, conventions)]
      + rows.map { summary("code-information:" + $0.name, $1, $0.entropy, conventions) }
  }

  private static func summary(
    _ part: String?, _ values: [Double], _ entropy: Double, _ conventions: [(key: String, value: Convention)]
  ) -> Finding {
    let estimate = Estimate(values)
    return Finding(
      part: part, estimate.mean, standardError: estimate.standardError, count: values.count,
      conventions + [("entropy", .number(entropy))])
  }

  private static let informationSamples = 10_000
  private static let informationRows = 500
}

extension MetricForm {
  static let codeInformation = MetricForm(
    .codeInformation, "what samples tell of the named parts of their code, in nats")
}
