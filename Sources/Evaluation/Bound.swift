/// An estimate of how well a model explains an example, by codes drawn from its posterior.
public enum Bound: Equatable, Sendable {
  /// E log p(x|z) - KL(q(z|x), p(z)), over N draws of a code; the KL exact where it can be.
  case elbo(samples: Int)
  /// log 1/N sum p(x, z_k) / q(z_k|x). Burda et al. 2016, Eq. 8.
  case iwae(samples: Int)
  /// KL(q(z|x), p(z)).
  case kl
  /// -E log p(x|z).
  case reconstruction
  /// The importance-weighted bound in bits per dimension; lower is better.
  case bitsPerDimension(samples: Int)

  /// The name as it is asked for, such as `iwae:5000`.
  public var name: String {
    switch self {
    case .elbo(let samples): samples == 1 ? "elbo" : "elbo:\(samples)"
    case .iwae(let samples): "iwae:\(samples)"
    case .kl: "kl"
    case .reconstruction: "reconstruction"
    case .bitsPerDimension(let samples): samples == 1 ? "bpd" : "bpd:\(samples)"
    }
  }

  /// The unit of its values.
  public var unit: String {
    if case .bitsPerDimension = self { "bits/dimension" } else { "nats" }
  }

  /// Draws of a code for each example, where the bound says how many.
  public var samples: Int? {
    switch self {
    case .elbo(let samples), .iwae(let samples), .bitsPerDimension(let samples): samples
    case .kl, .reconstruction: nil
    }
  }
}
