import Datasets
import Networks
import Torch

/// What a critic of examples does in a round: it looks at generated and real ones, and descends its loss.
struct CriticRound {
  /// V of examples, and the features behind it.
  typealias Verdict = (logits: Logits, features: Tensor)

  let critic: CodeCritic
  let rules: GANRules

  /// V of examples under the noise that the rules have at this time.
  func judged(_ x: Tensor, _ classes: Tensor?, _ table: any Table) -> Verdict {
    let noise = rules.instanceNoise(table.clock)
    let seen = noise > 0 ? x + table.rng.normal(x.shape, dtype: x.dtype) * noise : x
    let features = critic.features(seen, classes: classes)
    return (critic.logits(features, classes: classes), features)
  }

  /// What the critic descends, given its verdicts: a scalar, and its terms.
  ///
  /// - Parameters:
  ///   - made: generated examples without a gradient, of the same classes as the real ones where there are any.
  func loss(
    q: Logits, p: Logits, made: Tensor, real: Tensor, classes: Tensor?, _ table: any Table
  ) -> (value: Tensor, terms: [Loss.Term]) {
    let objective = rules.objective
    let divergence = objective.divergence(q: q, p: p)
    var value = -divergence
    var terms = [Loss.Term("divergence", divergence, in: objective.unit)]
    if rules.smoothing > 0 {
      value = value + (objective.gain(p: p).mean() - objective.gain(q: p).mean()) * rules.smoothing
    }
    let judge = { [critic] x in critic.logits(critic.features(x, classes: classes), classes: classes) }
    if let extra = rules.penalty(judge, q: made, p: real, using: table.rng) {
      (value, terms) = (extra + value, terms + [.init("penalty", extra, in: .none)])
    }
    let all = Logits(.concatenated([q.values, p.values]))
    return (value, terms + [CriticSaturation.term(all), Spread.term(made, real)])
  }
}
