import Torch

/// A mixture of logistics for every pixel, collected into 256 bins: the likelihood of PixelCNN++.
///
/// Values are 2 i / 255 - 1 for i = 0...255; -1 and 1 take the tails. In colour, one component is chosen for all three
/// channels, and the centre of green moves with red, that of blue with red and green. Salimans et al. 2017,
/// Eqs. 2 and 3. Bins are exact differences of the distribution function; the authors' code puts a density times the
/// width where a difference is below 1e-5.
public struct DiscretizedLogisticMixture: Sampler, Density {
  /// 1 or 3.
  public let channels: Int
  /// log probabilities of the components, `batch + [mixtures, h, w]`.
  private let logWeights: Tensor
  /// Centres and log scales, `batch + [channels, mixtures, h, w]`.
  private let centres: Tensor
  private let logScales: Tensor
  /// How red moves green, red moves blue and green moves blue, each `batch + [mixtures, h, w]`; none in grey.
  private let coefficients: [Tensor]

  /// Beyond this a value is -1 or 1, and its bin takes the tail.
  private static let edge = 0.999
  /// Half of a bin.
  private static let half = 1 / 255.0

  /// - Parameter parameters: `batch + [p, h, w]`: logits of the m components; then, channel by channel, m centres, m
  ///   log scales and, in colour, m coefficients before their tanh. p is 3 m in grey, 10 m in colour.
  public init(parameters: Tensor, channels: Int, mixtures: Int) {
    let perChannel = channels == 1 ? 2 : 3
    let shape = parameters.shape
    precondition(
      (channels == 1 || channels == 3) && shape.count >= 3
        && shape[shape.count - 3] == mixtures * (1 + channels * perChannel),
      "DiscretizedLogisticMixture: expected \(mixtures * (1 + channels * perChannel)) maps for \(mixtures) "
        + "components and \(channels) channels, got \(shape)")
    let axis = shape.count - 3
    self.channels = channels
    logWeights = parameters.narrowed(axis, 0..<mixtures).logSoftmax(-3)
    func map(_ channel: Int, _ index: Int) -> Tensor {
      let start = mixtures * (1 + channel * perChannel + index)
      return parameters.narrowed(axis, start..<start + mixtures)
    }
    centres = Tensor.stacked((0..<channels).map { map($0, 0) }, axis: axis)
    logScales = Tensor.stacked((0..<channels).map { map($0, 1) }, axis: axis).flooredLogScale()
    coefficients = channels == 3 ? (0..<3).map { map($0, 2).tanh() } : []
  }

  /// The centre of a channel, given the channels before it, `[..., mixtures, h, w]`.
  private func centre(_ channel: Int, given before: [Tensor]) -> Tensor {
    let own = centres.at(channel, axis: centres.rank - 4)
    switch channel {
    case 0: return own
    case 1: return own + coefficients[0] * before[0]
    default: return own + coefficients[1] * before[0] + coefficients[2] * before[1]
    }
  }

  /// - Parameter value: `count + batch + [channels, h, w]`, numbers on the grid.
  public func logProb(_ value: Tensor) -> Tensor {
    var total = logWeights
    var before: [Tensor] = []
    for channel in 0..<channels {
      let x = value.at(channel, axis: value.rank - 3).unsqueezed(-3)  // [..., 1, h, w]
      let inverseScale = (-logScales.at(channel, axis: logScales.rank - 4)).exp()
      let offset = x - centre(channel, given: before)
      let upper = (offset + Self.half) * inverseScale
      let lower = (offset - Self.half) * inverseScale
      // sigmoid(a) - sigmoid(b) = sigmoid(a) sigmoid(-b) (1 - e^(b - a)), without cancellation.
      let inner = upper.logSigmoid() + (-lower).logSigmoid() + (-(inverseScale * (-2 * Self.half)).expm1()).log()
      let isLast = x .> Self.edge
      total = total + (x .< -Self.edge).select(upper.logSigmoid(), isLast.select((-lower).logSigmoid(), inner))
      before.append(x)
    }
    return total.logSumExp(-3).sumLast(2)
  }

  /// Values on the grid, `count + batch + [channels, h, w]`.
  public func sample(_ count: [Int], using rng: RandomSource) -> Tensor {
    withoutGradients {
      var shape = count + logWeights.shape
      let components = rng.uniform(shape, dtype: logWeights.dtype, rows: -4)
      shape[shape.count - 3] = 1
      return draw(components, (0..<channels).map { _ in rng.uniform(shape, dtype: logWeights.dtype, rows: -4) })
    }
  }

  /// Values that are a function of uniform numbers.
  ///
  /// - Parameters:
  ///   - components: choose the component, `count + batch + [mixtures, h, w]`.
  ///   - values: place the value in it, `count + batch + [1, h, w]` for every channel.
  public func draw(_ components: Tensor, _ values: [Tensor]) -> Tensor {
    func inside(_ u: Tensor) -> Tensor { u.clamped(Self.leastUniform, 1 - Self.leastUniform) }
    let noisy = logWeights - (-inside(components).log()).log()
    let isChosen = noisy .== noisy.max(-3, keepAxes: true)
    let zero = Tensor(0, dtype: logWeights.dtype, device: logWeights.device)
    func chosen(_ x: Tensor) -> Tensor { isChosen.select(x, zero).sum(-3, keepAxes: true) }
    var before: [Tensor] = []
    for channel in 0..<channels {
      let u = inside(values[channel])
      let scale = chosen(logScales.at(channel, axis: logScales.rank - 4)).exp()
      let x = chosen(centre(channel, given: before)) + scale * (u.log() - (1 - u).log())
      before.append(((x + 1) / (2 * Self.half)).round().clamped(0, 255) * (2 * Self.half) - 1)
    }
    return Tensor.concatenated(before, axis: before[0].rank - 3)
  }

  /// Keeps the logarithms of uniform numbers finite in float32.
  private static let leastUniform = 1e-7

  /// The centres of the components, each limited to [-1, 1], averaged by their weights, channel after channel, each
  /// given the averages of those before: `batch + [channels, h, w]`. The expectation, but for tails and rounding.
  public var centre: Tensor {
    let weights = logWeights.exp()
    var before: [Tensor] = []
    for channel in 0..<channels {
      before.append((centre(channel, given: before).clamped(-1, 1) * weights).sum(-3, keepAxes: true))
    }
    return Tensor.concatenated(before, axis: before[0].rank - 3)
  }
}
