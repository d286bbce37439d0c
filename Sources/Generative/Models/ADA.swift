import Datasets
import Networks
import Torch

/// Adversarial domain adaptation: a classifier of labelled source examples on features in which a discriminator cannot
/// tell them from unlabelled target examples. Ganin et al. 2016, in the form of Hu et al. 2018, Eqs. 1-5.
///
/// The paper's data z are `x` here, its features x are `f` = G(x), and its D(f) = q(y = 1|f), the probability of the
/// source, is sigmoid(-V): V is larger where features look like the target's, as that of generated examples in a GAN.
/// Features descend the terms of both domains (Eq. 2); a GAN's real domain has no parameters, so that one term is left.
/// What both play for, and who moves when, are `rules`; with other objectives than the paper's q is the target, p the
/// source.
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
  /// How features and discriminator play; under reversal there is one move of both, without noise.
  public let rules: GANRules
  /// Whether features ascend what the discriminator descends, with one move of both, instead of descending the labels
  /// exchanged.
  public let isReversed: Bool
  private let extractor: Player
  private let judge: Player

  /// - Parameters:
  ///   - features: from an example to features; they are flattened.
  ///   - classifier: layers from features to the logits' input.
  ///   - discriminator: of features.
  ///   - rules: noise and smoothing of labels are of what the discriminator sees: features, the source's as real ones.
  public init(
    features: any Network, classifier: any Network, classes: Int, discriminator: CodeCritic, weight: Schedule,
    rules: GANRules = GANRules(), isReversed: Bool = false, using rng: RandomSource
  ) {
    precondition(classes >= 2, "ADA: expected at least 2 classes, got \(classes)")
    (self.features, self.classifier, self.discriminator) = (features, classifier, discriminator)
    (self.weight, self.rules, self.isReversed) = (weight, rules, isReversed)
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

  public func domainLogits(_ x: Tensor) -> Logits { parted(discriminator(features(of: x))) }

  /// Values above 0 for the target, below for the source.
  private func parted(_ v: Logits) -> Logits { Logits(v.values - rules.objective.boundary) }

  // MARK: The game

  public var players: [Player] { [extractor, judge] }
  public var batchesPerRound: Int { isReversed ? 1 : rules.criticSteps }

  /// Features of both domains, `[n, features]` and `[m, features]`.
  private typealias Pair = (source: Tensor, target: Tensor)
  /// What the discriminator says of both.
  private typealias Verdict = (source: Logits, target: Logits)

  /// The discriminator's moves before the last of a round are on fresh batches.
  public func play(_ table: any Table) throws {
    let isPretraining = !isReversed && table.clock.step < rules.pretrainSteps
    for _ in 1..<(isReversed ? 1 : isPretraining ? rules.criticSteps + 1 : rules.criticSteps) {
      let (source, target) = (try table.batch(.main).x, try table.batch(.target).x)
      try moveJudge(withoutGradients { (features(of: source), features(of: target)) }, table)
    }
    if isPretraining { return }
    let (source, target) = (try table.batch(.main), try table.batch(.target).x)
    let f: Pair = (features(of: source.x), features(of: target))
    let (nll, wrong) = classLoss(f.source, source.labels)
    let weight = weight(table.clock)
    if isReversed {
      let judged = judgeLoss((discriminator(f.source), discriminator(f.target)), f, table)
      return try table.move([(extractor, featureLoss(nll, wrong, -judged.value, weight)), (judge, judged)])
    }
    switch rules.moves {
    case .alternating:
      try moveJudge((f.source.detached(), f.target.detached()), table)
      try table.move(extractor, featureLoss(nll, wrong, confusion(seen(f, table)), weight))
    case .simultaneous:
      let verdict = seen(f, table)
      try table.move([
        (extractor, featureLoss(nll, wrong, confusion(verdict), weight)), (judge, judgeLoss(verdict, f, table)),
      ])
    }
  }

  private func moveJudge(_ f: Pair, _ table: any Table) throws {
    try table.move(judge, judgeLoss(seen(f, table), f, table))
  }

  /// V of both domains' features under the noise that there is.
  private func seen(_ f: Pair, _ table: any Table) -> Verdict {
    (discriminator(rules.seen(f.source, table)), discriminator(rules.seen(f.target, table)))
  }

  /// What features descend against the discriminator, a scalar: E_p(f|y)p(y) [-log q^r(y|f)] with both domains equally
  /// likely under the paper's objective, Eq. 5. Times -2 it is Eq. 2.
  private func confusion(_ verdict: Verdict) -> Tensor {
    (rules.objective.loss(q: verdict.target).mean() + rules.objective.loss(p: verdict.source).mean()) * 0.5
  }

  private func featureLoss(_ nll: Tensor, _ wrong: Tensor, _ domains: Tensor, _ weight: Double) -> Loss {
    Loss(
      nll + domains * weight, in: rules.objective.unit,
      terms: [
        .init("class", nll), .init("error", wrong, in: .fraction), .init("domains", domains, in: rules.objective.unit),
      ])
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

  /// What the discriminator descends, E_p(f|y)p(y) [-log q(y|f)] under the paper's objective (Eq. 4; times -2 it is
  /// Eq. 1), and how many of both domains it tells, the mean of the two shares.
  private func judgeLoss(_ verdict: Verdict, _ f: Pair, _ table: any Table) -> Loss {
    let objective = rules.objective
    let (value, terms) = rules.criticLoss(
      q: verdict.target, p: verdict.source, made: f.target.detached(), real: f.source.detached(), table,
      judge: { discriminator($0) })
    let (s, t) = (parted(verdict.source).values.detached(), parted(verdict.target).values.detached())
    let told = (s .< 0).to(.float32).mean() + (t .> 0).to(.float32).mean()
    return Loss(
      value + objective.offset, in: objective.unit, terms: terms + [.init("domain_accuracy", told * 0.5, in: .fraction)]
    )
  }
}

extension ADA: Described {
  public var card: ModelCard {
    let objective = rules.objective
    let tellsProbability = [.jensenShannon, .nonSaturating].contains(objective)
    let ofSource = objective.lossFormula(ofP: "x")
    let second = ofSource.hasPrefix("-") ? "- \(ofSource.dropFirst())" : "+ \(ofSource)"
    let sides = tellsProbability ? "" : ",  q the target, p the source"
    let domains =
      isReversed
      ? "- w times what the discriminator descends, at once with it"
      : tellsProbability
        ? "- w/2 [E_source log(1 - D(x)) + E_target log D(x)]"
        : "+ w/2 [\(objective.lossFormula("x")) \(second)]\(sides)"
    let judged =
      tellsProbability
      ? "-1/2 [E_source log D(x) + E_target log(1 - D(x))]\(rules.penalty.formula),  D = sigmoid(-V)"
      : "-(\(objective.formula("x")))\(rules.penalty.formula)\(sides)"
    return ModelCard(
      conditionals: [
        .init("p", ["x"], given: ["z"], "x = G(z), z of either domain, \(features.summary)", isImplicit: true),
        .init("q", ["y"], given: ["x"], "categorical, \(classifier.summary)-\(classCount)"),
      ],
      players: [
        .init("features", "-log q(y|x) of the source \(domains)"),
        .init("discriminator", "\(judged), V: \(discriminator.summary)"),
      ],
      notes: ["as in the paper, z is an example, x its features; y is its class"], parameterCount: parameterCount,
      adversaries: [
        .init(of: ["x"], real: "p(x|source)", generated: "p(x|target)", objective: objective)
      ],
      meanings: ["x": "features", "z": "data examples", "real or generated": "domain indicator"])
  }
}
