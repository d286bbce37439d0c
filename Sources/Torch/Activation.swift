import CTorch

/// The nonlinearity between layers.
public enum Activation: Sendable, Equatable {
  case identity
  case relu
  /// min(max(x, 0), 6).
  case relu6
  case leakyReLU(slope: Double)
  case elu
  case tanh
  case sigmoid
  case softplus

  /// The activation of `x`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .identity: x
    case .relu: x.relu()
    case .relu6: x.relu6()
    case .leakyReLU(let slope): x.leakyReLU(slope: slope)
    case .elu: x.elu()
    case .tanh: x.tanh()
    case .sigmoid: x.sigmoid()
    case .softplus: x.softplus()
    }
  }

  /// The activation of a tensor that only the caller has and whose maker's gradient does not need it,
  /// such as the result of an affine layer: overwrites it, which saves a fresh buffer each step.
  public func overwriting(_ x: Tensor) -> Tensor {
    switch self {
    case .relu: x.unary(torch_relu_)
    case .relu6: x.unary(torch_relu6_)
    // From the result alone a falling branch cannot be told from the rising one.
    case .leakyReLU(let slope) where slope < 0: self(x)
    case .leakyReLU(let slope): x.scalar(torch_leaky_relu_, slope)
    case .elu: x.unary(torch_elu_)
    case .tanh: x.unary(torch_tanh_)
    case .sigmoid: x.unary(torch_sigmoid_)
    case .identity, .softplus: self(x)
    }
  }
}

extension Linear {
  /// activation(x W^T + b), with one buffer for both where the activation allows it.
  public func callAsFunction(_ x: Tensor, _ activation: Activation) -> Tensor {
    activation.overwriting(self(x))
  }
}

extension Conv2d {
  /// activation(conv(x)), with one buffer for both where the activation allows it.
  public func callAsFunction(_ x: Tensor, _ activation: Activation) -> Tensor {
    activation.overwriting(self(x))
  }
}

extension ConvTranspose2d {
  /// activation(conv^T(x)), with one buffer for both where the activation allows it.
  public func callAsFunction(_ x: Tensor, _ activation: Activation) -> Tensor {
    activation.overwriting(self(x))
  }
}
