import Generative
import Torch

extension Metric {
  /// E log p(x|z) - KL(q(z|x), p(z)) over `samples` draws of a code, nats; higher is better.
  /// Kingma & Welling 2014, Eq. 3.
  public static func elbo(samples: Int) -> Metric {
    Metric(.elbo(samples: samples), needs: .importanceWeights) { $0 }
  }

  /// The mean over the examples of a bound.
  ///
  /// - Parameter weighted: the model as one of importance weights.
  init<Model>(
    _ bound: Bound, needs capability: Capability<Model>,
    _ weighted: @escaping @Sendable (Model) -> any ImportanceSampled
  ) {
    self.init(bound.name, unit: bound.unit, needs: capability) { model, subject, _ in
      let examples = try subject.examples()
      let estimates = try evaluate([bound], of: weighted(model), on: examples, seed: subject.options.seed) {
        subject.progress(bound.name, $0, examples.count)
      }
      return [Finding(estimates[0])]
    }
  }
}

extension MetricForm {
  static let elbo = draws(
    "elbo", "evidence lower bound, in nats; elbo:K averages K draws of the code", standard: 1
  ) { .elbo(samples: $0) }
}
