import Generative

extension Metric {
  /// log 1/K sum p(x, z_k) / r(z_k) for K draws of a code, nats; higher is better. Burda et al. 2016, Eq. 8.
  ///
  /// - Parameter proposal: where codes come from; one that fits no q(z|x), such as that of a model whose posterior was
  ///   never held to a width, biases the bound downwards.
  public static func iwae(samples: Int, from proposal: Bound.Proposal = .posterior) -> Metric {
    let bound = Bound.iwae(samples: samples, from: proposal)
    return switch proposal {
    case .posterior: Metric(bound, needs: .importanceWeights) { $0 }
    case .prior: Metric(bound, needs: .likelihood) { $0 }
    case .mixture: Metric(bound, needs: .densityAnywhere) { $0 }
    }
  }
}

extension MetricForm {
  static let iwae = MetricForm(
    "iwae:K[:prior|mixture]", "importance-weighted bound from K codes, in nats", example: .iwae(samples: 1)
  ) { (parameters) throws(MetricError) in
    guard (1...2).contains(parameters.count) else { return nil }
    let text = (["iwae"] + parameters).joined(separator: ":")
    let proposal = parameters.count == 1 ? .posterior : Bound.Proposal(rawValue: parameters[1])
    guard let proposal, parameters.count == 1 || proposal != .posterior else {
      throw MetricError("metric '\(text)': expected iwae:K, iwae:K:prior or iwae:K:mixture")
    }
    let least = proposal == .mixture ? 2 : 1
    return .iwae(samples: try number(parameters[0], in: least...1_000_000, "samples", of: text), from: proposal)
  }
}
