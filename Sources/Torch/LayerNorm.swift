/// Layer normalization: every row of features has its own mean and variance, in training and in use. Ba, Kiros & Hinton
/// 2016, Eq. 4.
///
/// A row's result does not depend on the others of its batch, so that a batch of one will do.
public final class LayerNorm: Module {
  /// The gain, `[features]`.
  public let weight: Parameter
  /// The shift, `[features]`.
  public let bias: Parameter
  private let epsilon: Double

  /// - Parameters:
  ///   - features: the length of a row, at least 2.
  ///   - epsilon: added to the variance.
  public init(_ features: Int, epsilon: Double = 1e-5, device: Device = .cpu) {
    weight = Parameter(.ones([features], device: device))
    bias = Parameter(.zeros([features], device: device))
    self.epsilon = epsilon
  }

  /// The same shape as `x`, `[..., features]`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.layerNorm(weight: weight.value, bias: bias.value, epsilon: epsilon)
  }
}
