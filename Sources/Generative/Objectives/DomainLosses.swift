import Torch

/// What a discriminator of two domains and the features that it looks at descend. Hu et al. 2018, Eqs. 1-5.
///
/// D(f) = q(y = 1|f), the probability of the source, is sigmoid(-V).
public enum DomainLosses {
  /// E_p(f|y)p(y) [-log q(y|f)] with both domains equally likely, a scalar: what the discriminator descends, Eq. 4.
  /// Times -2 it is Eq. 1.
  public static func recognition(source: Logits, target: Logits) -> Tensor {
    (source.values.softplus().mean() + (-target.values).softplus().mean()) * 0.5
  }

  /// E_p(f|y)p(y) [-log q^r(y|f)], q^r(y|f) = q(1 - y|f), a scalar: what features descend, Eq. 5. Times -2 it is Eq. 2.
  public static func confusion(source: Logits, target: Logits) -> Tensor {
    recognition(source: target, target: source)
  }
}
