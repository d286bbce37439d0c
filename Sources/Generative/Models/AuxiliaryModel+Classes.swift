import Foundation
import Probability
import Torch

extension AuxiliaryModel: ClassPredictor, ClassConditional {
  public var classCount: Int { design.classes ?? 0 }

  public var isClassifiedByDraws: Bool { !qa.isEmpty || design.classesAreGiven }

  /// q(y|x); where classes are given, p(y|x) by Bayes' rule, from importance-weighted estimates of p(x|y).
  public func classProbabilities(_ x: Tensor, samples: Int, using rng: RandomSource) -> Tensor {
    guard design.classesAreGiven else {
      return logClassProbabilities(auxiliaries(x, (samples, 1), using: rng)).exp().mean(0)  // [batch, classes]
    }
    return logMeanExp(logWeightsOfClasses(x, samples: samples, using: rng)).softmax(-1)
  }

  /// The last numbers of a code are scores of the classes; the largest is the class.
  public func code(_ code: Tensor, ofClass classes: Tensor) -> Tensor {
    .concatenated([withoutClass(code), classes.oneHot(classCount).to(code.dtype)], axis: -1)
  }

  public func withoutClass(_ code: Tensor) -> Tensor { code.narrowed(-1, 0..<code.size(-1) - classCount) }

  /// log p(x, y, a, z) - log q(a, z|x, y) of draws at every class, `[samples, batch, classes]`.
  func logWeightsOfClasses(_ x: Tensor, samples: Int, using rng: RandomSource) -> Tensor {
    let draws = (auxiliary: samples, latent: 1)
    let drawn = auxiliaries(x, draws, using: rng)
    let parts = blocks(of: classCount, rows: samples * x.size(0)).map { block in
      let (likelihood, rest) = logWeight(x, drawn, classes: nil, among: block, draws, using: rng)
      return (likelihood + rest).squeezed(0)
    }
    return .concatenated(parts, axis: -1)
  }

  /// The class of examples that are encoded: the most probable.
  func inferredClasses(_ image: Tensor, using rng: RandomSource) -> Tensor {
    classProbabilities(image, samples: 1, using: rng).argmax(-1)  // [batch]
  }
}

extension AuxiliaryModel: ClassInformed {
  public var isGivenClasses: Bool { design.classesAreGiven }

  public func logWeights(_ x: Tensor, classes: Tensor, samples: Int, using rng: RandomSource) -> Tensor {
    let draws = (auxiliary: samples, latent: 1)
    let (likelihood, rest) = logWeight(x, auxiliaries(x, draws, using: rng), classes: classes, draws, using: rng)
    return (likelihood + rest).squeezed(0) + log(Double(classCount))  // [samples, batch]
  }

  /// A bound of log p(x|y) where classes are given: nats, `[batch]`.
  ///
  /// - Parameter temperature: the factor on all but log p(x|.), for a warm-up.
  func givenBound(_ x: Tensor, _ classes: Tensor, temperature: Double = 1, using rng: RandomSource) -> Tensor {
    labelledBound(x, classes, temperature: temperature, using: rng) + log(Double(classCount)) * temperature
  }
}
