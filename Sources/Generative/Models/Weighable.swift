import Datasets
import Networks
import Probability
import Torch

/// Examples of which each has a cost of its own, so that an adversary can weigh them.
public struct Portion {
  /// The examples, with their classes if those are known.
  public let batch: Batch
  /// The factor on the mean of their costs.
  public let weight: Double
  /// Whether costs go by the classes, beside the examples.
  public let isLabelled: Bool
  /// The factor on -log q(y|x) in the cost of a labelled example.
  public let classification: Double

  /// Examples without classes, or whose classes play no part.
  public init(_ batch: Batch, weight: Double = 1, isLabelled: Bool = false, classification: Double = 0) {
    (self.batch, self.weight, self.isLabelled, self.classification) = (batch, weight, isLabelled, classification)
  }
}

/// A model with codes whose loss is a sum over examples.
///
/// To conform, say which examples a step takes, what one of them costs, and draw some: `Autoencoder` is the simplest.
public protocol Weighable: Game, LatentVariableModel, Described {
  /// The real examples of a step; the first portion is what a discriminator compares generated ones with.
  func portions(_ table: any Table) throws -> [Portion]
  /// What each example costs, the negative of a bound: nats, `[batch]`.
  func cost(_ portion: Portion, _ clock: Clock, using rng: RandomSource) -> Tensor
  /// As many generated examples as there are in a portion of real ones, drawn from p(x|z), with the classes that they
  /// were made with.
  func made(like real: Portion, using rng: RandomSource) -> Portion
}

extension Autoencoder: Weighable where Posterior: Summarized {
  public func portions(_ table: any Table) throws -> [Portion] { [Portion(try table.batch(.main))] }

  public func cost(_ portion: Portion, _ clock: Clock, using rng: RandomSource) -> Tensor {
    -bound(portion.batch.x, at: clock, using: rng)
  }

  public func made(like real: Portion, using rng: RandomSource) -> Portion {
    Portion(Batch(x: px(pz.sample([real.batch.count], using: rng)).sample([], using: rng)))
  }
}

extension AuxiliaryModel: Weighable {
  /// Examples without classes, and labelled ones where there are any; all of them where classes are given.
  public func portions(_ table: any Table) throws -> [Portion] {
    let main = try table.batch(.main)
    if design.classesAreGiven { return [Portion(main, isLabelled: true)] }
    guard design.classes != nil else { return [Portion(main)] }
    return [
      Portion(main),
      Portion(
        try table.batch(.labelled), weight: design.labelledWeight, isLabelled: true, classification: design.alpha),
    ]
  }

  public func cost(_ portion: Portion, _ clock: Clock, using rng: RandomSource) -> Tensor {
    let temperature = design.temperature(clock)
    guard portion.isLabelled else { return -unlabelledBound(portion.batch.x, temperature: temperature, using: rng) }
    if design.classesAreGiven {
      return -givenBound(portion.batch.x, known(portion.batch), temperature: temperature, using: rng)
    }
    let (bound, classification) = labelledTerms(portion.batch, temperature, using: rng)
    return classification * portion.classification - bound
  }

  /// Of the same classes where they are given, else of classes that are drawn; the latter weigh on q(y|x) as much
  /// together as the labelled examples do.
  public func made(like real: Portion, using rng: RandomSource) -> Portion {
    let count = real.batch.count
    var drawn = prior.sample([count], using: rng)
    if design.classesAreGiven { drawn = code(drawn, ofClass: known(real.batch)) }
    let x = likelihood(drawn).sample([], using: rng)
    guard classCount > 0 else { return Portion(Batch(x: x)) }
    let classes = drawn.narrowed(-1, drawn.size(-1) - classCount..<drawn.size(-1)).argmax(-1)  // [count]
    return Portion(
      Batch(x: x, labels: classes), isLabelled: true, classification: design.alpha * design.labelledWeight)
  }
}
