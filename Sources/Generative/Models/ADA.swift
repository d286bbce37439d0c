import Datasets
import Networks
import Torch

/// Adversarial domain adaptation: a classifier of labelled source examples on features in which a discriminator cannot
/// tell them from unlabelled target examples. Ganin et al. 2016, in the form of Hu et al. 2018, Eqs. 1-5.
///
/// The paper's data z are `x` here, its features x are `f` = G(x), and its D(f) = q(y = 1|f), the probability of the
/// source, is sigmoid(-V): V is larger where features look like the target's, as that of generated examples in a GAN.
/// Features descend the terms of both domains (Eq. 2); a GAN's real domain has no parameters, so that one term is left.
public final class ADA: Game, ClassPredictor, DomainDiscriminator {
  /// f = G(x).
  private let features: any Network
  /// q(c|f): layers and an affine map to the logits of classes.
  private let classifier: any Network
  private let head: Linear
  /// V(f).
  private let discriminator: CodeCritic
  /// The weight of the domains in what features descend.
  private let weight: Schedule
  /// Whether features ascend what the discriminator descends, with one move of both, instead of descending the labels
  /// exchanged.
  public let isReversed: Bool
  private let extractor: Player
  private let judge: Player

  /// - Parameters:
  ///   - features: from an example to features; they are flattened.
  ///   - classifier: layers from features to the logits' input.
  ///   - discriminator: of features.
  public init(
    features: any Network, classifier: any Network, classes: Int, discriminator: CodeCritic, weight: Schedule,
    isReversed: Bool = false, using rng: RandomSource
  ) {
    precondition(classes >= 2, "ADA: expected at least 2 classes, got \(classes)")
    (self.features, self.classifier, self.discriminator) = (features, classifier, discriminator)
    (self.weight, self.isReversed) = (weight, isReversed)
    head = Linear(classifier.outputShape.reduce(1, *), classes, using: rng)
    extractor = Player("features", [features, classifier, head])
    judge = Player("discriminator", side: .adversary, [discriminator])
  }

  public var classCount: Int { head.weight.value.size(0) }

  /// G(x), `[batch, features]`.
  private func features(of x: Tensor) -> Tensor { features(x).inFloat().flattened(from: 1) }

  /// Logits of classes, `[batch, classes]`.
  private func classLogits(_ f: Tensor) -> Tensor { head(classifier(f)).inFloat() }

  public func classProbabilities(_ x: Tensor, samples: Int, using rng: RandomSource) -> Tensor {
    classLogits(features(of: x)).softmax(1)
  }

  public func domainLogits(_ x: Tensor) -> Logits { discriminator(features(of: x)) }

  // MARK: The game

  public var players: [Player] { [extractor, judge] }

  public func play(_ table: any Table) throws {
    let (source, target) = (try table.batch(.main), try table.batch(.target).x)
    let (fs, ft) = (features(of: source.x), features(of: target))
    let (nll, wrong) = classLoss(fs, source.labels)
    let weight = weight(table.clock)
    if isReversed {
      let judged = judgeLoss(source: discriminator(fs), target: discriminator(ft))
      return try table.move([(extractor, featureLoss(nll, wrong, -judged.value, weight)), (judge, judged)])
    }
    try table.move(
      judge, judgeLoss(source: discriminator(fs.detached()), target: discriminator(ft.detached())))
    let confusion = DomainLosses.confusion(source: discriminator(fs), target: discriminator(ft))
    try table.move(extractor, featureLoss(nll, wrong, confusion, weight))
  }

  private func featureLoss(_ nll: Tensor, _ wrong: Tensor, _ domains: Tensor, _ weight: Double) -> Loss {
    Loss(
      nll + domains * weight,
      terms: [.init("class", nll), .init("error", wrong, in: .fraction), .init("domains", domains)])
  }

  /// -log q(c|f) and the share of wrong classes, means over the examples whose class is known, which are most.
  private func classLoss(_ f: Tensor, _ labels: Tensor?) -> (nll: Tensor, wrong: Tensor) {
    guard let labels else { preconditionFailure("ADA: expected a main feed with labels, got one without") }
    let isKnown = (labels .>= 0).to(.float32)
    let known = labels.maximum(Tensor.full([], 0, dtype: .int64, device: labels.device))
    let logits = classLogits(f)
    let count = isKnown.sum().maximum(Tensor.full([], 1, device: labels.device))
    let logProb = logits.logSoftmax(1).taken(known.unsqueezed(1), along: 1).squeezed(1)
    let isWrong = 1 - (logits.detached().argmax(1) .== known).to(.float32)
    return (-(logProb * isKnown).sum() / count, (isWrong * isKnown).sum() / count)
  }

  /// What the discriminator descends, and how many of both domains it tells, the mean of the two shares.
  private func judgeLoss(source: Logits, target: Logits) -> Loss {
    let told = (source.values.detached() .< 0).to(.float32).mean() + (target.values.detached() .> 0).to(.float32).mean()
    return Loss(
      DomainLosses.recognition(source: source, target: target),
      terms: [.init("domain_accuracy", told * 0.5, in: .fraction)])
  }
}

extension ADA: Described {
  public var card: ModelCard {
    let domains =
      isReversed
      ? "- w times what the discriminator descends, at once with it"
      : "- w/2 [E_source log(1 - D(x)) + E_target log D(x)]"
    return ModelCard(
      conditionals: [
        .init("p", ["x"], given: ["z"], "x = G(z), z of either domain, \(features.summary)", isImplicit: true),
        .init("q", ["y"], given: ["x"], "categorical, \(classifier.summary)-\(classCount)"),
      ],
      players: [
        .init("features", "-log q(y|x) of the source \(domains)"),
        .init(
          "discriminator",
          "-1/2 [E_source log D(x) + E_target log(1 - D(x))],  D = sigmoid(-V), V: \(discriminator.summary)"),
      ],
      notes: ["as in the paper, z is an example, x its features; y is its class"], parameterCount: parameterCount,
      adversaries: [
        .init(of: ["x"], real: "p(x|source)", generated: "p(x|target)", objective: .nonSaturating)
      ],
      meanings: ["x": "features", "z": "data examples", "real or generated": "domain indicator"])
  }
}
