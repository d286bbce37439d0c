import Datasets
import Generative
import Torch

// Metrics of models between two domains: the examples that are measured are the source's, those of the target are the
// run's own.
extension Metric {
  /// Examples that are looked at at once.
  private static let batchSize = 200

  /// How many held-out examples of both domains the model's own discriminator tells, the mean of the two shares: 1/2 is
  /// what guessing has, and what adaptation wants.
  public static let domainAccuracy = Metric(
    "domain-accuracy", unit: "accuracy", needs: .domains
  ) { model, subject, _ in
    let (source, target) = (try subject.codedExamples(), try subject.targetExamples())
    let told = try [(source, -1.0), (target, 1.0)].map { examples, sign in
      let rights = try stride(from: 0, to: examples.count, by: batchSize).map { start in
        let range = start..<min(examples.count, start + batchSize)
        let x = try examples.batch(range, using: RandomSource(seed: subject.options.seed, device: examples.device)).x
        return withoutGradients { (model.domainLogits(x).values * sign .> 0).to(.float64).sum().item() }
      }
      return rights.reduce(0, +) / Double(examples.count)
    }
    return [
      Finding(
        (told[0] + told[1]) / 2, count: source.count + target.count,
        [
          ("discriminator", .text("the model's own")), ("source", .number(told[0])), ("target", .number(told[1])),
        ])
    ]
  }

  /// The share of held-out examples of the target whose most probable class is wrong; `error` is that of the source.
  public static let targetError = Metric("target-error", unit: "error rate", needs: .adaptedClasses) {
    model, subject, _ in
    let examples = try subject.targetExamples()
    let found = try ClassPredictions(
      of: model, on: examples, samples: ClassPredictions.draws, seed: subject.options.seed,
      progress: { subject.progress("target-error", $0, examples.count) })
    guard found.labelledCount > 0 else { throw MetricError("target-error: expected labels in the target, got none") }
    return [Finding(Estimate(found.mistakes.filter { !$0.isNaN }))]
  }
}

extension Capability where Model == any DomainDiscriminator {
  /// A discriminator between two domains.
  public static var domains: Self {
    Self("a discriminator of domains", lack: "tells no domains") { $0 as? any DomainDiscriminator }
  }
}

extension Capability where Model == any ClassPredictor {
  /// Probabilities of classes in two domains.
  public static var adaptedClasses: Self {
    classes.refined("predicted classes in two domains", lack: "has no target") { model in
      model is any DomainDiscriminator ? model : nil
    }
  }
}

extension Capability where Model == any Translator {
  /// Examples of one domain in the other.
  public static var translation: Self {
    Self("translations", lack: "translates no examples") { $0 as? any Translator }
  }

  /// The same of one direction.
  public static func translation(to domain: Domain) -> Self {
    translation.refined("translations to \(domain.rawValue)", lack: "translates nothing to \(domain.rawValue)") {
      $0.destinations.contains(domain) ? $0 : nil
    }
  }
}

extension MetricForm {
  static let domainAccuracy = MetricForm(
    .domainAccuracy, "share of examples whose domain its own discriminator tells")
  static let targetError = MetricForm(
    .targetError, "share of the target's examples whose predicted class is wrong")
}
