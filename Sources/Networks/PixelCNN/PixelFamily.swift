import Probability
import Torch

/// The distribution of one pixel given those before it. Pixels are numbers in [0, 1].
public enum PixelFamily: Sendable, Equatable {
  /// 0 or 1, the channels of a pixel independent of each other.
  case bernoulli
  /// 0, 1/(levels - 1), ..., 1 with a probability each, the channels of a pixel independent of each other.
  case categorical(levels: Int)
  /// 0, 1/255, ..., 1 by a mixture of logistics in which red moves green, and both move blue. Salimans et al. 2017.
  case logisticMixture(mixtures: Int)

  /// Numbers that make the distribution of one pixel.
  public func outputs(channels: Int) -> Int {
    switch self {
    case .bernoulli: channels
    case .categorical(let levels): channels * levels
    case .logisticMixture(let mixtures): mixtures * (1 + channels * (channels == 1 ? 2 : 3))
    }
  }

  /// Uniform numbers behind one pixel.
  func noises(channels: Int) -> Int {
    switch self {
    case .bernoulli, .categorical: channels
    case .logisticMixture(let mixtures): mixtures + channels
    }
  }

  /// The family's name as `describe` prints it.
  public var name: String {
    switch self {
    case .bernoulli: "Bernoulli"
    case .categorical(let levels): "categorical (\(levels) levels)"
    case .logisticMixture(let mixtures): "mixture of \(mixtures) discretized logistics"
    }
  }

  /// Images on the values that pixels can take, nearest first; the network is shown nothing finer than what is scored.
  func quantized(_ x: Tensor) -> Tensor {
    guard case .categorical(let levels) = self else { return x }
    return (x * Double(levels - 1)).round() / Double(levels - 1)
  }

  /// The log probability of images `[n, channels, h, w]` given `[n, outputs, h, w]`: nats, `[n]`.
  func logProb(_ parameters: Tensor, _ x: Tensor) -> Tensor {
    switch self {
    case .bernoulli: return Bernoulli(logits: parameters, eventRank: 3).logProb(x)
    case .categorical: return byLevel(parameters, channels: x.size(1)).logProb(x)
    case .logisticMixture: return mixture(parameters, channels: x.size(1)).logProb(x * 2 - 1)
    }
  }

  /// One pixel, `[n, channels]`: a function of its parameters `[n, outputs]` and uniform numbers `[n, noises]`.
  func draw(_ parameters: Tensor, _ noise: Tensor, channels: Int) -> Tensor {
    switch self {
    case .bernoulli: return noise.isLess(than: parameters.sigmoid(), as: parameters.dtype)
    case .categorical: return byLevel(parameters, channels: channels).draw(noise)
    case .logisticMixture(let mixtures):
      let noise = noise.reshaped(noise.shape + [1, 1])  // [n, noises, 1, 1]
      let values = (mixtures..<mixtures + channels).map { noise.narrowed(1, $0..<$0 + 1) }  // each [n, 1, 1, 1]
      let x = mixture(parameters.reshaped(parameters.shape + [1, 1]), channels: channels)
        .draw(noise.narrowed(1, 0..<mixtures), values)  // [n, channels, 1, 1]
      return (x.flattened(from: 1) + 1) / 2  // [n, channels]
    }
  }

  /// The expectation of one pixel, `[n, channels]`; of a mixture, of its centres.
  func mean(_ parameters: Tensor, channels: Int) -> Tensor {
    switch self {
    case .bernoulli: return parameters.sigmoid()
    case .categorical: return byLevel(parameters, channels: channels).mean
    case .logisticMixture:
      let x = mixture(parameters.reshaped(parameters.shape + [1, 1]), channels: channels).centre  // [n, channels, 1, 1]
      return (x.flattened(from: 1) + 1) / 2  // [n, channels]
    }
  }

  /// The channels and places of one event in `[n, channels x levels, ...]`.
  private func byLevel(_ parameters: Tensor, channels: Int) -> CategoricalLevels {
    let shape = [parameters.size(0), channels, -1] + parameters.shape.dropFirst(2)
    let logits = parameters.reshaped(shape)  // [n, channels, levels, ...]
    return CategoricalLevels(logits: logits, eventRank: parameters.rank - 1)
  }

  private func mixture(_ parameters: Tensor, channels: Int) -> DiscretizedLogisticMixture {
    guard case .logisticMixture(let mixtures) = self else { preconditionFailure("PixelFamily: \(self) has no mixture") }
    return DiscretizedLogisticMixture(parameters: parameters, channels: channels, mixtures: mixtures)
  }
}
