import Probability
import Torch

/// A log density of points `[..., d]` in nats, shape `[...]`, up to a constant; differentiable in the points.
///
/// All leading axes are independent chains.
public typealias LogDensity = (Tensor) -> Tensor

/// One term of a log density, with the cheapest way that is known to its gradient.
public struct DensityTerm {
  /// A value on the way from a point to its log density, and what is known in closed form behind it.
  public struct Traced {
    /// In the graph of the point.
    public let output: Tensor
    /// The log density's gradient in `output`, of its shape; nil where `output` is the log density.
    public let slope: (() -> Tensor)?
    /// The log density, `[...]`; called without recording a graph.
    public let value: () -> Tensor

    /// - Parameters:
    ///   - output: the last value in the graph of the point.
    ///   - slope: the gradient of the log density in `output`; nil where `output` is the log density itself.
    ///   - value: the log density, `[...]`.
    public init(_ output: Tensor, slope: (() -> Tensor)?, value: @escaping () -> Tensor) {
      (self.output, self.slope, self.value) = (output, slope, value)
    }
  }

  enum Form {
    case gaussian(Gaussian)
    case traced((Tensor) -> Traced)
  }

  let form: Form

  /// A density whose gradient comes by autograd.
  public init(_ density: @escaping LogDensity) {
    form = .traced { leaf in
      let value = density(leaf)
      return Traced(value, slope: nil) { value.detached() }
    }
  }

  /// A density that is traced to where its gradient is known; a trajectory then does without its value on the way.
  public init(traced: @escaping (Tensor) -> Traced) { form = .traced(traced) }

  /// A Gaussian, with value and gradient in closed form.
  public init(_ gaussian: DiagonalGaussian) { form = .gaussian(Gaussian(gaussian)) }

  /// Value and gradient at `position` `[..., d]`.
  func evaluated(at position: Tensor) -> (value: Tensor, gradient: Tensor) {
    switch form {
    case .gaussian(let gaussian): gaussian.evaluated(at: position)
    case .traced(let trace):
      { leaf in
        let traced = withGradients { trace(leaf) }
        return (traced.value(), Self.gradient(of: traced, in: leaf))
      }(position.detached().requiringGradient())
    }
  }

  /// The gradient alone, a tensor of its own memory.
  static func gradient(of trace: (Tensor) -> Traced, at position: Tensor) -> Tensor {
    let leaf = position.detached().requiringGradient()
    return gradient(of: withGradients { trace(leaf) }, in: leaf)
  }

  private static func gradient(of traced: Traced, in leaf: Tensor) -> Tensor {
    gradients(of: traced.output, slope: traced.slope?(), in: [leaf])[0]
  }

  /// log N(z; m, s^2) = constant - |z - m|^2 / 2 s^2.
  struct Gaussian {
    let mean: Tensor
    /// 1 / s^2, of the shape of the mean.
    let precision: Tensor
    private let constant: Tensor

    init(_ gaussian: DiagonalGaussian) {
      (mean, precision, constant) = withoutGradients {
        let mean = gaussian.mean.detached()
        let precision = (gaussian.logScale.detached() * -2).exp().expanded(mean.shape).contiguous()
        return (mean, precision, DiagonalGaussian(mean: mean, logScale: gaussian.logScale.detached()).logProb(mean))
      }
    }

    func evaluated(at position: Tensor) -> (value: Tensor, gradient: Tensor) {
      let gap = mean - position
      let gradient = gap * precision
      return (constant - (gap * gradient).sum(-1) * 0.5, gradient)
    }
  }
}
