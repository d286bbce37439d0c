import Foundation
import Torch

/// An estimate of the mutual information of two variables by a statistic T that is large on pairs that belong together.
///
/// Every one is a mean over places, and of no use without a second example: pairs that do not belong together are made
/// of different examples of a batch.
public enum InformationEstimator: String, Sendable, CaseIterable {
  /// E softplus(-T) of pairs and softplus(T) of others, negated: twice a Jensen-Shannon divergence less log 4, which
  /// rises with the information and is not it. Nowozin et al. 2016; Hjelm et al. 2019, Eq. 4.
  case jsd
  /// log n + E log softmax(T) of the right example among the n of the batch: at most log n. Van den Oord et al. 2018;
  /// Hjelm et al. 2019, Eq. 5.
  case infonce
  /// E T of pairs less log E e^T of others: a lower bound if the second mean is exact. Donsker & Varadhan 1983; Hjelm
  /// et al. 2019, Eq. 2.
  case dv

  /// The estimate, a scalar in nats; higher is more.
  ///
  /// - Parameter scores: T of code i and example j at a place, `[n, n, places]`, n at least 2; pairs are on the diagonal.
  public func callAsFunction(_ scores: Tensor) -> Tensor {
    let (n, places) = (scores.size(0), scores.size(2))
    precondition(n >= 2 && scores.size(1) == n, "InformationEstimator: expected [n, n, places], got \(scores.shape)")
    let own = Tensor.range(n, device: scores.device).reshaped([n, 1, 1])
    let pairs = scores.taken(own.expanded([n, 1, places]), along: 1).squeezed(1)  // [n, places]
    switch self {
    case .jsd:
      let others = scores.softplus().sum() - pairs.softplus().sum()
      return -(-pairs).softplus().mean() - others / (Double(n) * Double(n - 1) * Double(places))
    case .infonce:
      return (pairs - scores.logSumExp(1)).mean() + Foundation.log(Double(n))
    case .dv:
      let isPair = own .== Tensor.range(n, device: scores.device).reshaped([1, n, 1])  // [n, n, 1]
      let others = isPair.select(Tensor(-Double.infinity, dtype: scores.dtype, device: scores.device), scores)
      let logMean = others.logSumExp(0, 1) - Foundation.log(Double(n) * Double(n - 1))  // [places]
      return pairs.mean() - logMean.mean()
    }
  }

  /// The estimate as `describe` prints it, of a pair of v and z.
  var formula: String {
    switch self {
    case .jsd: "-E softplus(-T(v, z)) - E' softplus(T(v, z))"
    case .infonce: "log n + E log softmax T(v, z)"
    case .dv: "E T(v, z) - log E' exp(T(v, z))"
    }
  }
}
