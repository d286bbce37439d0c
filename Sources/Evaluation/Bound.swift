/// An estimate of how well a model explains an example, by draws of its code.
public enum Bound: Equatable, Sendable {
  /// E log p(x|z) - KL(q(z|x), p(z)), over N draws of a code; the KL exact where it can be.
  case elbo(samples: Int)
  /// log 1/N sum p(x, z_k) / r(z_k) for draws of a proposal r. Burda et al. 2016, Eq. 8, where it is q(z|x).
  case iwae(samples: Int, from: Proposal = .posterior)
  /// KL(q(z|x), p(z)).
  case kl
  /// -E log p(x|z).
  case reconstruction
  /// The importance-weighted bound in bits per dimension; lower is better.
  case bitsPerDimension(samples: Int)

  /// Where the codes of an importance-weighted bound come from.
  public enum Proposal: String, CaseIterable, Sendable {
    /// q(z|x).
    case posterior
    /// p(z), so that weights are p(x|z): nothing depends on how wide q(z|x) is.
    case prior
    /// Half from q(z|x) and half from p(z), of an odd number one more from q(z|x), weighted by the density of both
    /// together: the balance heuristic of Veach & Guibas 1995. No weight is more than what it would be under one of the
    /// two, times all draws over those of that one: twice that of the better one for an even number.
    case mixture

    /// In words, for conventions.
    var words: String {
      switch self {
      case .posterior: "q(z|x)"
      case .prior: "p(z)"
      case .mixture: "half q(z|x), half p(z), balance heuristic"
      }
    }
  }

  /// The name as it is asked for, such as `iwae:5000` or `iwae:5000:prior`.
  public var name: String {
    switch self {
    case .elbo(let samples): samples == 1 ? "elbo" : "elbo:\(samples)"
    case .iwae(let samples, let proposal):
      "iwae:\(samples)" + (proposal == .posterior ? "" : ":\(proposal.rawValue)")
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
    case .elbo(let samples), .iwae(let samples, _), .bitsPerDimension(let samples): samples
    case .kl, .reconstruction: nil
    }
  }

  /// Where the codes of importance weights come from; nil for a bound without weights.
  public var proposal: Proposal? {
    switch self {
    case .iwae(_, let proposal): proposal
    case .bitsPerDimension: .posterior
    case .elbo, .kl, .reconstruction: nil
    }
  }
}
