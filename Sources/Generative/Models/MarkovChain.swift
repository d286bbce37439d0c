import Probability
import Torch

/// The Markov chain of an autoencoder: x' ~ p(x|z), z ~ q(z|x).
///
/// If the decoder is the best for its encoder and the chain is ergodic it draws from the data's distribution, whatever
/// the codes' distribution is. Zhao et al. 2017, Proposition 1.
public struct MarkovChain {
  private let model: any LatentVariableModel

  /// The chain of this model.
  public init(_ model: any LatentVariableModel) { self.model = model }

  /// Examples of independent noise, as many as wanted: where a chain without data begins.
  ///
  /// - Parameter isBinary: whether they are zeros and ones, as many of each, for a model that has seen nothing else;
  ///   otherwise uniform numbers from 0 to 1.
  public func noise(_ count: Int, isBinary: Bool, using rng: RandomSource) -> Tensor {
    let uniform = rng.uniform([count] + model.exampleShape, dtype: model.prior.dtype)
    return isBinary ? uniform.round() : uniform
  }

  /// One step of every chain: `x` `[chains] + shape` to the next draws, and what a picture shows of them: the means
  /// they are drawn around, or themselves where there are none.
  public func step(_ x: Tensor, using rng: RandomSource) -> (x: Tensor, shown: Tensor) {
    withoutGradients {
      let z =
        (model as? any ExplicitPosterior)?.posterior(x).sample([], using: rng)
        ?? (model as? any CodeSampler)?.drawnCodes(x, using: rng) ?? model.encode(x, using: rng)
      let p = model.likelihood(z)
      let next = p.sample([], using: rng)
      return (next, p.isShownByDraw ? next : p.mean)
    }
  }
}
