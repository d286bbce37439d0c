import Datasets
import Foundation
import Generative
import Probability
import Torch

/// Estimates of how well a model explains data, one number per example.
public struct Bounds {
  private let model: any LatentVariableModel
  /// The same model, if it has importance weights.
  private let weighted: (any ImportanceSampled)?
  /// The same model, if its posterior has a density.
  private let explicit: (any ExplicitPosterior)?
  /// The same model, if it has no more than an estimate of its bound.
  private let approximate: (any ApproximatelyBounded)?
  private let rng: RandomSource
  /// The classes of the examples, for a model that is given them.
  private var classes: Tensor?

  /// Codes that go through the decoder at once: large enough for full speed, small enough for the cache.
  private static let mostRows = 4000
  /// Draws that are weighed at once: fewer where the decoder takes much memory for one, or classes are summed out.
  let drawsAtOnce: Int

  /// A bound of a batch, and what its draws are worth.
  public struct Values {
    /// The bound, `[batch]`, in its unit.
    public let bound: Tensor
    /// (sum w)^2 / sum w^2 of the importance weights, `[batch]`, from 1 to the number of draws; nil for a bound without
    /// weights. Kong 1992.
    public let effectiveSamples: Tensor?
  }

  /// - Parameters:
  ///   - model: with importance weights, unless draws come from the prior, or the bound and the reconstruction are
  ///     those of an `ApproximatelyBounded`.
  ///   - rng: the source of all draws.
  public init(_ model: any LatentVariableModel, using rng: RandomSource) {
    self.model = model
    let (weighted, explicit) = (model as? any ImportanceSampled, model as? any ExplicitPosterior)
    (self.weighted, self.explicit) = (weighted, explicit)
    let approximate = weighted == nil ? model as? any ApproximatelyBounded : nil
    self.approximate = approximate
    self.rng = rng
    let classes = (model as? any ClassConditional)?.classCount ?? 0
    drawsAtOnce = RowBlocks.rows(upTo: max(1, Self.mostRows / max(1, classes))) {
      let x = Tensor.zeros([1] + model.exampleShape, dtype: model.prior.dtype, device: model.device)
      let rng = RandomSource(seed: 0, device: model.device)
      if let approximate {
        _ = approximate.approximateBound(x, using: rng)
      } else if explicit == nil, let weighted {
        _ = weighted.logWeights(x, samples: 1, using: rng)
      } else {
        // The encoder runs once for all draws, where it is apart.
        _ = model.likelihood(model.prior.sample([1], using: rng)).logProb(x)
      }
    }
  }

  /// The bound of a batch, shape `[batch]`, in the bound's unit; `kl` and `reconstruction` need an explicit posterior.
  public func callAsFunction(_ bound: Bound, _ x: Tensor) -> Tensor { values(bound, x, classes: nil).bound }

  /// The bound of a batch and what its draws are worth.
  ///
  /// - Parameter classes: those of the examples, `[batch]`, for a model that is given them.
  public func values(_ bound: Bound, _ x: Tensor, classes: Tensor? = nil) -> Values {
    var given = self
    given.classes = classes
    return given.values(bound, x)
  }

  private func values(_ bound: Bound, _ x: Tensor) -> Values {
    withoutGradients {
      switch bound {
      case .elbo(let samples): Values(bound: elbo(x, samples: samples), effectiveSamples: nil)
      case .iwae(let samples, let proposal): importanceWeighted(x, samples: samples, from: proposal)
      case .kl: Values(bound: divergence(x), effectiveSamples: nil)
      case .reconstruction: Values(bound: -logLikelihood(x), effectiveSamples: nil)
      case .bitsPerDimension(let samples): bitsPerDimension(x, samples: samples)
      }
    }
  }

  /// Whether what it says of a bound is an estimate that can lie above what it should bound.
  func isApproximate(_ bound: Bound) -> Bool {
    if case .elbo = bound { return approximate != nil }
    return false
  }

  /// E log p(x|z) - KL(q(z|x), p(z)), nats; higher is better. Kingma & Welling 2014, Eq. 3.
  private func elbo(_ x: Tensor, samples: Int) -> Tensor {
    if let approximate {
      return Tensor.stacked((0..<samples).map { _ in approximate.approximateBound(x, using: rng) }).mean(0)
    }
    guard let explicit else {
      return ofWeights(x, samples: samples) { $0.lowerBounds(x, samples: $1, using: rng) }.mean(0)
    }
    guard let kl = explicit.closedFormKL(x) else { return logWeights(x, samples: samples).mean(0) }
    return blocks(x, samples: samples, explicit.posterior(x)) { z, _ in model.likelihood(z).logProb(x) }.mean(0) - kl
  }

  /// log 1/K sum p(x, z_k) / r(z_k), nats; higher is better. Burda et al. 2016, Eq. 8.
  private func importanceWeighted(_ x: Tensor, samples: Int, from proposal: Bound.Proposal) -> Values {
    let weights =
      switch proposal {
      case .posterior: logWeights(x, samples: samples)
      case .prior: priorWeights(x, samples: samples)
      case .mixture: mixtureWeights(x, samples: samples)
      }
    // Relative to the largest, so that no square leaves the range of numbers.
    let relative = (weights - weights.max(0, keepAxes: true)).exp()
    return Values(
      bound: logMeanExp(weights), effectiveSamples: relative.sum(0).square() / relative.square().sum(0))
  }

  private func bitsPerDimension(_ x: Tensor, samples: Int) -> Values {
    let nats = importanceWeighted(x, samples: samples, from: .posterior)
    let dimensions = Double(model.exampleShape.reduce(1, *))
    return Values(bound: nats.bound * (-1 / (log(2) * dimensions)), effectiveSamples: nats.effectiveSamples)
  }

  private func divergence(_ x: Tensor) -> Tensor {
    guard let explicit else { preconditionFailure("Bounds: expected a posterior with a density for kl") }
    if let kl = explicit.closedFormKL(x) { return kl }
    let (z, logQ) = explicit.posterior(x).sampleScored([], using: rng)
    return logQ - model.prior.logProb(z)
  }

  private func logLikelihood(_ x: Tensor) -> Tensor {
    if let approximate { return model.likelihood(approximate.code(x, using: rng)).logProb(x) }
    guard let explicit else { preconditionFailure("Bounds: expected a posterior with a density for reconstruction") }
    return model.likelihood(explicit.posterior(x).sample([], using: rng)).logProb(x)
  }

  // MARK: Weights

  /// log p(x, z) - log q(z|x) for draws of z, `[samples, batch]`.
  private func logWeights(_ x: Tensor, samples: Int) -> Tensor {
    guard let explicit else {
      return ofWeights(x, samples: samples) { $0.logWeights(x, samples: $1, using: rng) }
    }
    return blocks(x, samples: samples, explicit.posterior(x)) { z, logQ in
      model.likelihood(z).logProb(x) + model.prior.logProb(z) - logQ
    }
  }

  /// log p(x|z) for draws of the prior, `[samples, batch]`.
  private func priorWeights(_ x: Tensor, samples: Int) -> Tensor {
    blocks(x, samples: samples) { model.likelihood(model.prior.sample([$0, x.size(0)], using: rng)).logProb(x) }
  }

  /// log p(x, z) - log of the density of both proposals, each by its share of the draws, `[samples, batch]`.
  private func mixtureWeights(_ x: Tensor, samples: Int) -> Tensor {
    guard samples >= 2, let q = explicit?.posterior(x) as? any ScoredSampler & Density else {
      preconditionFailure("Bounds: expected 2 draws and a posterior whose density is known at any code for a mixture")
    }
    let ofPosterior = (samples + 1) / 2
    let share = Double(ofPosterior) / Double(samples)
    func weights(_ z: Tensor) -> Tensor {
      let logPrior = model.prior.logProb(z)
      let densities = [q.logProb(z) + log(share), logPrior + log(1 - share)].map { $0.unsqueezed(0) }
      return model.likelihood(z).logProb(x) + logPrior - Tensor.concatenated(densities).logSumExp(0)
    }
    return .concatenated([
      blocks(x, samples: ofPosterior) { weights(q.sample([$0], using: rng)) },
      blocks(x, samples: samples - ofPosterior) { weights(model.prior.sample([$0, x.size(0)], using: rng)) },
    ])
  }

  /// What a model that draws by itself gives for `samples` draws, `[samples, batch]`.
  private func ofWeights(
    _ x: Tensor, samples: Int, _ value: (any ImportanceSampled, _ draws: Int) -> Tensor
  ) -> Tensor {
    guard let weighted else { preconditionFailure("Bounds: expected a model with importance weights") }
    if let classes, let informed = weighted as? any ClassInformed {
      return blocks(x, samples: samples) { informed.logWeights(x, classes: classes, samples: $0, using: rng) }
    }
    return blocks(x, samples: samples) { value(weighted, $0) }
  }

  /// `value` of `samples` draws of q and their log densities, `[samples, batch]`: the encoder runs once, the decoder in
  /// blocks.
  private func blocks(
    _ x: Tensor, samples: Int, _ q: any ScoredSampler, _ value: (Tensor, Tensor) -> Tensor
  ) -> Tensor {
    blocks(x, samples: samples) { draws in
      let (z, logQ) = q.sampleScored([draws], using: rng)
      return value(z, logQ)
    }
  }

  /// `value` of numbers of draws that add up to `samples`, each with not too many rows.
  private func blocks(_ x: Tensor, samples: Int, _ value: (_ draws: Int) -> Tensor) -> Tensor {
    let block = max(1, drawsAtOnce / x.size(0))
    return .concatenated(
      stride(from: 0, to: samples, by: block).map { value(min(block, samples - $0)) })
  }
}

/// A bound of a set of examples.
public struct BoundEstimate: Equatable, Sendable {
  /// The bound in its unit.
  public let bound: Estimate
  /// What an example's draws are worth, (sum w)^2 / sum w^2 of its importance weights; nil for a bound without weights.
  public let effectiveSamples: Estimate?
  /// Whether it is an estimate that can lie above what it should bound.
  public let isApproximate: Bool
}

/// Evaluates bounds over a whole set of examples.
///
/// All bounds of a seed, also those of another call, see the same binarized pixels and the same noise on them: their
/// differences are those of the bounds.
///
/// - Parameters:
///   - seed: the seed of all draws.
///   - progress: called with the number of examples that are done.
/// - Returns: an estimate for every bound, in order.
public func evaluate(
  _ bounds: [Bound], of model: any LatentVariableModel, on examples: DeviceExamples, seed: UInt64,
  progress: (Int) -> Void = { _ in }
) throws -> [BoundEstimate] {
  let pixels = RandomSource.derived(seed: seed, 1, device: examples.device)
  let estimator = Bounds(model, using: RandomSource(seed: seed, device: examples.device))
  // Few examples at once when each needs many draws, so that a block is never larger than the cache likes.
  let draws = bounds.map { $0.samples ?? 1 }.max() ?? 1
  let rowsAtOnce = min(max(20, min(500, 4000 / max(1, draws))), estimator.drawsAtOnce)
  var found = [(values: [Double], worth: [Double])](repeating: ([], []), count: bounds.count)
  for start in stride(from: 0, to: examples.count, by: 500) {
    let read = start..<min(examples.count, start + 500)
    let batch = try withoutGradients { try examples.batch(read, using: pixels) }
    let x = batch.x
    let isGiven = (model as? any ClassInformed)?.isGivenClasses == true
    if isGiven, batch.labels.map({ ($0.min() as Tensor).item() < 0 }) ?? true {
      throw MetricError("\(bounds[0].name): expected the class of every example, which the model is given, got none")
    }
    for row in stride(from: 0, to: read.count, by: rowsAtOnce) {
      let rows = x.narrowed(0, row..<min(read.count, row + rowsAtOnce))
      for (index, bound) in bounds.enumerated() {
        let classes = isGiven ? batch.labels?.narrowed(0, row..<row + rows.size(0)) : nil
        let values = estimator.values(bound, rows, classes: classes)
        found[index].values += values.bound.array(Double.self)
        found[index].worth += values.effectiveSamples?.array(Double.self) ?? []
      }
      progress(start + row + rows.size(0))
    }
  }
  return zip(bounds, found).map { bound, found in
    BoundEstimate(
      bound: Estimate(found.values), effectiveSamples: found.worth.isEmpty ? nil : Estimate(found.worth),
      isApproximate: estimator.isApproximate(bound))
  }
}
