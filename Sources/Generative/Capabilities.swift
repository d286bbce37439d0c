import Probability
import Torch

/// What a picture of a distribution over examples shows.
public enum Shown: String, Sendable, CaseIterable {
  /// Its mean, where it has one to show; else a draw.
  case means
  /// A draw.
  case draws
}

/// A model that draws examples.
///
/// To conform, say what shape an example has and draw some. `AutoregressiveModel` has no codes and is the simplest; a
/// model with codes is a `Decoder`.
public protocol Generator: Module {
  /// The shape of one example.
  var exampleShape: [Int] { get }
  /// Examples from the model, `[count] + exampleShape`.
  func examples(_ count: Int, as shown: Shown, using rng: RandomSource) -> Tensor
  /// What its examples are when means are asked for, such as `means of p(x|z)`: captions and tables say it.
  var portrayal: String { get }
}

/// A generator that knows the density of examples: `logProb` of examples `batch + exampleShape` is nats, `batch`.
public typealias DensityModel = Density & Generator

/// A generator whose examples are made of codes.
public protocol Decoder: Generator {
  /// p(z): where codes come from.
  var prior: any CodePrior { get }
  /// Examples of codes `[n, latent]`: `[n] + exampleShape`.
  func decode(_ z: Tensor, as shown: Shown, using rng: RandomSource) -> Tensor
}

extension Decoder {
  public func examples(_ count: Int, as shown: Shown, using rng: RandomSource) -> Tensor {
    decode(prior.sample([count], using: rng), as: shown, using: rng)
  }
}

/// A model that gives codes to examples.
public protocol Encoder: Module {
  /// One code for every example, `[batch, latent]`: the posterior's mean where it has one, else a draw.
  func encode(_ x: Tensor, using rng: RandomSource) -> Tensor
}

/// An encoder that draws codes from a posterior that is no distribution of its own.
///
/// A model with an `ExplicitPosterior` need not conform: codes are drawn from that.
public protocol CodeSampler: Encoder {
  /// One draw of q(z|x) for every example, `[batch, latent]`.
  func drawnCodes(_ x: Tensor, using rng: RandomSource) -> Tensor
}

extension Encoder {
  /// One draw of q(z|x) for every example, `[batch, latent]`; the code itself of an encoder that draws nothing.
  public func draw(_ x: Tensor, using rng: RandomSource) -> Tensor {
    (self as? any ExplicitPosterior)?.posterior(x).sample([], using: rng)
      ?? (self as? any CodeSampler)?.drawnCodes(x, using: rng) ?? encode(x, using: rng)
  }
}

/// A model with a prior over codes, a distribution of examples given a code, and an encoder.
///
/// Sampling, reconstruction, interpolation and encoding need no more than this. `Autoencoder` is the simplest.
public protocol LatentVariableModel: Encoder, Decoder {
  /// p(x|z) at codes `[..., latent]`.
  func likelihood(_ z: Tensor) -> any Distribution
}

extension LatentVariableModel {
  public func decode(_ z: Tensor, as shown: Shown, using rng: RandomSource) -> Tensor {
    let p = likelihood(z)
    return shown == .draws ? p.sample([], using: rng) : p.portrait(using: rng)
  }

  public var portrayal: String {
    let z = withoutGradients { prior.sample([1], using: RandomSource(seed: 0, device: device)) }
    return withoutGradients { likelihood(z).isShownByDraw } ? "draws of p(x|z)" : "means of p(x|z)"
  }
}

extension Module {
  /// Where its parameters are; the CPU for a module without any.
  public var device: Device { parameters.first?.value.device ?? .cpu }
}

/// A model whose evidence can be estimated by importance sampling, whatever its posterior is made of.
public protocol ImportanceSampled: LatentVariableModel {
  /// log w of independent draws at examples `[batch] + shape`, nats, `[samples, batch]`: the mean of w is p(x).
  func logWeights(_ x: Tensor, samples: Int, using rng: RandomSource) -> Tensor
  /// The terms of the evidence lower bound of independent draws, nats, `[samples, batch]`: their mean over draws is the
  /// bound. log w, unless the model has a bound of its own, such as one that takes the expectation over a class.
  func lowerBounds(_ x: Tensor, samples: Int, using rng: RandomSource) -> Tensor
}

extension ImportanceSampled {
  public func lowerBounds(_ x: Tensor, samples: Int, using rng: RandomSource) -> Tensor {
    logWeights(x, samples: samples, using: rng)
  }
}

/// A model of examples of which the class may be given, beside the examples themselves.
public protocol ClassInformed: ImportanceSampled {
  /// Whether it is given classes, in training and where its bounds are measured: they are those of log p(x|y) then.
  var isGivenClasses: Bool { get }
  /// log w of independent draws at examples `[batch] + shape` of classes `[batch]`, nats, `[samples, batch]`: the mean of
  /// w is p(x|y).
  func logWeights(_ x: Tensor, classes: Tensor, samples: Int, using rng: RandomSource) -> Tensor
}

/// A model whose approximate posterior tells the density of its draws: its bounds can be estimated.
public protocol ExplicitPosterior: ImportanceSampled {
  /// q(z|x) at examples `[batch] + shape`.
  func posterior(_ x: Tensor) -> any ScoredSampler
  /// KL(q(z|x), p(z)) in closed form, nats per example, or nil where there is none.
  func closedFormKL(_ x: Tensor) -> Tensor?
}

extension ExplicitPosterior {
  public func logWeights(_ x: Tensor, samples: Int, using rng: RandomSource) -> Tensor {
    let (z, logQ) = posterior(x).sampleScored([samples], using: rng)
    return likelihood(z).logProb(x) + prior.logProb(z) - logQ
  }
}

/// A model whose posterior draws codes but has no density, so that its bound is estimated by other means.
///
/// A critic that learned log q/p is one: where it errs the estimate is no bound, and can lie above the evidence. To
/// conform, return the estimate; `encode` is a draw of q(z|x), unless the model is a `CodeSampler` too.
public protocol ApproximatelyBounded: LatentVariableModel {
  /// log p(x|z) less an estimate of log q(z|x) - log p(z), of one draw of a code for each of examples
  /// `[batch] + shape`: nats, `[batch]`.
  func approximateBound(_ x: Tensor, using rng: RandomSource) -> Tensor
}

extension ApproximatelyBounded {
  /// One draw of q(z|x) for every example, `[batch, latent]`, without a gradient.
  public func code(_ x: Tensor, using rng: RandomSource) -> Tensor {
    withoutGradients { (self as? any CodeSampler)?.drawnCodes(x, using: rng) ?? encode(x, using: rng) }
  }
}

/// A model that says which class an example is of.
public protocol ClassPredictor: Module {
  /// The number of classes; 0 for a model without them.
  var classCount: Int { get }
  /// Whether its probabilities are means over draws, so that they depend on those; false by default.
  var isClassifiedByDraws: Bool { get }
  /// q(y|x) at examples `[batch] + shape`, averaged over `samples` draws of what it depends on: `[batch, classes]`.
  func classProbabilities(_ x: Tensor, samples: Int, using rng: RandomSource) -> Tensor
}

extension ClassPredictor {
  public var isClassifiedByDraws: Bool { false }
}

/// A decoder that is told the class of what it draws.
public protocol ClassConditional: Decoder {
  /// The number of classes; 0 for a model without them.
  var classCount: Int { get }
  /// The code of the same example in another class: codes `[..., latent]`, class numbers `[...]` of type `int64`.
  func code(_ code: Tensor, ofClass classes: Tensor) -> Tensor
  /// What codes `[..., latent]` say beside the class, `[..., rest]`.
  func withoutClass(_ code: Tensor) -> Tensor
}

/// A decoder that recovers parts of a code from an example.
///
/// A model without such parts conforms with none.
public protocol CodeRecovering: Decoder {
  /// The parts that are recovered, in the order of a code; empty for a model without any.
  var namedCodes: [NamedCode] { get }
  /// log q(c|x) of each part of codes `[n, latent]` at the examples `[n] + exampleShape` that were made of them: nats,
  /// `[parts, n]`; nil for a model without any.
  func recoveredLogProbs(_ x: Tensor, _ code: Tensor, using rng: RandomSource) -> Tensor?
}

/// A game around a model, which is what it trains and what is used afterwards.
public protocol Wrapping: Module {
  /// The model that draws, encodes and is measured.
  var core: any Module { get }
}

extension Module {
  /// The model that is used: the core of one that is wrapped, else itself.
  public var inUse: any Module { (self as? any Wrapping)?.core ?? self }
}

/// One of two sets of examples that a model stands between.
public enum Domain: String, Sendable, CaseIterable {
  /// The source: the main feed.
  case a
  /// The target.
  case b
}

/// A model that turns an example of one domain into one of the other.
///
/// To conform, say which domains it translates to, and map examples of the other one there. `CycleGAN` goes both ways.
public protocol Translator: Module {
  /// The domains that it translates to.
  var destinations: [Domain] { get }
  /// Examples `[n] + shape` of the other domain in this one, `[n] + shape`.
  ///
  /// - Parameter domain: one of `destinations`.
  func translate(_ x: Tensor, to domain: Domain, using rng: RandomSource) -> Tensor
}

/// A model with a discriminator between two domains.
public protocol DomainDiscriminator: Module {
  /// What its discriminator says of examples `[n] + shape`: larger where it takes them for the target's, `[n]`; 0 is
  /// undecided.
  func domainLogits(_ x: Tensor) -> Logits
}
