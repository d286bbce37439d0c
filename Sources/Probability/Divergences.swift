import Foundation
import Torch

/// KL(q, p) to a standard normal in closed form, nats per example. Kingma & Welling 2014, appendix B.
public func kl(_ q: DiagonalGaussian, _ p: StandardNormal) -> Tensor {
  ((q.mean.square() + (q.logScale * 2).exp() - 1) * 0.5 - q.logScale).sumLast(q.eventRank)
}

/// KL(q, p) between Gaussians in closed form, nats per example.
public func kl(_ q: DiagonalGaussian, _ p: DiagonalGaussian) -> Tensor {
  let inverse = (-p.logScale).exp()
  let ratio = (q.logScale - p.logScale) * 2
  return ((((q.mean - p.mean) * inverse).square() + ratio.exp() - 1 - ratio) * 0.5)
    .sumLast(q.eventRank)
}

/// KL(q, p) to a prior of classes by summing over them, q (log q - log p), nats per example, shape `[batch]`.
///
/// Classes that q excludes add nothing; a class that p excludes and q does not makes it infinite.
public func kl(_ q: Categorical, _ p: CategoricalPrior) -> Tensor {
  precondition(
    q.logits.size(-1) == p.dimension,
    "kl: expected q and p over the same classes, got \(q.logits.size(-1)) and \(p.dimension)")
  let logQ = q.logits.logSoftmax(-1)  // [batch, classes]
  let logP = p.logits.to(logQ.device).logSoftmax(-1)  // [classes]
  let mass = logQ.exp()
  let zero = Tensor(0, dtype: logQ.dtype, device: logQ.device)
  // 0 times an infinite logarithm is NaN, and so is its gradient: the ratio goes before it is multiplied.
  return (mass * (mass .== 0).select(zero, logQ - logP)).sum(-1)
}

/// log of the mean of e^x over the first axis: the importance-weighted estimate from log weights `[k, ...]`.
///
/// - Source: Burda et al. 2016, Eq. 8.
public func logMeanExp(_ logWeights: Tensor) -> Tensor {
  logWeights.logSumExp(0) - Foundation.log(Double(logWeights.size(0)))
}
