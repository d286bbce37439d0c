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

/// log of the mean of e^x over the first axis: the importance-weighted estimate from log weights `[k, ...]`.
///
/// - Source: Burda et al. 2016, Eq. 8.
public func logMeanExp(_ logWeights: Tensor) -> Tensor {
  logWeights.logSumExp(0) - Foundation.log(Double(logWeights.size(0)))
}
