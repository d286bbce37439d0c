import Probability
import Torch

/// A model with a prior over codes, a decoder and an encoder.
///
/// Sampling, reconstruction, interpolation and encoding need no more than this.
public protocol LatentVariableModel: Module {
  /// p(z).
  var prior: StandardNormal { get }
  /// The shape of one example.
  var exampleShape: [Int] { get }
  /// p(x|z) at codes `[..., latent]`.
  func likelihood(_ z: Tensor) -> any Distribution
  /// One code for every example, `[batch, latent]`: the posterior's mean where it has one, else a draw.
  func encode(_ x: Tensor, using rng: RandomSource) -> Tensor
}

/// A model whose evidence can be estimated by importance sampling, whatever its posterior is made of.
public protocol ImportanceSampled: LatentVariableModel {
  /// log w of independent draws at examples `[batch] + shape`, nats, `[samples, batch]`: the mean of w is p(x).
  func logWeights(_ x: Tensor, samples: Int, using rng: RandomSource) -> Tensor
}

/// A model whose approximate posterior has a density: its bounds can be estimated.
public protocol ExplicitPosterior: ImportanceSampled {
  /// q(z|x) at examples `[batch] + shape`.
  func posterior(_ x: Tensor) -> any PathwiseSampler & Density
  /// KL(q(z|x), p(z)) in closed form, nats per example, or nil where there is none.
  func closedFormKL(_ x: Tensor) -> Tensor?
}

extension ExplicitPosterior {
  public func logWeights(_ x: Tensor, samples: Int, using rng: RandomSource) -> Tensor {
    let q = posterior(x)
    let z = q.sample([samples], using: rng)
    return likelihood(z).logProb(x) + prior.logProb(z) - q.logProb(z)
  }
}

/// A model that says which class an example is of.
public protocol ClassPredictor: Module {
  /// How many classes there are; 0 for a model without them.
  var classCount: Int { get }
  /// q(y|x) at examples `[batch] + shape`, averaged over `samples` draws of what it depends on: `[batch, classes]`.
  func classProbabilities(_ x: Tensor, samples: Int, using rng: RandomSource) -> Tensor
}

/// A model of examples and their classes.
public protocol ClassConditional: LatentVariableModel, ClassPredictor {
  /// The code of the same example in another class: codes `[..., latent]`, class numbers `[...]` of type `int64`.
  func code(_ code: Tensor, ofClass classes: Tensor) -> Tensor
}

/// A model that can say what it is made of.
public protocol Described {
  /// Its conditionals, players and losses.
  var card: ModelCard { get }
}

/// A model as a reader of the papers would write it down.
public struct ModelCard: Equatable, Sendable {
  /// A line such as `q(z|x)` and what it is.
  public struct Entry: Equatable, Sendable {
    public let symbol: String
    public let meaning: String

    public init(_ symbol: String, _ meaning: String) {
      self.symbol = symbol
      self.meaning = meaning
    }
  }

  /// The distributions of the generative and the inference model.
  public let conditionals: [Entry]
  /// Each player and the loss it descends.
  public let players: [Entry]
  /// Numbers that training changes.
  public let parameterCount: Int

  public init(conditionals: [Entry], players: [Entry], parameterCount: Int) {
    self.conditionals = conditionals
    self.players = players
    self.parameterCount = parameterCount
  }
}
