import Probability
import Torch

// A code is the noise that an example is made of: `z` of the top layer, standardized `z` of the others downwards,
// standardized `a` where `x` depends on it, and scores of which the largest is the class. All of it is N(0, 1) a
// priori, as the largest of independent normal numbers is any of them with equal probability.
extension AuxiliaryModel {
  private var sizes: [Int] {
    design.latentSizes.reversed() + (design.isSkip ? [design.auxiliarySize] : []) + (design.classes.map { [$0] } ?? [])
  }

  public var prior: any CodePrior { StandardNormal(sizes.reduce(0, +)) }

  private func parts(_ code: Tensor) -> [Tensor] {
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return code.narrowed(-1, start..<start + size)  // [..., size]
    }
  }

  public func likelihood(_ code: Tensor) -> any Distribution {
    let parts = parts(code)
    let y = design.classes.map { _ in parts.last!.argmax(-1) }  // [...]
    var z = [parts[0]]  // from x's side up
    for (index, conditional) in pz.enumerated().reversed() {
      let p = conditional([z[0]], classes: y)
      z.insert(p.mean + p.scale * parts[pz.count - index], at: 0)
    }
    guard design.isSkip else { return likelihood(z[0], nil, classes: y) }
    let p = pa[0](z, classes: y)
    return likelihood(z[0], p.mean + p.scale * parts[qz.count], classes: y)
  }

  /// Means of q, at the most probable class.
  public func encode(_ x: Tensor, using rng: RandomSource) -> Tensor {
    code(x, { $0.mean }, a: { $0.mean }, y: { $0.argmax(-1) }, using: rng)
  }

  /// The code of `x` at a value of each distribution of q: of `z`, of `a` and, from scores `[batch, classes]`, of `y`;
  /// where classes are given, at the most probable one.
  private func code(
    _ image: Tensor, _ latent: (DiagonalGaussian) -> Tensor, a auxiliary: (DiagonalGaussian) -> Tensor,
    y label: (Tensor) -> Tensor, using rng: RandomSource
  ) -> Tensor {
    let given = design.classesAreGiven ? inferredClasses(image, using: rng) : nil
    let x = read(image)
    var a: [Tensor] = []
    for conditional in qa { a.append(auxiliary(conditional(a.suffix(1) + [x]))) }
    let y = given ?? design.classes.map { _ in label(classScores(x, a)) }  // [batch]
    var z: [Tensor] = []
    for (index, conditional) in qz.enumerated() {
      z.append(latent(conditional(self.given(index, x, a, z), classes: y)))
    }
    var code = [z.last!]
    for (index, conditional) in pz.enumerated().reversed() {
      let p = conditional([z[index + 1]], classes: y)
      code.append((z[index] - p.mean) / p.scale)
    }
    if design.isSkip {
      let p = pa[0](z, classes: y)
      code.append((a[0] - p.mean) / p.scale)
    }
    if let y { code.append(y.oneHot(classCount).to(x.dtype)) }
    return .concatenated(code, axis: -1)  // [batch, latent]
  }
}

extension AuxiliaryModel: CodeSampler {
  public func drawnCodes(_ x: Tensor, using rng: RandomSource) -> Tensor {
    code(
      x, { $0.sample([], using: rng) },
      a: { [design] in design.auxiliary == .stochastic ? $0.sample([], using: rng) : $0.mean },
      y: { Categorical(logits: $0).sample([], using: rng) }, using: rng)
  }
}
