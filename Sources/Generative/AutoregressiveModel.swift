import Datasets
import Networks
import Probability
import Torch

/// A density model of images without codes: an autoregressive network alone, trained by maximum likelihood.
///
/// van den Oord et al. 2016 (Pixel Recurrent Neural Networks), Eq. 1.
public final class AutoregressiveModel: Trainable, Distribution {
  private let network: any AutoregressiveNetwork
  /// The distribution of a pixel.
  public let family: PixelFamily

  /// - Parameter network: one without a conditioning, and with the family's number of outputs.
  public init(_ network: any AutoregressiveNetwork, _ family: PixelFamily) {
    precondition(network.conditioning == nil, "AutoregressiveModel: expected a network that is given no code")
    self.network = network
    self.family = family
  }

  /// p(x).
  public var distribution: AutoregressiveImage { AutoregressiveImage(network, family) }
  /// The shape of one image.
  public var exampleShape: [Int] { network.imageShape }

  /// - Parameter value: images in [0, 1], `batch + [channels, h, w]`.
  /// - Returns: nats per image, `batch`.
  public func logProb(_ value: Tensor) -> Tensor { distribution.logProb(value) }
  public func sample(_ count: [Int], using rng: RandomSource) -> Tensor { distribution.sample(count, using: rng) }
  /// What `AutoregressiveImage.mean` is.
  public var mean: Tensor { distribution.mean }
  public var isShownByDraw: Bool { true }

  /// log p(x) itself: there is nothing to bound.
  public func bound(_ batch: Batch, using rng: RandomSource) -> Tensor { logProb(batch.x) }

  public var moves: [Move] {
    [Move([Player("autoregressive", namedParameters)]) { [self] batch, _ in [Loss(-logProb(batch.x))] }]
  }
}

extension AutoregressiveModel: Described {
  public var card: ModelCard {
    ModelCard(
      conditionals: [.init("p(x)", "product over i of p(x_i|x_<i): \(family.name), \(network.summary)")],
      players: [.init("autoregressive", "-log p(x)")],
      parameterCount: parameterCount)
  }
}
