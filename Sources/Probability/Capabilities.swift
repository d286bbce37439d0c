import Torch

/// Something that can be drawn from.
///
/// To conform, return a tensor of shape `count + batch + event`. The simplest conformer is `StandardNormal`.
public protocol Sampler {
  /// Independent draws; no gradient flows through them.
  ///
  /// - Parameter count: leading axes of the result, `[]` for one draw, `[k]` for k.
  func sample(_ count: [Int], using rng: RandomSource) -> Tensor
}

/// A sampler whose draws are differentiable in its parameters (the reparameterization of Kingma & Welling 2014).
///
/// To conform, implement `rsample`; `sample` comes for free. An implicit posterior is one of these and no `Density`.
public protocol PathwiseSampler: Sampler {
  /// Draws of shape `count + batch + event`, differentiable in the parameters.
  func rsample(_ count: [Int], using rng: RandomSource) -> Tensor
}

extension PathwiseSampler {
  public func sample(_ count: [Int], using rng: RandomSource) -> Tensor {
    withoutGradients { rsample(count, using: rng) }
  }
}

/// A sampler whose draws come with an estimate of the moments of the distribution that they are from.
public protocol MomentSampler: PathwiseSampler {
  /// Draws of shape `count + batch + event`, and a Gaussian with the mean and the variance of each event, without a
  /// gradient.
  func rsampleWithMoments(_ count: [Int], using rng: RandomSource) -> (value: Tensor, moments: DiagonalGaussian)
}

/// Something with a density or a mass function that can be evaluated.
public protocol Density {
  /// The log density in nats, one number per example: event axes summed, `count + batch` kept.
  ///
  /// - Parameter value: shape `count + batch + event`, or anything that broadcasts with the parameters.
  func logProb(_ value: Tensor) -> Tensor
}

/// A pathwise sampler that knows the log density of its own draws (flows need no inverse for that).
///
/// To conform, implement `rsampleScored`; a sampler that is a `Density` has nothing to implement. The simplest
/// conformer is `DiagonalGaussian`.
public protocol ScoredSampler: PathwiseSampler {
  /// Draws with the log density that each was drawn with; both are differentiable in the parameters.
  ///
  /// - Parameter count: leading axes of the results, `[]` for one draw, `[k]` for k.
  /// - Returns: draws of shape `count + batch + event`, and nats of shape `count + batch`.
  func rsampleScored(_ count: [Int], using rng: RandomSource) -> (value: Tensor, logProb: Tensor)
}

extension ScoredSampler {
  /// Draws of shape `count + batch + event` with their log densities in nats, `count + batch`; no gradient flows
  /// through either.
  public func sampleScored(_ count: [Int], using rng: RandomSource) -> (value: Tensor, logProb: Tensor) {
    withoutGradients { rsampleScored(count, using: rng) }
  }
}

extension ScoredSampler where Self: Density {
  /// Draws by `rsample`, then scores them by `logProb`.
  public func rsampleScored(_ count: [Int], using rng: RandomSource) -> (value: Tensor, logProb: Tensor) {
    let value = rsample(count, using: rng)
    return (value, logProb(value))
  }
}

/// What a decoder or a prior gives back: something to draw from, to score with, and to show the mean of.
public protocol Distribution: Sampler, Density {
  /// The expectation, shape `batch + event`.
  var mean: Tensor { get }
  /// Whether a picture of it shows a draw, as the expectation has no closed form; false unless a conformer says so.
  var isShownByDraw: Bool { get }
}

extension Distribution {
  public var isShownByDraw: Bool { false }

  /// What a picture of it shows, shape `batch + event`: its mean, or a draw.
  public func portrait(using rng: RandomSource) -> Tensor { isShownByDraw ? sample([], using: rng) : mean }
}

/// A module that, given some variables, is a distribution over others: `qz(x)` is q(z|x).
///
/// To conform, return the distribution; `GaussianNetwork` is the simplest. What is given is a tensor, or a small struct
/// where it is several variables, such as `JointInput`.
public protocol Conditional<Input, Output>: Module {
  /// What the distribution is given: a tensor of shape `batch + event`, or several in a struct.
  associatedtype Input = Tensor
  /// The family it returns a member of.
  associatedtype Output
  /// The distribution at `input`.
  func callAsFunction(_ input: Input) -> Output
}

/// log(2 pi) / 2, the constant of every Gaussian density.
let halfLogTwoPi = 0.918_938_533_204_672_741_8
