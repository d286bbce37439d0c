import Datasets
import Foundation
import Generative
import Probability
import Torch

/// Estimates of how well a model explains data, one number per example.
public struct Bounds {
  private let model: any ImportanceSampled
  /// The same model, if its posterior has a density.
  private let explicit: (any ExplicitPosterior)?
  private let rng: RandomSource

  /// Codes that go through the decoder at once: large enough for full speed, small enough for the cache.
  private static let mostRows = 4000
  /// Draws that are weighed at once: fewer where the decoder takes much memory for one, or classes are summed out.
  let drawsAtOnce: Int

  /// - Parameter rng: the source of all draws.
  public init(_ model: any ImportanceSampled, using rng: RandomSource) {
    self.model = model
    let explicit = model as? any ExplicitPosterior
    self.explicit = explicit
    self.rng = rng
    let classes = (model as? any ClassConditional)?.classCount ?? 0
    drawsAtOnce = RowBlocks.rows(upTo: max(1, Self.mostRows / max(1, classes))) {
      let x = Tensor.zeros([1] + model.exampleShape, dtype: model.prior.dtype, device: model.device)
      let rng = RandomSource(seed: 0, device: model.device)
      // The encoder runs once for all draws, where it is apart.
      _ =
        explicit == nil
        ? model.logWeights(x, samples: 1, using: rng)
        : model.likelihood(model.prior.sample([1], using: rng)).logProb(x)
    }
  }

  /// The bound of a batch, shape `[batch]`, in the bound's unit; `kl` and `reconstruction` need an explicit posterior.
  public func callAsFunction(_ bound: Bound, _ x: Tensor) -> Tensor {
    withoutGradients {
      switch bound {
      case .elbo(let samples): elbo(x, samples: samples)
      case .iwae(let samples): importanceWeighted(x, samples: samples)
      case .kl: divergence(x)
      case .reconstruction: -logLikelihood(x)
      case .bitsPerDimension(let samples):
        importanceWeighted(x, samples: samples)
          * (-1 / (log(2) * Double(model.exampleShape.reduce(1, *))))
      }
    }
  }

  /// E log p(x|z) - KL(q(z|x), p(z)), nats; higher is better. Kingma & Welling 2014, Eq. 3.
  private func elbo(_ x: Tensor, samples: Int) -> Tensor {
    guard let explicit, let kl = explicit.closedFormKL(x) else { return logWeights(x, samples: samples).mean(0) }
    return blocks(x, explicit.posterior(x), samples: samples) { z, _ in model.likelihood(z).logProb(x) }.mean(0) - kl
  }

  /// log 1/K sum p(x, z_k) / q(z_k|x), nats; higher is better. Burda et al. 2016, Eq. 8.
  private func importanceWeighted(_ x: Tensor, samples: Int) -> Tensor {
    logMeanExp(logWeights(x, samples: samples))
  }

  private func divergence(_ x: Tensor) -> Tensor {
    guard let explicit else { preconditionFailure("Bounds: expected a posterior with a density for kl") }
    if let kl = explicit.closedFormKL(x) { return kl }
    let (z, logQ) = explicit.posterior(x).sampleScored([], using: rng)
    return logQ - model.prior.logProb(z)
  }

  private func logLikelihood(_ x: Tensor) -> Tensor {
    guard let explicit else { preconditionFailure("Bounds: expected a posterior with a density for reconstruction") }
    return model.likelihood(explicit.posterior(x).sample([], using: rng)).logProb(x)
  }

  /// log p(x, z) - log q(z|x) for draws of z, `[samples, batch]`.
  private func logWeights(_ x: Tensor, samples: Int) -> Tensor {
    if let explicit {
      return blocks(x, explicit.posterior(x), samples: samples) { z, logQ in
        model.likelihood(z).logProb(x) + model.prior.logProb(z) - logQ
      }
    }
    let block = max(1, drawsAtOnce / x.size(0))
    return .concatenated(
      stride(from: 0, to: samples, by: block).map {
        model.logWeights(x, samples: min(block, samples - $0), using: rng)
      })
  }

  /// `value` of `samples` draws a code and their log densities, `[samples, batch]`: the encoder runs once,
  /// the decoder in blocks.
  private func blocks(
    _ x: Tensor, _ q: any ScoredSampler, samples: Int, _ value: (Tensor, Tensor) -> Tensor
  ) -> Tensor {
    let block = max(1, drawsAtOnce / x.size(0))
    let parts = stride(from: 0, to: samples, by: block).map { start in
      let (z, logQ) = q.sampleScored([min(block, samples - start)], using: rng)
      return value(z, logQ)
    }
    return Tensor.concatenated(parts)
  }
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
  _ bounds: [Bound], of model: any ImportanceSampled, on examples: DeviceExamples, seed: UInt64,
  progress: (Int) -> Void = { _ in }
) throws -> [Estimate] {
  let pixels = RandomSource.derived(seed: seed, 1, device: examples.device)
  let estimator = Bounds(model, using: RandomSource(seed: seed, device: examples.device))
  // Few examples at once when each needs many draws, so that a block is never larger than the cache likes.
  let draws = bounds.map { $0.samples ?? 1 }.max() ?? 1
  let rowsAtOnce = min(max(20, min(500, 4000 / max(1, draws))), estimator.drawsAtOnce)
  var values = [[Double]](repeating: [], count: bounds.count)
  for start in stride(from: 0, to: examples.count, by: 500) {
    let read = start..<min(examples.count, start + 500)
    let x = try withoutGradients { try examples.batch(read, using: pixels).x }
    for row in stride(from: 0, to: read.count, by: rowsAtOnce) {
      let rows = x.narrowed(0, row..<min(read.count, row + rowsAtOnce))
      for (index, bound) in bounds.enumerated() {
        values[index] += estimator(bound, rows).array(Double.self)
      }
      progress(start + row + rows.size(0))
    }
  }
  return values.map(Estimate.init)
}
