import Datasets
import Networks
import Torch

extension GANRules {
  /// What a critic sees of examples at this time: themselves, under the noise that there is.
  func seen(_ x: Tensor, _ table: any Table) -> Tensor {
    let noise = instanceNoise(table.clock)
    return noise > 0 ? x + table.rng.normal(x.shape, dtype: x.dtype, rows: 0) * noise : x
  }

  /// What a critic descends, given its verdicts on generated and on real examples: a scalar, and its terms.
  ///
  /// - Parameters:
  ///   - made: generated examples without a gradient; a penalty looks at as many of both kinds as there are of the fewer.
  ///   - judge: V of examples without noise.
  func criticLoss(
    q: Logits, p: Logits, made: Tensor, real: Tensor, _ table: any Table, judge: (Tensor) -> Logits
  ) -> (value: Tensor, terms: [Loss.Term]) {
    let divergence = objective.divergence(q: q, p: p)
    var value = -divergence
    var terms = [Loss.Term("divergence", divergence, in: objective.unit)]
    if smoothing > 0 {
      value = value + (objective.gain(p: p).mean() - objective.gain(q: p).mean()) * smoothing
    }
    let pairs = 0..<min(made.size(0), real.size(0))
    if let extra = penalty(judge, q: made.narrowed(0, pairs), p: real.narrowed(0, pairs), using: table.rng) {
      (value, terms) = (extra + value, terms + [.init("penalty", extra, in: .none)])
    }
    return (value, terms)
  }
}

/// What a critic of examples does in a round: it looks at generated and real ones, and descends its loss.
struct CriticRound {
  /// V of examples, and the features behind it.
  typealias Verdict = (logits: Logits, features: Tensor)

  let critic: CodeCritic
  let rules: GANRules

  /// V of examples under the noise that the rules have at this time.
  func judged(_ x: Tensor, _ classes: Tensor?, _ table: any Table) -> Verdict {
    let features = critic.features(rules.seen(x, table), classes: classes)
    return (critic.logits(features, classes: classes), features)
  }

  /// What the critic descends, given its verdicts: a scalar, and its terms.
  ///
  /// - Parameters:
  ///   - made: generated examples without a gradient, of the same classes as the real ones where there are any.
  func loss(
    q: Logits, p: Logits, made: Tensor, real: Tensor, classes: Tensor?, _ table: any Table
  ) -> (value: Tensor, terms: [Loss.Term]) {
    let (value, terms) = rules.criticLoss(q: q, p: p, made: made, real: real, table) { x in
      critic.logits(critic.features(x, classes: classes), classes: classes)
    }
    let all = Logits(.concatenated([q.values, p.values]))
    return (value, terms + [CriticSaturation.term(all), Spread.term(made, real)])
  }
}
