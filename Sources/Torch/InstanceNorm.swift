/// Instance normalization: every map of every example has its own mean and variance over its pixels, in training and in
/// use. Ulyanov et al. 2016, Eq. 4.
///
/// An example's result does not depend on the others of its batch, so that a batch of one will do.
public final class InstanceNorm: Module {
  /// The scale gamma, `[features]`; nil where maps are standardized alone.
  public let weight: Parameter?
  /// The shift beta, `[features]`.
  public let bias: Parameter?
  private let epsilon: Double

  /// - Parameters:
  ///   - features: the number of maps.
  ///   - isAffine: whether maps are scaled and shifted afterwards; Zhu et al. 2017 do not.
  ///   - epsilon: added to the variance.
  public init(_ features: Int, isAffine: Bool = false, epsilon: Double = 1e-5, device: Device = .cpu) {
    weight = isAffine ? Parameter(.ones([features], device: device)) : nil
    bias = isAffine ? Parameter(.zeros([features], device: device)) : nil
    self.epsilon = epsilon
  }

  /// The same shape as `x`, `[batch, features, height, width]`; maps of one pixel have no variance.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    if x.shape.dropFirst(2).reduce(1, *) < 2 {
      tensorFailure("InstanceNorm", "expected maps of more than one pixel, got shape \(x.shape)")
      return x
    }
    return x.instanceNorm(weight: weight?.value, bias: bias?.value, epsilon: epsilon)
  }
}
