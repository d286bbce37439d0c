import Foundation

/// How the weights of a layer start.
public enum Initialization: Sendable, Equatable {
  /// U(-1/sqrt(fan in), 1/sqrt(fan in)) for weights and biases; PyTorch's default.
  case uniformFanIn
  /// N(0, gain^2 2 / (fan in + fan out)), biases zero. Glorot & Bengio 2010, Eq. 12.
  case glorotNormal(gain: Double)
  /// N(0, scale^2), biases zero. DCGAN takes 0.02.
  case normal(scale: Double)

  /// A weight of the given shape.
  public func weight(_ shape: [Int], fanIn: Int, fanOut: Int, using rng: RandomSource) -> Tensor {
    switch self {
    case .uniformFanIn: uniform(shape, bound: 1 / Double(fanIn).squareRoot(), rng)
    case .glorotNormal(let gain):
      rng.normal(shape) * (gain * (2 / Double(fanIn + fanOut)).squareRoot())
    case .normal(let scale): rng.normal(shape) * scale
    }
  }

  /// A bias of the given length.
  public func bias(_ count: Int, fanIn: Int, using rng: RandomSource) -> Tensor {
    switch self {
    case .uniformFanIn: uniform([count], bound: 1 / Double(fanIn).squareRoot(), rng)
    case .glorotNormal, .normal: .zeros([count], device: rng.device)
    }
  }

  private func uniform(_ shape: [Int], bound: Double, _ rng: RandomSource) -> Tensor {
    rng.uniform(shape) * (2 * bound) - bound
  }
}
