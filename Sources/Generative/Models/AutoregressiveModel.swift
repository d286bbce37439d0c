import Datasets
import Networks
import Probability
import Torch

/// A density model of images without codes: an autoregressive network alone, trained by maximum likelihood.
///
/// van den Oord et al. 2016 (Pixel Recurrent Neural Networks), Eq. 1.
public final class AutoregressiveModel: Game, Distribution, Generator {
  private let network: any AutoregressiveNetwork
  /// The distribution of a pixel.
  public let family: PixelFamily
  private let player: Player

  /// - Parameter network: one without a conditioning, and with the family's number of outputs.
  public init(_ network: any AutoregressiveNetwork, _ family: PixelFamily) {
    precondition(network.conditioning == nil, "AutoregressiveModel: expected a network that is given no code")
    self.network = network
    self.family = family
    player = Player("autoregressive", [network])
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
  public let portrayal = "draws of p(x)"

  public func examples(_ count: Int, as shown: Shown, using rng: RandomSource) -> Tensor { sample([count], using: rng) }

  /// log p(x) itself: there is nothing to bound.
  public var score: Score? { .bound { [self] batch, _ in logProb(batch.x) } }

  public var players: [Player] { [player] }

  public func play(_ table: any Table) throws {
    try table.move(player, Loss(-logProb(table.batch(.main).x)))
  }
}

extension AutoregressiveModel: Described {
  public var card: ModelCard {
    ModelCard(
      conditionals: [.init("p", ["x"], "product over i of p(x_i|x_<i): \(family.name), \(network.summary)")],
      players: [.init("autoregressive", "-log p(x)")],
      parameterCount: parameterCount)
  }
}
