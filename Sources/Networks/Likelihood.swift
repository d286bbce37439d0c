import Probability
import Torch

/// p(x|z): a module that, given codes, is a distribution over examples.
///
/// To conform, return the distribution and say what shape an x has. `NetworkLikelihood` makes one of any network;
/// `AutoregressiveLikelihood` is made of a network that sees the pixels before each pixel too.
public protocol Likelihood: Conditional, Summarized where Input == Tensor, Output == any Distribution {
  /// The shape of one x.
  var shape: [Int] { get }
}

/// p(x|z) by a network whose outputs are the parameters of a family of distributions.
public final class NetworkLikelihood: Likelihood {
  private let network: any Network
  private let output: Linear?
  private let logScale: Parameter?
  /// The family.
  public let family: LikelihoodFamily
  /// The shape of one x.
  public let shape: [Int]

  /// - Parameters:
  ///   - network: from z to features, or to an image of `outputsPerDimension` times x's channels.
  ///   - shape: the shape of one x. Features get an affine layer to it, even if they are as many: they may lie
  ///     behind a nonlinearity. An image of the right shape is taken as it is.
  public init(
    _ network: any Network, _ family: LikelihoodFamily, shape: [Int],
    initialization: Initialization = .uniformFanIn, using rng: RandomSource
  ) {
    self.network = network
    self.family = family
    self.shape = shape
    let factor = family.outputsPerDimension
    let wanted = [shape[0] * factor] + shape.dropFirst()
    output =
      shape.count > 1 && network.outputShape == wanted
      ? nil
      : Linear(
        network.outputShape.reduce(1, *), shape.reduce(1, *) * factor,
        initialization: initialization, using: rng)
    logScale =
      switch family.scale {
      case .shared: Parameter(.full([], Self.startLogScale, device: rng.device))
      case .perDimension: Parameter(.full(shape, Self.startLogScale, device: rng.device))
      case .fixed, .predicted, nil: nil
      }
  }

  /// A learned scale starts at e^-2, a seventh of the pixels' range.
  private static let startLogScale = -2.0

  /// Whether its parameters are an affine map of its input alone.
  public var isAffine: Bool { (network as? MLP)?.layers.isEmpty ?? false }

  /// The family and the network in one line.
  public var summary: String {
    let end = output == nil ? "" : "-\(shape.reduce(1, *) * family.outputsPerDimension)"
    return "\(family.name), \(network.summary)\(end)"
  }

  public func callAsFunction(_ z: Tensor) -> any Distribution {
    let batch = Array(z.shape.dropLast())
    let h = network(z)
    let raw = (output.map { $0(h) } ?? h).inFloat()
    let wanted = batch + [shape[0] * family.outputsPerDimension] + shape.dropFirst()
    let parameters = raw.reshaped(wanted)  // [..., channels * outputs, h, w]
    let eventRank = shape.count
    switch family {
    case .bernoulli:
      return Bernoulli(logits: parameters, eventRank: eventRank)
    case .gaussian(_, let mean, let floor):
      let (outputs, logScale) = scaled(parameters, floor: floor)
      return DiagonalGaussian(mean: mean(outputs), logScale: logScale, eventRank: eventRank)
    case .discretizedLogistic(_, let levels):
      let (location, logScale) = scaled(parameters)
      return DiscretizedLogistic(
        location: location, logScale: logScale, levels: levels, eventRank: eventRank)
    case .categorical(let levels):
      let logits = parameters.reshaped(batch + [shape[0], levels] + shape.dropFirst())  // [..., channels, levels, h, w]
      return CategoricalLevels(logits: logits, eventRank: eventRank)
    }
  }

  /// The location and the log scale that `family.scale` asks for; one that is predicted or learned has a floor.
  private func scaled(_ parameters: Tensor, floor: Double? = nil) -> (location: Tensor, logScale: Tensor) {
    func floored(_ raw: Tensor) -> Tensor { floor.map { raw.logScale(aboveVariance: $0) } ?? raw.flooredLogScale() }
    switch family.scale {
    case .predicted:
      let halves = parameters.split(2, axis: -shape.count)  // each [...] + shape
      return (halves[0], floored(halves[1]))
    case .fixed(let scale):
      return (parameters, Tensor(scale, dtype: parameters.dtype, device: parameters.device).log())
    case .shared, .perDimension, nil:
      return (parameters, floored(logScale!.value))
    }
  }
}
