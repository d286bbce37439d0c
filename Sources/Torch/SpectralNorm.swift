/// Divides a weight by its largest singular value, so that the layer stretches no difference of inputs.
/// Miyato et al. 2018, Algorithm 1.
///
/// The value is estimated by power iteration: each call in `TrainingMode` takes one step of it, starting where the last
/// call ended, and calls outside leave `u` as it is. A fresh `u` is random and its estimate too small.
/// A weight of zeros has no direction and gives NaN.
public final class SpectralNorm: Module {
  /// The estimate of the first left singular vector, of length 1, `[outputs]`.
  public let u: Buffer

  /// Starts with a random direction.
  ///
  /// - Parameter outputs: the length of the weight's axis 0.
  public init(_ outputs: Int, using rng: RandomSource) {
    u = Buffer(rng.normal([outputs]).normalized())
  }

  /// The weight divided by sigma = u^T W v, differentiable in W with u and v constant.
  ///
  /// - Parameter weight: shape `[outputs, ...]`; as the matrix W its shape is `[outputs, rest]`.
  /// - Returns: the shape of `weight`.
  public func callAsFunction(_ weight: Tensor) -> Tensor {
    precondition(
      weight.size(0) == u.value.count,
      "SpectralNorm: expected a weight of \(u.value.count) outputs, got shape \(weight.shape)")
    let matrix = weight.flattened(from: 1)  // [outputs, rest]
    let direction = withoutGradients {
      // Sums of products and no `matmul`, which a scope of bf16 would round to three digits.
      var left = u.value.unsqueezed(1)  // [outputs, 1]
      let right = (matrix * left).sum(0).normalized()  // [rest]
      if TrainingMode.isOn {
        left = (matrix * right).sum(1, keepAxes: true).normalized()
        u.value.copyInPlace(left.squeezed(1))
      }
      // A tensor of its own: graphs of earlier calls need the u they were made with.
      return left * right  // [outputs, rest]
    }
    return weight / (matrix * direction).sum()
  }
}

extension Tensor {
  /// The same direction with 2-norm 1.
  fileprivate func normalized() -> Tensor { self / square().sum().sqrt() }
}
