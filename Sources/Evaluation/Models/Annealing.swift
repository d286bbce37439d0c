import Datasets
import Foundation
import Generative
import Inference
import Probability
import Torch

/// How the likelihood of a decoder is annealed.
public struct AnnealingOptions: Sendable, Equatable {
  /// Steps from the start to the posterior.
  public var temperatures = 1000
  /// Independent chains for each example.
  public var chains = 16
  /// How the temperatures lie between 0 and 1.
  public var schedule = TemperatureSchedule.linear
  /// Where chains begin.
  public var start = Start.posterior
  /// Leapfrog steps of the one trajectory at each temperature.
  public var leapfrogSteps = 10
  /// The first step size in units of the start's deviations; nil is a quarter of its period.
  public var stepSize: Double?
  /// How the step size follows the acceptance rate.
  public var rule = StepSizeRule.steady

  /// 1000 linear temperatures, 16 chains, 10 leapfrog steps, from the posterior's moments.
  public init() {}

  /// A distribution of first codes.
  public enum Start: String, Sendable, CaseIterable {
    /// At N(0, I).
    case prior
    /// At a Gaussian with the moments of q(z|x).
    case posterior
  }

  /// Codes that go through the decoder at once, at most.
  private static let mostRows = 1600
  /// Outputs of a decoder that fit a processor's cache beside their gradients: 1 MiB in float32.
  private static let outputsAtOnce = 1 << 18
  /// Draws that the moments of a posterior without a density are taken from.
  private static let momentDraws = 256
  /// Added to variances of draws of an implicit posterior, which may all be alike. Mescheder et al. 2017, by their code.
  private static let leastVariance = 1e-4

  /// Examples that are annealed together: as many as stay in the cache, and enough to be worth a call.
  public func batchSize(_ model: any LatentVariableModel) -> Int {
    let rows = Self.outputsAtOnce / max(1, model.exampleShape.reduce(1, *))
    return max(1, min(Self.mostRows, rows) / chains)
  }

  /// Annealing from the start to p(z) p(x|z), for examples `[batch] + shape`.
  func sampler(
    _ model: any LatentVariableModel, _ x: Tensor, using rng: RandomSource
  ) -> AnnealedImportanceSampling {
    AnnealedImportanceSampling(
      from: initial(model, x, rng), to: [prior(model, like: x), likelihood(model, of: x)],
      temperatures: schedule(temperatures), kernel: HMC(leapfrogSteps: leapfrogSteps), stepSize: stepSize, rule: rule)
  }

  private func prior(_ model: any LatentVariableModel, like x: Tensor) -> DensityTerm {
    let prior = model.prior
    guard prior is StandardNormal else { return DensityTerm { prior.logProb($0) } }
    // A Gaussian's gradient is known without a graph.
    let mean = Tensor.zeros([prior.dimension], dtype: prior.dtype, device: x.device)
    return DensityTerm(DiagonalGaussian(mean: mean, logScale: mean))
  }

  /// log p(x|z) as a density of z. The gradient of a Bernoulli in its logits is known, which saves most of the work
  /// behind the decoder.
  private func likelihood(_ model: any LatentVariableModel, of x: Tensor) -> DensityTerm {
    DensityTerm { z in
      let px = model.likelihood(z)
      guard let bernoulli = px as? Bernoulli else {
        let value = px.logProb(x)
        return .init(value, slope: nil) { value.detached() }
      }
      let logits = bernoulli.logits.detached()
      return .init(bernoulli.logits, slope: { x - logits.sigmoid() }) {
        Bernoulli(logits: logits, eventRank: bernoulli.eventRank).logProb(x)
      }
    }
  }

  private func initial(_ model: any LatentVariableModel, _ x: Tensor, _ rng: RandomSource) -> DiagonalGaussian {
    let prior = model.prior
    let zeros = Tensor.zeros([x.size(0), prior.dimension], dtype: prior.dtype, device: x.device)
    let standard = DiagonalGaussian(mean: zeros, logScale: zeros)
    guard start == .posterior else { return standard }
    if !(model is any ExplicitPosterior), let model = model as? any ApproximatelyBounded {
      return withoutGradients {
        let draws = Tensor.stacked((0..<Self.momentDraws).map { _ in model.code(x, using: rng) })
        return DiagonalGaussian(mean: draws.mean(0), logScale: (draws.variance(0) + Self.leastVariance).log() * 0.5)
      }
    }
    guard let model = model as? any ExplicitPosterior else { return standard }
    return withoutGradients {
      let q = model.posterior(x)
      if let gaussian = q as? DiagonalGaussian {
        return DiagonalGaussian(mean: gaussian.mean, logScale: gaussian.logScale.expanded(gaussian.mean.shape))
      }
      let draws = q.sample([Self.momentDraws], using: rng)
      return DiagonalGaussian(mean: draws.mean(0), logScale: draws.variance(0).log() * 0.5)
    }
  }

  /// What a reader needs to get the same numbers.
  public func conventions(_ model: any LatentVariableModel) -> [(key: String, value: Convention)] {
    let startsAtPrior = start == .prior || !(model is any ExplicitPosterior || model is any ApproximatelyBounded)
    return [
      ("temperatures", .count(temperatures)), ("chains", .count(chains)), ("schedule", .text(schedule.rawValue)),
      ("start", .text(startsAtPrior ? "prior" : "Gaussian of the posterior's moments")),
      ("leapfrog_steps", .count(leapfrogSteps)), ("target_acceptance", .number((rule.low + rule.high) / 2)),
    ]
  }
}

/// log p(x) of examples by annealed importance sampling, batch by batch; a lower bound on average.
///
/// Wu, Burda, Salakhutdinov & Grosse 2017. Each batch draws from a stream of its own, so that values do not depend on
/// which batches a killed evaluation has left behind.
///
/// - Parameters:
///   - finished: keeps the values of finished batches.
///   - progress: called with steps done and steps in all.
/// - Returns: nats, one per example.
public func annealedLogLikelihood(
  of model: any LatentVariableModel, on examples: DeviceExamples, _ options: AnnealingOptions, seed: UInt64,
  finished: PartialValues? = nil, progress: (Int, Int) -> Void = { _, _ in }
) throws -> [Double] {
  try annealedLogLikelihood(
    of: model, count: examples.count, device: examples.device, options, seed: seed, finished: finished,
    progress: progress
  ) { range, rng in try examples.batch(range, using: rng).x }
}

/// The same for examples that are at hand as they are, `[n] + shape`.
public func annealedLogLikelihood(
  of model: any LatentVariableModel, on examples: Tensor, _ options: AnnealingOptions, seed: UInt64,
  finished: PartialValues? = nil, progress: (Int, Int) -> Void = { _, _ in }
) throws -> [Double] {
  try annealedLogLikelihood(
    of: model, count: examples.size(0), device: examples.device, options, seed: seed, finished: finished,
    progress: progress
  ) { range, _ in examples.narrowed(0, range) }
}

private func annealedLogLikelihood(
  of model: any LatentVariableModel, count: Int, device: Device, _ options: AnnealingOptions, seed: UInt64,
  finished: PartialValues?, progress: (Int, Int) -> Void,
  batch: (Range<Int>, RandomSource) throws -> Tensor
) throws -> [Double] {
  let ranges = pairBlocks(count, size: options.batchSize(model))
  var values: [Double] = []
  for (index, range) in ranges.enumerated() {
    if let known = finished?[index], known.count == range.count {
      values += known
      continue
    }
    let rng = RandomSource.derived(seed: seed, annealingStream, UInt64(index), device: device)
    let x = try withoutGradients { try batch(range, rng) }
    let bound: [Double] = options.sampler(model, x, using: rng).lowerBound(chains: options.chains, using: rng) {
      progress(index * options.temperatures + $0, ranges.count * options.temperatures)
    }.array()
    values += bound
    try finished?.record(bound, of: index)
  }
  return values
}

/// Bounds from both sides of log p(x) for examples that the model itself has drawn, whose codes are known.
///
/// Their mean gap bounds what annealing is short of on data like these: BDMC of Grosse, Ghahramani & Adams 2015.
///
/// - Returns: nats, one per example.
public func bidirectionalBounds(
  of model: any LatentVariableModel, count: Int, _ options: AnnealingOptions, using rng: RandomSource,
  progress: (Int, Int) -> Void = { _, _ in }
) -> (lower: [Double], upper: [Double]) {
  let ranges = pairBlocks(count, size: options.batchSize(model))
  let steps = 2 * options.temperatures
  var (lower, upper): ([Double], [Double]) = ([], [])
  for (index, range) in ranges.enumerated() {
    let (z, x) = withoutGradients {
      let z = model.prior.sample([range.count], using: rng)
      return (z, model.likelihood(z).sample([], using: rng))
    }
    let sampler = options.sampler(model, x, using: rng)
    lower += sampler.lowerBound(chains: options.chains, using: rng) {
      progress(index * steps + $0, ranges.count * steps)
    }.array(Double.self)
    let exact = z.expanded([options.chains] + z.shape).clone()
    upper += sampler.upperBound(from: exact, using: rng) {
      progress(index * steps + options.temperatures + $0, ranges.count * steps)
    }.array(Double.self)
  }
  return (lower, upper)
}

/// Keeps these draws apart from others of the same seed.
private let annealingStream: UInt64 = 0x61_6973
