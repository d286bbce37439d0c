import Generative
import Torch

extension Metric {
  /// E log p(x|z) - KL(q(z|x), p(z)) over `samples` draws of a code, nats; higher is better.
  /// Kingma & Welling 2014, Eq. 3.
  ///
  /// Of a posterior without a density it is approximate: an estimate that can lie above the evidence.
  public static func elbo(samples: Int) -> Metric {
    Metric(.elbo(samples: samples), needs: .bound) { $0 }
  }

  /// The mean over the examples of a bound.
  ///
  /// - Parameter latent: the model as one of codes.
  init<Model>(
    _ bound: Bound, needs capability: Capability<Model>,
    _ latent: @escaping @Sendable (Model) -> any LatentVariableModel
  ) {
    self.init(bound.name, unit: bound.unit, needs: capability, isPerExample: true) { model, subject, _ in
      [try Self.finding(bound, of: latent(model), subject)]
    }
  }

  /// The mean over the examples of a bound.
  static func finding(_ bound: Bound, of model: any LatentVariableModel, _ subject: Subject) throws -> Finding {
    let examples = try subject.examples()
    let found = try evaluate([bound], of: model, on: examples, seed: subject.options.seed) {
      subject.progress(bound.name, $0, examples.count)
    }[0]
    var conventions: [(key: String, value: Convention)] = []
    if let proposal = bound.proposal, let worth = found.effectiveSamples {
      conventions = [
        ("draws_from", .text(proposal.words)), ("effective_samples", .number(worth.mean)),
        ("effective_samples_least", .number(worth.values.min() ?? .nan)),
      ]
    }
    var finding = Finding(found.bound, conventions)
    finding.isApproximate = found.isApproximate
    return finding
  }
}

extension MetricForm {
  static let elbo = draws(
    "elbo", "evidence lower bound, in nats; elbo:K averages K draws of the code", standard: 1
  ) { .elbo(samples: $0) }
}
