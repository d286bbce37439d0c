import Probability
import Torch

extension AuxiliaryModel {
  /// The means of q(a|x) of the first layer, `[batch, dimension]`; nil where there is no `a`.
  public func auxiliaryMeans(_ x: Tensor) -> Tensor? {
    qa.first.map { $0([read(x)]).mean }
  }

  /// What every unit of `a` and `z` tells, in nats on average over the batch: its KL to the prior,
  /// `[dimension]` by name.
  ///
  /// `a` by one draw of log q(a|x) - log p(a|z, y), `z` of the top layer in closed form, at the most probable class. A
  /// model of several layers has it for its first `a` and last `z`.
  public func unitInformation(_ x: Tensor, using rng: RandomSource) -> [(name: String, nats: Tensor)] {
    let inferred = design.classesAreGiven ? inferredClasses(x, using: rng) : nil
    let drawn = auxiliaries(x, (1, 1), using: rng)
    let (x, a) = (drawn.x, drawn.a.map { $0.squeezed(0) })  // [batch, features], each [batch, a]
    let y = inferred ?? design.classes.map { _ in classScores(x, a).argmax(-1) }  // [batch]
    var z: [Tensor] = []
    var top: DiagonalGaussian?
    for (index, conditional) in qz.enumerated() {
      let q = conditional(given(index, x, a, z), classes: y)
      z.append(q.rsample([], using: rng))
      top = q
    }
    func units(_ q: DiagonalGaussian) -> DiagonalGaussian {
      DiagonalGaussian(mean: q.mean, logScale: q.logScale, eventRank: 0)
    }
    var found = [(name: "z", nats: kl(units(top!), StandardNormal(z.last!.size(-1))).mean(0))]  // [z]
    if let qa = qa.first, let pa = pa.first {
      let p = pa(z + (design.auxiliarySeesExample ? [x] : []), classes: y)
      found.insert(("a", (units(qa([x])).logProb(a[0]) - units(p).logProb(a[0])).mean(0)), at: 0)  // [a]
    }
    return found
  }
}
