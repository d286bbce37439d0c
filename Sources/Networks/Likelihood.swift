import Probability
import Torch

/// Where the scale of a continuous observation comes from.
public enum ObservationScale: Sendable, Equatable {
  /// Known and the same for every dimension.
  case fixed(Double)
  /// One number, learned.
  case shared
  /// One number per dimension, learned.
  case perDimension
  /// A second output of the network for every dimension.
  case predicted
}

/// The family of p(x|z).
public enum Observation: Sendable, Equatable {
  /// Pixels in {0, 1} by their logits.
  case bernoulli
  /// Real numbers with Gaussian noise.
  case gaussian(ObservationScale)
  /// Pixels in 0, 1/(levels - 1), ..., 1 by a discretized logistic.
  case discretizedLogistic(ObservationScale, levels: Int)
  /// Numbers 0, 1/(levels - 1), ..., 1 with a probability each.
  case categorical(levels: Int)

  /// Where the scale comes from, for the families that have one.
  public var scale: ObservationScale? {
    switch self {
    case .bernoulli, .categorical: nil
    case .gaussian(let scale), .discretizedLogistic(let scale, _): scale
    }
  }

  /// Outputs of the network for each dimension of x.
  public var outputsPerDimension: Int {
    if case .categorical(let levels) = self { return levels }
    return scale == .predicted ? 2 : 1
  }
}

/// p(x|z): a network whose outputs are the parameters of the observations.
public final class Likelihood: Conditional, ObservationModel {
  private let network: any Network
  private let output: Linear?
  private let logScale: Parameter?
  /// The family.
  public let observation: Observation
  /// The shape of one x.
  public let shape: [Int]

  /// - Parameters:
  ///   - network: from z to features, or to an image of `outputsPerDimension` times x's channels.
  ///   - shape: the shape of one x. Features get an affine layer to it, even if they are as many: they may lie
  ///     behind a nonlinearity. An image of the right shape is taken as it is.
  public init(
    _ network: any Network, _ observation: Observation, shape: [Int],
    initialization: Initialization = .uniformFanIn, using rng: RandomSource
  ) {
    self.network = network
    self.observation = observation
    self.shape = shape
    let factor = observation.outputsPerDimension
    let wanted = [shape[0] * factor] + shape.dropFirst()
    output =
      shape.count > 1 && network.outputShape == wanted
      ? nil
      : Linear(
        network.outputShape.reduce(1, *), shape.reduce(1, *) * factor,
        initialization: initialization, using: rng)
    logScale =
      switch observation.scale {
      case .shared: Parameter(.full([], Self.startLogScale, device: rng.device))
      case .perDimension: Parameter(.full(shape, Self.startLogScale, device: rng.device))
      case .fixed, .predicted, nil: nil
      }
  }

  /// A learned scale starts at e^-2, a seventh of the pixels' range.
  private static let startLogScale = -2.0

  /// The family and the network in one line.
  public var summary: String {
    let end = output == nil ? "" : "-\(shape.reduce(1, *) * observation.outputsPerDimension)"
    return "\(observation.name), \(network.summary)\(end)"
  }

  public func callAsFunction(_ z: Tensor) -> any Distribution {
    let batch = Array(z.shape.dropLast())
    let h = network(z)
    let raw = (output.map { $0(h) } ?? h).inFloat()
    let parameters = raw.reshaped(batch + [shape[0] * observation.outputsPerDimension] + shape.dropFirst())
    let eventRank = shape.count
    switch observation {
    case .bernoulli:
      return Bernoulli(logits: parameters, eventRank: eventRank)
    case .gaussian:
      let (mean, logScale) = scaled(parameters)
      return DiagonalGaussian(mean: mean, logScale: logScale, eventRank: eventRank)
    case .discretizedLogistic(_, let levels):
      let (location, logScale) = scaled(parameters)
      return DiscretizedLogistic(
        location: location, logScale: logScale, levels: levels, eventRank: eventRank)
    case .categorical(let levels):
      return CategoricalLevels(
        logits: parameters.reshaped(batch + [shape[0], levels] + shape.dropFirst()), eventRank: eventRank)
    }
  }

  /// The location and the log scale that `observation.scale` asks for.
  private func scaled(_ parameters: Tensor) -> (location: Tensor, logScale: Tensor) {
    switch observation.scale {
    case .predicted:
      let halves = parameters.split(2, axis: -shape.count)
      return (halves[0], halves[1])
    case .fixed(let scale):
      return (parameters, Tensor(scale, dtype: parameters.dtype, device: parameters.device).log())
    case .shared, .perDimension, nil:
      return (parameters, logScale!.value)
    }
  }
}

extension Observation {
  /// The family's name as `describe` prints it.
  public var name: String {
    switch self {
    case .bernoulli: "Bernoulli"
    case .gaussian(let scale): "Gaussian (\(scale.name))"
    case .discretizedLogistic(let scale, let levels): "discretized logistic (\(levels) levels, \(scale.name))"
    case .categorical(let levels): "categorical (\(levels) levels)"
    }
  }
}

extension ObservationScale {
  var name: String {
    switch self {
    case .fixed(let scale): "scale \(scale)"
    case .shared: "one learned scale"
    case .perDimension: "a learned scale per dimension"
    case .predicted: "predicted scale"
    }
  }
}
