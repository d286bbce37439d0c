/// An affine map of the last axis: x W^T + b.
public final class Linear: Module {
  /// Shape `[outputs, inputs]`.
  public let weight: Parameter
  /// Shape `[outputs]`.
  public let bias: Parameter?
  private let spectralNorm: SpectralNorm?

  /// - Parameters:
  ///   - heads: maps that lie side by side in `outputs`; each is initialized as if alone.
  ///   - isSpectrallyNormalized: divides `weight` by its largest singular value in use.
  public init(
    _ inputs: Int, _ outputs: Int, heads: Int = 1, bias: Bool = true,
    initialization: Initialization = .uniformFanIn, isSpectrallyNormalized: Bool = false, using rng: RandomSource
  ) {
    weight = Parameter(
      initialization.weight(
        [outputs, inputs], fanIn: inputs, fanOut: outputs / heads, using: rng))
    self.bias = bias ? Parameter(initialization.bias(outputs, fanIn: inputs, using: rng)) : nil
    spectralNorm = isSpectrallyNormalized ? SpectralNorm(outputs, using: rng) : nil
  }

  /// `[..., inputs]` to `[..., outputs]`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    let inputs = weight.value.size(1)
    precondition(
      x.size(-1) == inputs,
      "Linear: expected inputs of \(inputs) features, got \(x.size(-1)) (shape \(x.shape))")
    return x.linear(weight: spectralNorm?(weight.value) ?? weight.value, bias: bias?.value)
  }
}

/// A two-dimensional convolution (cross-correlation) with a square kernel.
public final class Conv2d: Module {
  /// Shape `[outputs, inputs, kernel, kernel]`.
  public let weight: Parameter
  /// Shape `[outputs]`.
  public let bias: Parameter?
  private let stride: Int
  private let padding: Int
  private let spectralNorm: SpectralNorm?

  /// - Parameter isSpectrallyNormalized: divides `weight`, as a matrix `[outputs, rest]`, by its largest singular
  ///   value in use.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0, bias: Bool = true,
    initialization: Initialization = .uniformFanIn, isSpectrallyNormalized: Bool = false, using rng: RandomSource
  ) {
    let area = kernel * kernel
    weight = Parameter(
      initialization.weight(
        [outputs, inputs, kernel, kernel], fanIn: inputs * area, fanOut: outputs * area, using: rng))
    self.bias =
      bias ? Parameter(initialization.bias(outputs, fanIn: inputs * area, using: rng)) : nil
    self.stride = stride
    self.padding = padding
    spectralNorm = isSpectrallyNormalized ? SpectralNorm(outputs, using: rng) : nil
  }

  /// `[batch, inputs, h, w]` to `[batch, outputs, (h + 2 padding - kernel) / stride + 1, ...]`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.conv2d(
      weight: spectralNorm?(weight.value) ?? weight.value, bias: bias?.value, stride: stride, padding: padding)
  }
}

/// The transpose of `Conv2d`: grows its input by `stride`.
public final class ConvTranspose2d: Module {
  /// Shape `[inputs, outputs, kernel, kernel]`.
  public let weight: Parameter
  /// Shape `[outputs]`.
  public let bias: Parameter?
  private let stride: Int
  private let padding: Int
  private let outputPadding: Int

  /// - Parameter outputPadding: what is added to the size of the result, as strides leave it open.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
    outputPadding: Int = 0, bias: Bool = true, initialization: Initialization = .uniformFanIn,
    using rng: RandomSource
  ) {
    // PyTorch counts the fan over axis 1 of the weight, here the outputs.
    let fanIn = outputs * kernel * kernel
    weight = Parameter(
      initialization.weight(
        [inputs, outputs, kernel, kernel], fanIn: fanIn, fanOut: inputs * kernel * kernel, using: rng))
    self.bias = bias ? Parameter(initialization.bias(outputs, fanIn: fanIn, using: rng)) : nil
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
  }

  /// `[batch, inputs, h, w]` to `[batch, outputs, (h - 1) stride - 2 padding + kernel + outputPadding, ...]`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.convTranspose2d(
      weight: weight.value, bias: bias?.value, stride: stride, padding: padding,
      outputPadding: outputPadding)
  }
}

extension Tensor {
  /// In a step of training a share of the numbers becomes 0 and the others grow, so that the mean stays; in use nothing
  /// changes. Srivastava et al. 2014.
  ///
  /// - Parameter share: the part that is dropped, from 0 to below 1.
  public func droppedOut(_ share: Double) -> Tensor {
    precondition((0..<1).contains(share), "droppedOut: expected a share from 0 to below 1, got \(share)")
    guard share > 0, let rng = TrainingMode.rng else { return self }
    let kept = rng.bernoulli(.full(shape, 1 - share, dtype: dtype, device: device), rows: 0)
    return self * (kept / (1 - share))
  }
}

/// Batch normalization over axis 1. Ioffe & Szegedy 2015, Algorithm 1.
///
/// In `TrainingMode` it uses the batch's moments and moves the running ones by `momentum`; else the running ones.
public final class BatchNorm: Module {
  /// The scale gamma, `[features]`.
  public let weight: Parameter
  /// The shift beta, `[features]`.
  public let bias: Parameter
  /// The running mean, `[features]`.
  public let mean: Buffer
  /// The running unbiased variance, `[features]`.
  public let variance: Buffer
  private let momentum: Double
  private let epsilon: Double

  /// - Parameters:
  ///   - features: the length of axis 1.
  ///   - momentum: the weight of a batch in the running moments.
  ///   - epsilon: added to the variance.
  public init(_ features: Int, momentum: Double = 0.1, epsilon: Double = 1e-5, device: Device = .cpu) {
    weight = Parameter(.ones([features], device: device))
    bias = Parameter(.zeros([features], device: device))
    mean = Buffer(.zeros([features], device: device))
    variance = Buffer(.ones([features], device: device))
    self.momentum = momentum
    self.epsilon = epsilon
  }

  /// The same shape as `x`, `[batch, features, ...]`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    if TrainingMode.isOn, x.count == weight.value.count {
      tensorFailure("BatchNorm", "expected more than one value per feature in training, got shape \(x.shape)")
      return x
    }
    if TrainingMode.isOn, let peers = Peers.current, peers.sharesNorms { return normalizedTogether(x, peers) }
    return x.batchNorm(
      weight: weight.value, bias: bias.value, mean: mean.value, variance: variance.value,
      training: TrainingMode.isOn, momentum: TrainingMode.share ?? momentum, epsilon: epsilon)
  }

  /// The same by the moments of the whole batch, of which each process has its rows.
  private func normalizedTogether(_ x: Tensor, _ peers: Peers) -> Tensor {
    let features = weight.value.count
    func moment(_ values: Tensor) -> Tensor {
      // [batch, features, rest] to [features]; all processes have equally many values.
      Peers.mean(values.inFloat().reshaped([x.size(0), features, -1]).mean(0, 2))
    }
    let along = [1, features] + [Int](repeating: 1, count: x.rank - 2)
    func spread(_ values: Tensor) -> Tensor { values.reshaped(along) }
    let mean = moment(x)
    let centred = x.inFloat() - spread(mean)
    let variance = moment(centred.square())
    withoutGradients {
      let momentum = TrainingMode.share ?? momentum
      let count = Double(peers.count * x.count / features)
      for (running, new) in [(self.mean, mean), (self.variance, variance * (count / (count - 1)))] {
        running.value.copyInPlace(running.value * (1 - momentum) + new * momentum)
      }
    }
    return centred * spread((variance + epsilon).pow(-0.5) * weight.value) + spread(bias.value)
  }
}
