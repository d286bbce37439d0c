import Torch

/// What keeps a critic from growing too steep.
public enum CriticPenalty: Sendable, Equatable {
  case none
  /// weight (|grad V| - 1)^2 between draws of q and of p. Gulrajani et al. 2017, Eq. 3.
  case unitGradient(weight: Double)
  /// weight / 2 |grad V|^2 at draws of p. Mescheder et al. 2018, Eq. 9.
  case r1(weight: Double)

  /// The penalty of a critic on as many rows of `q` as of `p`, `[n] + shape`: a scalar that is
  /// differentiable in the critic.
  ///
  /// The gradient's length is taken over all axes of a row: that of an image over its channels, height and width.
  public func callAsFunction(
    _ critic: (Tensor) -> Logits, q: Tensor, p: Tensor, using rng: RandomSource
  ) -> Tensor? {
    switch self {
    case .none: return nil
    case .unitGradient(let weight):
      let t = rng.uniform(
        [q.size(0)] + [Int](repeating: 1, count: q.rank - 1), dtype: q.dtype, rows: 0)  // [n, 1, ...]
      let lengths = (squaredGradient(critic, at: q * t + p * (1 - t)) + Self.smallest).sqrt()  // [n]
      return (lengths - 1).square().mean() * weight
    case .r1(let weight):
      return squaredGradient(critic, at: p).mean() * (weight / 2)
    }
  }

  /// What it adds to the critic's loss, as `describe` prints it.
  public var formula: String {
    switch self {
    case .none: ""
    case .unitGradient(let weight): " + \(weight.plain) (|grad V| - 1)^2"
    case .r1(let weight): " + \(weight.plain)/2 |grad V|^2"
    }
  }

  /// Keeps the root differentiable where the gradient vanishes.
  private static let smallest = 1e-12

  /// |grad V|^2 of each row, `[n]`.
  private func squaredGradient(_ critic: (Tensor) -> Logits, at x: Tensor) -> Tensor {
    let leaf = x.detached().requiringGradient()
    let slope = gradients(of: critic(leaf).values, in: [leaf], createGraph: true)[0]
    return slope.square().flattened(from: 1).sum(-1)  // [n]
  }
}
