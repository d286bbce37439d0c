import Probability
import Torch

/// A distribution of codes that a model was trained for.
public struct LearnedPrior: CodePrior {
  /// The model: its examples are codes.
  public let model: any Generator
  public let summary: String
  public let dtype: DType

  /// - Parameters:
  ///   - model: a generator of vectors.
  ///   - summary: in one line what it is.
  ///   - dtype: the type of its draws.
  public init(_ model: any Generator, summary: String, dtype: DType = .float32) {
    precondition(
      model.exampleShape.count == 1, "LearnedPrior: expected a model of vectors, got shape \(model.exampleShape)")
    self.model = model
    self.summary = summary
    self.dtype = dtype.inScope
  }

  public var dimension: Int { model.exampleShape[0] }
  public var hasDensity: Bool { model is any Density }

  /// Draws that the estimate of the mean takes.
  private static let meanDraws = 4096

  /// The mean of 4096 draws, always the same, `[dimension]`: it has no closed form.
  public var mean: Tensor { sample([Self.meanDraws], using: RandomSource(seed: 0, device: model.device)).mean(0) }

  public func sample(_ count: [Int], using rng: RandomSource) -> Tensor {
    withoutGradients { model.examples(count.reduce(1, *), as: .draws, using: rng) }.to(dtype)
      .reshaped(count + [dimension])
  }

  /// The model's log density at codes `count + [dimension]`, nats, `count`; asked of models that have one.
  public func logProb(_ value: Tensor) -> Tensor {
    guard let density = model as? any Density else {
      preconditionFailure("LearnedPrior: expected a model with a density, got \(summary)")
    }
    return density.logProb(value)
  }
}
